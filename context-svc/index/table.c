#include "context-svc/index/table.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

static struct index_chunk *
chunk_create(size_t row_size)
{
    struct index_chunk *chunk = memory_new(sizeof *chunk + INDEX_CHUNK_ROWS * row_size);
    atomic_init(&chunk->references, 1);
    return chunk;
}

static void
chunk_unref(struct index_chunk *chunk)
{
    if (chunk && atomic_fetch_sub_explicit(&chunk->references, 1, memory_order_acq_rel) == 1)
        free(chunk);
}

static size_t
directory_size(size_t count)
{
    return sizeof(struct index_directory) + count * sizeof(struct index_chunk *);
}

static struct index_directory *
directory_create(size_t count)
{
    struct index_directory *directory = memory_new(directory_size(count));
    atomic_init(&directory->references, 1);
    directory->count = count;
    return directory;
}

void
index_directory_unref(struct index_directory **self_p)
{
    struct index_directory *self = *self_p;
    *self_p = NULL;
    if (!self || atomic_fetch_sub_explicit(&self->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < self->count; i++)
        chunk_unref(self->chunks[i]);
    free(self);
}

void
index_table_init(struct index_table *self, size_t row_size)
{
    *self = (struct index_table){.row_size = row_size, .directory = directory_create(0)};
}

void
index_table_release(struct index_table *self)
{
    index_directory_unref(&self->directory);
    self->count = 0;
}

/* A directory of at least `count` entries that no reader holds, so that it can be written to. */
static void
own_directory(struct index_table *self, size_t count)
{
    struct index_directory *old = self->directory;
    size_t old_count = old->count;
    count = count > old_count ? count : old_count;
    if (atomic_load_explicit(&old->references, memory_order_acquire) == 1) {
        self->directory = memory_resize(old, directory_size(count));
        memset(self->directory->chunks + old_count, 0,
            (count - old_count) * sizeof(struct index_chunk *));
        self->directory->count = count;
        return;
    }
    struct index_directory *fresh = directory_create(count);
    for (size_t i = 0; i < old_count; i++) {
        struct index_chunk *chunk = old->chunks[i];
        bool settled = (i + 1) << INDEX_CHUNK_BITS <= self->settled;
        if (!chunk || (settled && !chunk->live))
            continue;
        atomic_fetch_add_explicit(&chunk->references, 1, memory_order_relaxed);
        fresh->chunks[i] = chunk;
    }
    index_directory_unref(&self->directory);
    self->directory = fresh;
}

void *
index_table_place(struct index_table *self, uint32_t row)
{
    assert(row >= self->count);
    size_t at = row >> INDEX_CHUNK_BITS;
    if (at >= self->directory->count || !self->directory->chunks[at]) {
        own_directory(self, at + 1);
        self->directory->chunks[at] = chunk_create(self->row_size);
    }
    self->count = row + 1;
    unsigned char *rows = (unsigned char *)self->directory->chunks[at]->rows;
    void *place = rows + (row & (INDEX_CHUNK_ROWS - 1)) * self->row_size;
    return memset(place, 0, self->row_size);
}

void *
index_table_append(struct index_table *self)
{
    return index_table_place(self, self->count);
}

void
index_table_settle(struct index_table *self, uint32_t count)
{
    if (count > self->count) {
        own_directory(self, ((size_t)count + INDEX_CHUNK_ROWS - 1) >> INDEX_CHUNK_BITS);
        self->count = count;
    }
    self->settled = self->count;
}

void
index_table_truncate(struct index_table *self, uint32_t count)
{
    assert(count <= self->count && count >= self->settled);
    self->count = count;
}

void *
index_table_at(const struct index_table *self, uint32_t row)
{
    assert(row < self->count);
    struct index_chunk *chunk = self->directory->chunks[row >> INDEX_CHUNK_BITS];
    if (!chunk)
        return NULL;
    return (unsigned char *)chunk->rows + (row & (INDEX_CHUNK_ROWS - 1)) * self->row_size;
}

void
index_table_enliven(struct index_table *self, uint32_t row)
{
    self->directory->chunks[row >> INDEX_CHUNK_BITS]->live++;
}

void
index_table_retire(struct index_table *self, uint32_t row)
{
    struct index_chunk *chunk = self->directory->chunks[row >> INDEX_CHUNK_BITS];
    assert(chunk && chunk->live);
    chunk->live--;
}

struct index_directory *
index_table_share(struct index_table *self)
{
    self->settled = self->count;
    atomic_fetch_add_explicit(&self->directory->references, 1, memory_order_relaxed);
    return self->directory;
}
