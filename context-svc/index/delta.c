#include "context-svc/index/delta.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "context-svc/index/forward.h"

void
index_delta_chunk_unref(struct index_delta_chunk *chunk)
{
    if (!chunk || atomic_fetch_sub_explicit(&chunk->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < INDEX_CHUNK_ROWS; i++)
        free(chunk->units[i].record);
    free(chunk);
}

void
index_delta_release(struct index_delta *self)
{
    for (size_t i = 0; i < self->count; i++)
        index_delta_chunk_unref(self->chunks[i]);
    free(self->chunks);
    *self = (struct index_delta){0};
}

static struct index_delta_chunk *
chunk_of(struct index_delta *self, size_t at)
{
    while (self->count <= at) {
        if (self->count == self->capacity) {
            self->capacity = self->capacity ? self->capacity * 2 : 4;
            self->chunks = memory_resize(self->chunks, self->capacity * sizeof *self->chunks);
        }
        struct index_delta_chunk *chunk = memory_new(sizeof *chunk);
        atomic_init(&chunk->references, 1);
        self->chunks[self->count++] = chunk;
    }
    return self->chunks[at];
}

void
index_delta_add(struct index_delta *self, uint32_t unit, struct text record)
{
    assert(unit >= self->first_unit);
    uint32_t offset = unit - self->first_unit;
    uint32_t place = offset & (INDEX_CHUNK_ROWS - 1);
    struct index_delta_chunk *chunk = chunk_of(self, offset >> INDEX_CHUNK_BITS);
    assert(!chunk->units[place].record);
    chunk->units[place] =
        (struct index_delta_unit){memory_copy(record.data, record.length), (uint32_t)record.length};
    struct index_forward forward;
    bool sound = index_forward_read(record, &forward);
    assert(sound);
    uint64_t *signature = chunk->signatures[place];
    for (uint32_t i = 0; i < forward.count; i++) {
        uint64_t term = index_forward_term(&forward, i);
        signature[(term >> 6) % INDEX_SIGNATURE_WORDS] |= UINT64_C(1) << (term % 64);
    }
}

void
index_delta_truncate(struct index_delta *self, uint32_t unit)
{
    assert(unit >= self->first_unit);
    uint32_t offset = unit - self->first_unit;
    size_t kept = (offset + INDEX_CHUNK_ROWS - 1) >> INDEX_CHUNK_BITS;
    while (self->count > kept)
        index_delta_chunk_unref(self->chunks[--self->count]);
    uint32_t place = offset & (INDEX_CHUNK_ROWS - 1);
    if (!place || self->count < kept)
        return;
    struct index_delta_chunk *last = self->chunks[kept - 1];
    for (; place < INDEX_CHUNK_ROWS; place++) {
        free(last->units[place].record);
        last->units[place] = (struct index_delta_unit){0};
        memset(last->signatures[place], 0, sizeof last->signatures[place]);
    }
}

void
index_delta_drop_first(struct index_delta *self)
{
    self->first_unit += INDEX_CHUNK_ROWS;
    if (!self->count)
        return;
    index_delta_chunk_unref(self->chunks[0]);
    self->count--;
    memmove(self->chunks, self->chunks + 1, self->count * sizeof *self->chunks);
}
