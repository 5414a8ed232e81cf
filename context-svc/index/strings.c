#include "context-svc/index/strings.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/hash.h"
#include "common/base/memory.h"
#include "context-svc/index/table.h"

struct string_row {
    const char *data;
    uint32_t length;
    uint32_t hash;
};

struct index_string_bytes {
    _Atomic uint32_t references;
    struct arena arena;
};

struct index_string_slots {
    _Atomic uint32_t references;
    uint32_t mask;
    _Atomic uint32_t numbers[]; /* 0: free */
};

struct index_strings {
    struct index_string_bytes *bytes;
    struct index_string_slots *slots;
    struct index_table rows; /* row 0 is the empty name */
};

static void
bytes_unref(struct index_string_bytes *bytes)
{
    if (!bytes || atomic_fetch_sub_explicit(&bytes->references, 1, memory_order_acq_rel) != 1)
        return;
    arena_release(&bytes->arena);
    free(bytes);
}

static struct index_string_slots *
slots_create(uint32_t count)
{
    struct index_string_slots *slots = memory_new(sizeof *slots + count * sizeof(_Atomic uint32_t));
    atomic_init(&slots->references, 1);
    slots->mask = count - 1;
    return slots;
}

static void
slots_unref(struct index_string_slots *slots)
{
    if (slots && atomic_fetch_sub_explicit(&slots->references, 1, memory_order_acq_rel) == 1)
        free(slots);
}

struct index_strings *
index_strings_create(void)
{
    struct index_strings *self = memory_new(sizeof *self);
    self->bytes = memory_new(sizeof *self->bytes);
    atomic_init(&self->bytes->references, 1);
    arena_init(&self->bytes->arena, SIZE_MAX);
    self->slots = slots_create(64);
    index_table_init(&self->rows, sizeof(struct string_row));
    index_table_append(&self->rows);
    return self;
}

void
index_strings_destroy(struct index_strings **self_p)
{
    struct index_strings *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    index_table_release(&self->rows);
    slots_unref(self->slots);
    bytes_unref(self->bytes);
    free(self);
}

static uint32_t
hash_of(struct text name)
{
    uint64_t hash = hash_fnv1a(name);
    return (uint32_t)(hash ^ (hash >> 32));
}

/* Readers may walk the slots meanwhile. They pass over numbers they have not been told of, so the
 * row behind a number need not be visible together with it. */
static void
enter(struct index_string_slots *slots, uint32_t hash, uint32_t number)
{
    uint32_t at = hash & slots->mask;
    while (atomic_load_explicit(&slots->numbers[at], memory_order_relaxed))
        at = (at + 1) & slots->mask;
    atomic_store_explicit(&slots->numbers[at], number, memory_order_relaxed);
}

static void
widen(struct index_strings *self)
{
    struct index_string_slots *wide = slots_create((self->slots->mask + 1) * 2);
    for (uint32_t number = 1; number < self->rows.count; number++) {
        const struct string_row *row = index_table_at(&self->rows, number);
        enter(wide, row->hash, number);
    }
    slots_unref(self->slots);
    self->slots = wide;
}

uint32_t
index_strings_intern(struct index_strings *self, struct text name)
{
    struct index_names now = {
        .slots = self->slots, .rows = self->rows.directory, .count = self->rows.count};
    uint32_t number = index_names_find(&now, name);
    if (number != index_string_none)
        return number;
    if (self->rows.count * 2 > self->slots->mask)
        widen(self);
    number = self->rows.count;
    struct string_row *row = index_table_append(&self->rows);
    *row = (struct string_row){
        arena_copy(&self->bytes->arena, name), (uint32_t)name.length, hash_of(name)};
    index_table_enliven(&self->rows, number);
    enter(self->slots, row->hash, number);
    return number;
}

struct index_names
index_strings_share(struct index_strings *self)
{
    atomic_fetch_add_explicit(&self->bytes->references, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&self->slots->references, 1, memory_order_relaxed);
    return (struct index_names){
        .bytes = self->bytes,
        .slots = self->slots,
        .rows = index_table_share(&self->rows),
        .count = self->rows.count,
    };
}

void
index_names_release(struct index_names *self)
{
    index_directory_unref(&self->rows);
    slots_unref(self->slots);
    bytes_unref(self->bytes);
    *self = (struct index_names){0};
}

uint32_t
index_names_find(const struct index_names *self, struct text name)
{
    if (!name.length)
        return 0;
    uint32_t hash = hash_of(name);
    const struct index_string_slots *slots = self->slots;
    for (uint32_t at = hash & slots->mask;; at = (at + 1) & slots->mask) {
        uint32_t number = atomic_load_explicit(&slots->numbers[at], memory_order_relaxed);
        if (!number)
            return index_string_none;
        if (number >= self->count)
            continue;
        const struct string_row *row =
            index_directory_at(self->rows, sizeof(struct string_row), number);
        if (row && row->hash == hash && text_equals(text_from(row->data, row->length), name))
            return number;
    }
}
