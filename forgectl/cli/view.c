#include "forgectl/cli/view.h"

#include <string.h>

static const struct text absent = {NULL, 0};

static struct text
direct_member(struct text object, struct text key)
{
    struct view_walk walk;
    view_walk_begin(&walk, object);
    while (walk.is_object && view_walk_next(&walk))
        if (text_equals(walk.key, key))
            return walk.value;
    return absent;
}

struct text
view_member(struct text object, const char *path)
{
    struct text at = object;
    for (;;) {
        size_t length = strcspn(path, ".");
        at = direct_member(at, text_from(path, length));
        if (at.data == NULL || path[length] == '\0')
            return at;
        path += length + 1;
    }
}

struct text
view_first(struct text object, const char *const *paths)
{
    for (size_t i = 0; paths[i] != NULL; i++) {
        struct text found = view_member(object, paths[i]);
        if (found.data != NULL)
            return found;
    }
    return absent;
}

enum json_type
view_type(struct text raw)
{
    if (raw.length == 0)
        return JSON_INVALID;
    struct json_reader reader;
    json_reader_init(&reader, raw);
    return json_peek(&reader);
}

struct text
view_string(struct text raw, struct arena *arena)
{
    if (view_type(raw) != JSON_STRING)
        return absent;
    struct json_reader reader;
    json_reader_init(&reader, raw);
    struct text value = absent;
    return json_read_string(&reader, arena, &value) ? value : absent;
}

static struct text
display_array(struct text raw, struct arena *arena)
{
    const char *joined = "";
    struct view_walk walk;
    view_walk_begin(&walk, raw);
    while (view_walk_next(&walk)) {
        enum json_type type = view_type(walk.value);
        struct text item = type == JSON_STRING ? view_string(walk.value, arena) : walk.value;
        joined = arena_format(
            arena, "%s%s%.*s", joined, joined[0] != '\0' ? ", " : "", TEXT_FORMAT(item));
    }
    return text_of(joined);
}

struct text
view_display(struct text raw, struct arena *arena)
{
    switch (view_type(raw)) {
    case JSON_STRING: return view_string(raw, arena);
    case JSON_ARRAY: return display_array(raw, arena);
    case JSON_NULL:
    case JSON_INVALID: return absent;
    default: return raw;
    }
}

void
view_walk_begin(struct view_walk *self, struct text raw)
{
    json_reader_init(&self->reader, raw);
    self->key = absent;
    self->value = absent;
    enum json_type type = raw.length == 0 ? JSON_INVALID : json_peek(&self->reader);
    self->is_object = type == JSON_OBJECT;
    if (type == JSON_OBJECT)
        self->is_open = json_object_begin(&self->reader);
    else
        self->is_open = type == JSON_ARRAY && json_array_begin(&self->reader);
}

bool
view_walk_next(struct view_walk *self)
{
    if (!self->is_open)
        return false;
    self->is_open = self->is_object ? json_object_next(&self->reader, &self->key)
                                    : json_array_next(&self->reader);
    if (self->is_open)
        self->is_open = json_read_raw(&self->reader, &self->value);
    return self->is_open;
}
