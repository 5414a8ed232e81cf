/* buckets: an exponential histogram over all bucket numbers, for differences and quantiles. */
#pragma once

#include "metrics-svc/series.h"

struct buckets {
    int schema;
    uint64_t zero_count;
    double sum;
    int lowest, highest; /* that may hold something; lowest > highest: none */
    uint64_t counts[SERIES_BUCKETS_MAX];
};

void buckets_clear(struct buckets *self);
void buckets_load(struct buckets *self, const struct series_histogram *histogram);

/* Adds what `now` has more than `before`, or all of `now` when something is less than before (the
 * program began again). NULL before: all of it. */
void buckets_add_increase(
    struct buckets *self, const struct buckets *now, const struct buckets *before);

uint64_t buckets_count(const struct buckets *self);
/* 0 <= quantile <= 1; at least one value. Zeros count as 0. */
double buckets_quantile(const struct buckets *self, double quantile);
/* Bounds of what was observed; at least one value. */
double buckets_lower_bound(const struct buckets *self);
double buckets_upper_bound(const struct buckets *self);
