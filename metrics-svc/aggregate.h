/* aggregate: a series' values over time → one number a step.
 *
 * A step covers (end - step, end]. Of counters and histograms the increments between rows count:
 * an increment belongs to the step in which its later row lies; a value that fell, or another
 * program start, means that counting began again at zero. A step without a row, and a quantile or
 * mean of a histogram over nothing, give no point.
 *
 *           counter                     gauge                  histogram
 *   avg     increase per second         mean of the values     mean of what was observed
 *   min     least rate between rows     least value            lower bound of the lowest bucket
 *   max     greatest rate               greatest value         upper bound of the highest bucket
 *   sum     increase                    sum of the values      sum of what was observed
 *   rate    increase per second         change per second      observations per second
 *   p50 …   quantile of the rates       quantile of values     quantile, by buckets
 *
 * Quantiles of values are nearest-rank; inside a bucket the values lie evenly on the logarithmic
 * scale, which at schema 3 is off by at most 9 %.
 */
#pragma once

#include "metrics-svc/aggregation.h"
#include "metrics-svc/series.h"

struct aggregate_options {
    enum series_kind kind;
    enum aggregation aggregation;
    int64_t start_ms; /* where the first step begins */
    int64_t step_ms;
    int64_t end_ms; /* a step that reaches beyond is shown at this time */
};

struct aggregate_point {
    int64_t at_ms; /* the step's end */
    double value;
};

/* The row a value stands in. */
struct aggregate_row {
    int64_t time_ms;
    int64_t started_at_ms; /* of the program */
    /* The row before of the same run, when it is known that the series was not in it: it then began
     * at zero there. 0: not known. */
    int64_t absent_ms;
};

struct aggregate;

struct aggregate *aggregate_create(const struct aggregate_options *options);
void aggregate_destroy(struct aggregate **self_p);

/* Rows in order of time; those before start_ms only say where counting stands. */
void aggregate_add(
    struct aggregate *self, const struct aggregate_row *row, const struct series_value *value);
/* The series has ended; what comes later begins anew. */
void aggregate_forget(struct aggregate *self);

/* Closes the last step. The points are borrowed. */
size_t aggregate_finish(struct aggregate *self, const struct aggregate_point **points);
