#include "forgectl/connect/edit.h"

#include "common/json/writer.h"
#include "forgectl/cli/view.h"

static bool
is_blank_byte(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

enum status
edit_check(struct text document, struct problem *problem)
{
    bool is_blank = true;
    for (size_t i = 0; i < document.length && is_blank; i++)
        is_blank = is_blank_byte(document.data[i]);
    if (is_blank)
        return STATUS_OK;
    struct json_reader reader;
    json_reader_init(&reader, document);
    if (json_peek(&reader) != JSON_OBJECT)
        json_fail(&reader, "a JSON object is expected");
    if (json_skip(&reader) && json_reader_end(&reader))
        return STATUS_OK;
    problem_set(
        problem, "%s (byte %zu)", json_reader_problem(&reader), json_reader_offset(&reader) + 1);
    return STATUS_INVALID_ARGUMENT;
}

static void
write_break(struct buffer *out, struct text unit, unsigned depth)
{
    buffer_add_byte(out, '\n');
    for (unsigned i = 0; i < depth; i++)
        buffer_add_text(out, unit);
}

static void
write_key(struct buffer *out, struct text key)
{
    buffer_add_byte(out, '"');
    json_escape(out, key);
    buffer_add_text(out, TEXT("\": "));
}

void
edit_write(struct buffer *out, struct text raw, struct text unit, unsigned depth)
{
    enum json_type type = view_type(raw);
    if (type != JSON_OBJECT && type != JSON_ARRAY) {
        buffer_add_text(out, raw);
        return;
    }
    struct view_walk walk;
    view_walk_begin(&walk, raw);
    bool any = false;
    buffer_add_byte(out, walk.is_object ? '{' : '[');
    while (view_walk_next(&walk)) {
        if (any)
            buffer_add_byte(out, ',');
        any = true;
        write_break(out, unit, depth + 1);
        if (walk.is_object)
            write_key(out, walk.key);
        edit_write(out, walk.value, unit, depth + 1);
    }
    if (any)
        write_break(out, unit, depth);
    buffer_add_byte(out, walk.is_object ? '}' : ']');
}

/* The blanks before the first indented line; two where there is none. */
static struct text
unit_of(struct text document)
{
    for (size_t i = 0; i + 1 < document.length; i++) {
        if (document.data[i] != '\n')
            continue;
        size_t end = i + 1;
        while (end < document.length && (document.data[end] == ' ' || document.data[end] == '\t'))
            end++;
        if (end > i + 1)
            return text_from(document.data + i + 1, end - i - 1);
    }
    return TEXT("  ");
}

/* Puts `text` in the place of document[from, to). */
static void
splice(struct buffer *document, size_t from, size_t to, struct text text)
{
    struct buffer changed = {0};
    buffer_add(&changed, document->data, from);
    buffer_add_text(&changed, text);
    buffer_add(&changed, document->data + to, document->length - to);
    buffer_release(document);
    *document = changed;
}

static bool
is_same(struct text a, struct text b)
{
    CLEANUP(buffer_release) struct buffer a_lines = {0};
    CLEANUP(buffer_release) struct buffer b_lines = {0};
    edit_write(&a_lines, a, TEXT(" "), 0);
    edit_write(&b_lines, b, TEXT(" "), 0);
    return text_equals(buffer_text(&a_lines), buffer_text(&b_lines));
}

/* Adds a last item to the object or array `container`, a part of the document. key: NULL for an
 * array. depth: of the items. */
static void
add_last(struct buffer *document, struct text container, const char *key, struct text value,
    unsigned depth)
{
    struct text unit = unit_of(buffer_text(document));
    const char *last_end = NULL;
    struct view_walk walk;
    view_walk_begin(&walk, container);
    while (view_walk_next(&walk))
        last_end = walk.value.data + walk.value.length;
    CLEANUP(buffer_release) struct buffer item = {0};
    if (last_end != NULL)
        buffer_add_byte(&item, ',');
    write_break(&item, unit, depth);
    if (key != NULL)
        write_key(&item, text_of(key));
    edit_write(&item, value, unit, depth);
    size_t from = (size_t)(container.data - document->data) + 1;
    size_t to = from + container.length - 2;
    if (last_end != NULL)
        from = to = (size_t)(last_end - document->data);
    else
        write_break(&item, unit, depth - 1);
    splice(document, from, to, buffer_text(&item));
}

/* A blank document becomes an empty object. */
static struct text
top_of(struct buffer *document)
{
    struct json_reader reader;
    json_reader_init(&reader, buffer_text(document));
    struct text top = {NULL, 0};
    if (document->length > 0 && json_peek(&reader) == JSON_OBJECT && json_read_raw(&reader, &top))
        return top;
    buffer_clear(document);
    buffer_add_text(document, TEXT("{}\n"));
    return text_from(document->data, 2);
}

enum edit_outcome
edit_set(struct buffer *document, const char *section, const char *name, struct text value)
{
    struct text top = top_of(document);
    struct text inner = view_member(top, section);
    if (inner.data == NULL) {
        CLEANUP(buffer_release) struct buffer object = {0};
        buffer_add_byte(&object, '{');
        write_key(&object, text_of(name));
        buffer_format(&object, "%.*s}", TEXT_FORMAT(value));
        add_last(document, top, section, buffer_text(&object), 1);
        return EDIT_CHANGED;
    }
    if (view_type(inner) != JSON_OBJECT)
        return EDIT_IMPOSSIBLE;
    struct view_walk walk;
    view_walk_begin(&walk, inner);
    while (view_walk_next(&walk)) {
        if (!text_is(walk.key, name))
            continue;
        if (is_same(walk.value, value))
            return EDIT_SAME;
        CLEANUP(buffer_release) struct buffer lines = {0};
        edit_write(&lines, value, unit_of(buffer_text(document)), 2);
        size_t from = (size_t)(walk.value.data - document->data);
        splice(document, from, from + walk.value.length, buffer_text(&lines));
        return EDIT_CHANGED;
    }
    add_last(document, inner, name, value, 2);
    return EDIT_CHANGED;
}

enum edit_outcome
edit_append(struct buffer *document, const char *section, struct text element)
{
    struct text top = top_of(document);
    struct text list = view_member(top, section);
    if (list.data == NULL) {
        CLEANUP(buffer_release) struct buffer array = {0};
        buffer_format(&array, "[%.*s]", TEXT_FORMAT(element));
        add_last(document, top, section, buffer_text(&array), 1);
        return EDIT_CHANGED;
    }
    if (view_type(list) != JSON_ARRAY)
        return EDIT_IMPOSSIBLE;
    struct text id = view_member(element, "id");
    struct view_walk walk;
    view_walk_begin(&walk, list);
    while (view_walk_next(&walk))
        if (text_equals(view_member(walk.value, "id"), id))
            return EDIT_SAME;
    add_last(document, list, NULL, element, 2);
    return EDIT_CHANGED;
}
