/* delta: the forward records of units whose postings are not written yet, in RAM.
 *
 * A search looks its terms up in each record; a signature of 512 bits a unit keeps it from looking
 * where a term is not. Chunks of 512 units are shared with views by reference count; within a chunk
 * the writer appends beyond what was published, where no reader looks.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/base/text.h"
#include "context-svc/index/table.h"

enum { INDEX_SIGNATURE_WORDS = 8 };

struct index_delta_unit {
    char *record;
    uint32_t size;
};

struct index_delta_chunk {
    _Atomic uint32_t references;
    struct index_delta_unit units[INDEX_CHUNK_ROWS];
    uint64_t signatures[INDEX_CHUNK_ROWS][INDEX_SIGNATURE_WORDS];
};

void index_delta_chunk_unref(struct index_delta_chunk *chunk);

/* The record of a unit by its place in the chunk; empty where there is none. */
static inline struct text
index_delta_record(const struct index_delta_chunk *chunk, uint32_t place)
{
    return text_from(chunk->units[place].record, chunk->units[place].size);
}

/* False only when the unit surely lacks the term. */
static inline bool
index_delta_may_hold(const struct index_delta_chunk *chunk, uint32_t place, uint64_t term)
{
    const uint64_t *signature = chunk->signatures[place];
    return signature[(term >> 6) % INDEX_SIGNATURE_WORDS] >> (term % 64) & 1;
}

/* The writer's end: the units from first_unit, which begins a chunk. */
struct index_delta {
    struct index_delta_chunk **chunks;
    size_t count, capacity;
    uint32_t first_unit;
};

void index_delta_release(struct index_delta *self);

/* The record of `unit` >= first_unit, copied; beyond all that were added. */
void index_delta_add(struct index_delta *self, uint32_t unit, struct text record);
/* Forgets the units from `unit` on, which were never published. */
void index_delta_truncate(struct index_delta *self, uint32_t unit);
/* The first chunk's postings are written. */
void index_delta_drop_first(struct index_delta *self);
