/* rank: the best documents of a search, in an order that is the same each time: score, then the
 * newer, then the id. Scratch memory of a reader. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/uuid.h"

struct index_candidate {
    float score;
    uint32_t document, unit; /* ordinal; best unit */
    uint32_t matched;
    int64_t created_at_ms;
    struct uuid id;
};

/* Made to be embedded; zeroed is empty. A heap whose root is the worst of those kept. */
struct index_ranking {
    struct index_candidate *items;
    size_t count, most, capacity;
};

void index_ranking_release(struct index_ranking *self);

/* Forgets all; keeps at most `most` from now on. */
void index_ranking_begin(struct index_ranking *self, size_t most);

/* Whether a candidate of that score could be kept. */
static inline bool
index_ranking_wants(const struct index_ranking *self, float score)
{
    return self->count < self->most || score >= self->items[0].score;
}

void index_ranking_offer(struct index_ranking *self, const struct index_candidate *candidate);

/* Best first; the heap is a heap no more. Also after scores were changed. */
void index_ranking_sort(struct index_ranking *self);
