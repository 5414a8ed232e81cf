/* relevance: how well searches of the last 24 hours served, as a mean reciprocal rank.
 *
 * A search counts 1/rank of the first of its results that the same principal then worked with (Get
 * or Update) within ten minutes, and 0 when none was used. The router's thread owns it. Memory is
 * bounded: sums are kept per ten minutes, and only so many searches wait for a use at a time; what
 * comes beyond that is not counted at all, so the figure stays fair.
 */
#pragma once

#include <stdint.h>

#include "context-svc/notes.h"

struct context_relevance;

struct context_relevance *context_relevance_create(void);
void context_relevance_destroy(struct context_relevance **self_p);

/* now_ms: clock_monotonic_ms. */
void context_relevance_add_search(
    struct context_relevance *self, const struct note_searched *searched, int64_t now_ms);
void context_relevance_add_use(
    struct context_relevance *self, uint64_t principal, const struct uuid *id, int64_t now_ms);

/* NaN without searches. */
double context_relevance_score(
    const struct context_relevance *self, int64_t now_ms, uint64_t *searches);
