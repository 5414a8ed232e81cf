/* aggregation: the words for how a query makes one number of a step. aggregate.h says what each
 * means for each kind of series. */
#pragma once

#include "metrics-svc/series.h"

enum aggregation {
    AGGREGATE_AVG,
    AGGREGATE_MIN,
    AGGREGATE_MAX,
    AGGREGATE_SUM,
    AGGREGATE_RATE,
    AGGREGATE_P50,
    AGGREGATE_P95,
    AGGREGATE_P99,
};

/* The word of QueryRequest.aggregation; false: none of ours. */
bool aggregation_parse(struct text word, enum aggregation *aggregation);
const char *aggregation_name(enum aggregation aggregation);

/* What fits the kind when nothing is asked: rate, avg, p95. */
enum aggregation aggregation_of(enum series_kind kind);

/* True with the quantile for p50, p95 and p99. */
bool aggregation_is_quantile(enum aggregation aggregation, double *quantile);
