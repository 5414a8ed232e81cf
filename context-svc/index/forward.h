/* forward: a unit's forward record. Its terms in ascending order with their weights (how often, by
 * field, in quarters), and the order in which the terms stand in the text. The record is what the
 * postings are made from, what the delta in RAM consists of, and where adjacent words are seen.
 *
 *   varint count | count terms of 5 bytes | count weights of 1 byte | order: varints to the end,
 *   0 a gap, k the k-th term
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/text.h"
#include "context-svc/index/term.h"

/* The weight of one occurrence in the content. */
enum { INDEX_WEIGHT_ONE = 4 };

/* A record that lies somewhere else. */
struct index_forward {
    const uint8_t *terms, *weights, *order;
    uint32_t count;
    size_t order_size;
};

struct index_forward_parts {
    const uint64_t *terms;
    const uint8_t *weights;
    size_t count;
    const uint32_t *order;
    size_t order_count;
};
/* Appends; `terms` ascend without repetition, and `order` holds 1 + indexes into them, or 0. */
void index_forward_write(struct buffer *out, const struct index_forward_parts *parts);

/* False when the bytes are no such record. The order is checked as it is walked. */
bool index_forward_read(struct text bytes, struct index_forward *self);

static inline uint64_t
index_forward_term(const struct index_forward *self, uint32_t at)
{
    return index_term_read(self->terms + (size_t)at * INDEX_TERM_SIZE);
}

/* The index of a term, or -1. */
int64_t index_forward_find(const struct index_forward *self, uint64_t term);
