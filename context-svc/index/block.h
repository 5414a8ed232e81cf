/* block: a run of postings of one term, 1 to 128, ascending by unit. The first unit is in the key.
 *
 *   count - 1, one byte | deltas of the following units, varints | weights, one byte each
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/text.h"

enum { INDEX_BLOCK_MAX = 128 };

struct index_posting {
    uint32_t unit;
    uint8_t weight;
};

void index_block_write(struct buffer *out, const struct index_posting *postings, size_t count);

/* How many postings were read into `postings`, which has room for INDEX_BLOCK_MAX; 0 when the bytes
 * are no such block. */
size_t index_block_read(struct text bytes, uint32_t first_unit, struct index_posting *postings);
