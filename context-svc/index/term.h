/* term: the number of a word in the index, 40 bits, five bytes on disk, most significant first. */
#pragma once

#include <stdint.h>

enum { INDEX_TERM_BITS = 40, INDEX_TERM_SIZE = 5 };

#define INDEX_TERM_MAX ((UINT64_C(1) << INDEX_TERM_BITS) - 1)

/* From a 64-bit hash. */
static inline uint64_t
index_term_of(uint64_t hash)
{
    return (hash ^ (hash >> INDEX_TERM_BITS)) & INDEX_TERM_MAX;
}

static inline void
index_term_write(uint64_t term, uint8_t out[INDEX_TERM_SIZE])
{
    for (int i = 0; i < INDEX_TERM_SIZE; i++)
        out[i] = (uint8_t)(term >> (8 * (INDEX_TERM_SIZE - 1 - i)));
}

static inline uint64_t
index_term_read(const uint8_t in[INDEX_TERM_SIZE])
{
    uint64_t term = 0;
    for (int i = 0; i < INDEX_TERM_SIZE; i++)
        term = term << 8 | in[i];
    return term;
}
