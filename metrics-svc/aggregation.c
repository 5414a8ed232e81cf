#include "metrics-svc/aggregation.h"

static const char *const names[] = {"avg", "min", "max", "sum", "rate", "p50", "p95", "p99"};

bool
aggregation_parse(struct text word, enum aggregation *aggregation)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_is(word, names[i])) {
            *aggregation = (enum aggregation)i;
            return true;
        }
    return false;
}

const char *
aggregation_name(enum aggregation aggregation)
{
    return names[aggregation];
}

enum aggregation
aggregation_of(enum series_kind kind)
{
    return kind == SERIES_COUNTER ? AGGREGATE_RATE
           : kind == SERIES_GAUGE ? AGGREGATE_AVG
                                  : AGGREGATE_P95;
}

bool
aggregation_is_quantile(enum aggregation aggregation, double *quantile)
{
    static const double quantiles[] = {0.50, 0.95, 0.99};
    if (aggregation < AGGREGATE_P50)
        return false;
    *quantile = quantiles[aggregation - AGGREGATE_P50];
    return true;
}
