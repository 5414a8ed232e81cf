#include "forgectl/import/relations.h"

#include <stdlib.h>

#include "common/base/memory.h"

void
relations_init(struct relations *self, size_t max_bytes)
{
    *self = (struct relations){0};
    arena_init(&self->arena, max_bytes);
}

void
relations_release(struct relations *self)
{
    free(self->items);
    arena_release(&self->arena);
}

static bool
keep(struct relations *self, struct text text, struct text *kept)
{
    char *copy = arena_try(&self->arena, text.length + 1);
    if (copy == NULL)
        return false;
    if (text.length > 0)
        memcpy(copy, text.data, text.length);
    *kept = text_from(copy, text.length);
    return true;
}

bool
relations_add(struct relations *self, struct text from, struct text type, struct text to)
{
    struct relation relation = {.order = self->count};
    if (!keep(self, from, &relation.from) || !keep(self, type, &relation.type) ||
        !keep(self, to, &relation.to))
        return false;
    if (self->count == self->capacity) {
        self->capacity = self->capacity == 0 ? 64 : 2 * self->capacity;
        self->items = memory_resize(self->items, self->capacity * sizeof(*self->items));
    }
    self->items[self->count++] = relation;
    return true;
}

static int
compare_texts(struct text a, struct text b)
{
    size_t length = a.length < b.length ? a.length : b.length;
    int difference = length > 0 ? memcmp(a.data, b.data, length) : 0;
    if (difference != 0)
        return difference;
    return (a.length > b.length) - (a.length < b.length);
}

static int
compare(const void *a_p, const void *b_p)
{
    const struct relation *a = a_p;
    const struct relation *b = b_p;
    int difference = compare_texts(a->from, b->from);
    return difference != 0 ? difference : (a->order > b->order) - (a->order < b->order);
}

void
relations_sort(struct relations *self)
{
    if (self->count > 1)
        qsort(self->items, self->count, sizeof(*self->items), compare);
}

static size_t
first_from(const struct relations *self, struct text from)
{
    size_t low = 0;
    size_t high = self->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_texts(self->items[middle].from, from) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void
write_one(const struct relation *relation, struct buffer *out)
{
    buffer_format(out, "- %.*s ", TEXT_FORMAT(relation->from));
    for (size_t i = 0; i < relation->type.length; i++)
        buffer_add_byte(out, (char)(relation->type.data[i] == '_' ? ' ' : relation->type.data[i]));
    buffer_format(out, " %.*s\n", TEXT_FORMAT(relation->to));
}

bool
relations_write(struct relations *self, struct text from, struct buffer *out)
{
    bool any = false;
    for (size_t i = first_from(self, from);
         i < self->count && text_equals(self->items[i].from, from); i++) {
        write_one(&self->items[i], out);
        self->items[i].is_used = true;
        any = true;
    }
    return any;
}

const struct relation *
relations_unused(const struct relations *self, size_t *at)
{
    while (*at < self->count && self->items[*at].is_used)
        (*at)++;
    return *at < self->count ? &self->items[*at] : NULL;
}
