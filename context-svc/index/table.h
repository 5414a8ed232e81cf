/* table: rows that one writer appends and many readers read without locks.
 *
 * Rows lie in chunks of 512; a directory of chunks is shared by reference count. A reader holds a
 * directory and the number of rows that were published with it, and reads no row beyond: what the
 * writer does there is no concern of its. A chunk whose rows have all been retired is left out of
 * the next directory and goes away with its last reader. Rows are numbered from 0 and never move.
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { INDEX_CHUNK_BITS = 9, INDEX_CHUNK_ROWS = 1 << INDEX_CHUNK_BITS };

struct index_chunk {
    _Atomic uint32_t references;
    uint32_t live;      /* rows that count; the writer's own */
    max_align_t rows[]; /* of the table's size */
};

struct index_directory {
    _Atomic uint32_t references;
    size_t count;
    struct index_chunk *chunks[]; /* NULL: no row of it counts */
};

/* The writer's end. */
struct index_table {
    size_t row_size;
    uint32_t count;   /* rows appended */
    uint32_t settled; /* of them published */
    struct index_directory *directory;
};

void index_table_init(struct index_table *self, size_t row_size);
void index_table_release(struct index_table *self);

/* A new zeroed row at the end. */
void *index_table_append(struct index_table *self);
/* While loading: row `row` >= count, zeroed. The rows between are dead: zero, or NULL to readers.
 */
void *index_table_place(struct index_table *self, uint32_t row);
/* After loading: there are at least `count` rows, and all count as published. */
void index_table_settle(struct index_table *self, uint32_t count);
/* Forgets the rows from `count` on, which were never published. */
void index_table_truncate(struct index_table *self, uint32_t count);
/* The writer's view of a row below count; NULL when it was retired with its whole chunk. */
void *index_table_at(const struct index_table *self, uint32_t row);

/* A row starts to count, or counts no more. */
void index_table_enliven(struct index_table *self, uint32_t row);
void index_table_retire(struct index_table *self, uint32_t row);

/* All rows of now are published: the directory for a view, with a reference. */
struct index_directory *index_table_share(struct index_table *self);

void index_directory_unref(struct index_directory **self_p);

/* A row that is known to count. */
static inline const void *
index_directory_row(const struct index_directory *self, size_t row_size, uint32_t row)
{
    const struct index_chunk *chunk = self->chunks[row >> INDEX_CHUNK_BITS];
    return (const unsigned char *)chunk->rows + (row & (INDEX_CHUNK_ROWS - 1)) * row_size;
}

/* NULL when the row counts no more. */
static inline const void *
index_directory_at(const struct index_directory *self, size_t row_size, uint32_t row)
{
    return self->chunks[row >> INDEX_CHUNK_BITS] ? index_directory_row(self, row_size, row) : NULL;
}
