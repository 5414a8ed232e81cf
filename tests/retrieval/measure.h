/* measure: what the ranking of one query is worth against its judgements, and the mean over all. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct measure {
    size_t queries;
    double recall_5, recall_10, reciprocal_rank, gain_10; /* sums */
    size_t unanswerable;
    size_t filled_5; /* places among the first five that an unanswerable query filled */
};

/* Adds one query: ranked documents, best first, and the relevant ones (none: unanswerable). */
void measure_add(struct measure *self, const uint32_t *ranked, size_t ranked_count,
    const uint32_t *relevant, size_t relevant_count);

double measure_mean(const struct measure *self, double sum);
/* Share of the first five places of unanswerable queries that hold something. */
double measure_filled(const struct measure *self);
