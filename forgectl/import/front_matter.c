#include "forgectl/import/front_matter.h"

#include <string.h>

#include <yaml.h>

#include "forgectl/import/member.h"
#include "forgectl/import/moment.h"

/* A longer block is text that happens to begin with a rule. */
enum { BLOCK_MAX = 64 << 10 };

/* Bytes up to the end of the first line, its end included. */
static size_t
line_size(struct text text)
{
    const char *end = text.length > 0 ? memchr(text.data, '\n', text.length) : NULL;
    return end != NULL ? (size_t)(end - text.data) + 1 : text.length;
}

static struct text
after(struct text text, size_t size)
{
    return text_from(text.data + size, text.length - size);
}

static bool
is_fence(struct text line, bool is_last)
{
    while (line.length > 0 && strchr(" \t\r\n", line.data[line.length - 1]) != NULL)
        line.length--;
    return text_is(line, "---") || (is_last && text_is(line, "..."));
}

/* The block between the fences; false when there is none. */
static bool
find_block(struct text document, struct text *block, struct text *body)
{
    size_t first = line_size(document);
    if (!is_fence(text_from(document.data, first), false))
        return false;
    struct text rest = after(document, first);
    const char *start = rest.data;
    while (rest.length > 0) {
        size_t size = line_size(rest);
        if ((size_t)(rest.data - start) > BLOCK_MAX)
            return false;
        if (is_fence(text_from(rest.data, size), true)) {
            *block = text_from(start, (size_t)(rest.data - start));
            *body = after(rest, size);
            return true;
        }
        rest = after(rest, size);
    }
    return false;
}

static bool
is_scope(struct text value)
{
    return text_is(value, "private") || text_is(value, "project") || text_is(value, "team");
}

static void
apply(struct import_entry *entry, enum import_member member, const char *value, struct arena *arena)
{
    struct text text = text_trim(text_of(value));
    char *moment = NULL;
    switch (member) {
    case MEMBER_TITLE: entry->title = text; break;
    case MEMBER_KIND:
        import_entry_set_kind(entry, text, arena_new(arena, IMPORT_KIND_MAX + 1));
        break;
    case MEMBER_TAGS: import_entry_add_tags(entry, text); break;
    case MEMBER_PROJECT: entry->project = text; break;
    case MEMBER_SCOPE:
        if (is_scope(text))
            entry->scope = text;
        break;
    case MEMBER_CREATED:
    case MEMBER_DATE:
        moment = arena_new(arena, IMPORT_MOMENT_SIZE);
        if (import_moment_of_text(text, moment))
            entry->created_at = text_of(moment);
        break;
    case MEMBER_PINNED: entry->pinned = text_is(text, "true") || text_is(text, "yes"); break;
    case MEMBER_ID:
        import_entry_add_tag(entry, text_of(arena_format(arena, "id:%s", value)));
        break;
    case MEMBER_CONTENT:
    case MEMBER_UNKNOWN: break;
    }
}

struct walk {
    struct import_entry *entry;
    struct arena *arena;
    int depth;
    bool is_value; /* the next node at depth 1 is a value, not a key */
    enum import_member member;
};

static void
take_scalar(struct walk *walk, const yaml_event_t *event)
{
    struct text value = text_from(event->data.scalar.value, event->data.scalar.length);
    if (memchr(value.data, '\0', value.length) != NULL)
        value.length = 0;
    char *copy = arena_copy(walk->arena, value);
    bool is_key = walk->depth == 1 && !walk->is_value;
    if (is_key)
        walk->member = import_member_of(value);
    else if (walk->depth == 1 || (walk->depth == 2 && walk->member == MEMBER_TAGS))
        apply(walk->entry, walk->member, copy, walk->arena);
    if (walk->depth == 1)
        walk->is_value = is_key;
}

/* False when the block is no mapping. */
static bool
take_event(struct walk *walk, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        if (walk->depth == 0)
            return false;
        take_scalar(walk, event);
        break;
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        if (walk->depth == 0 && event->type != YAML_MAPPING_START_EVENT)
            return false;
        walk->depth++;
        break;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        walk->depth--;
        if (walk->depth == 1)
            walk->is_value = !walk->is_value;
        break;
    case YAML_ALIAS_EVENT:
        if (walk->depth == 1)
            walk->is_value = !walk->is_value;
        break;
    default: break;
    }
    return true;
}

static bool
read_block(struct text block, struct walk *walk)
{
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0)
        return false;
    yaml_parser_set_input_string(&parser, (const unsigned char *)block.data, block.length);
    bool is_good = true;
    bool is_done = false;
    while (is_good && !is_done) {
        yaml_event_t event;
        is_good = yaml_parser_parse(&parser, &event) != 0;
        if (!is_good)
            break;
        is_done = event.type == YAML_STREAM_END_EVENT;
        is_good = take_event(walk, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return is_good;
}

struct text
front_matter_read(struct text document, struct arena *arena, struct import_entry *entry)
{
    struct text block = {NULL, 0};
    struct text body = {NULL, 0};
    if (!find_block(document, &block, &body))
        return document;
    struct import_entry filled = *entry;
    struct walk walk = {.entry = &filled, .arena = arena};
    if (block.length > 0 && !read_block(block, &walk))
        return document;
    *entry = filled;
    return body;
}
