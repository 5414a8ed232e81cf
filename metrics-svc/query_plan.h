/* query_plan: what a request asks for, checked and with its defaults. */
#pragma once

#include "metrics-svc/query.h"

struct query_plan {
    struct text metric;
    int64_t start_ms, end_ms, step_ms; /* start_ms is a multiple of step_ms */
    const char *aggregation;           /* empty: what fits the kind */
    size_t label_count;
    Forge__Label *const *labels; /* borrowed from the request */
    bool truncated;              /* the range was cut to what max_points allows */
};

enum status query_plan_make(const Forge__QueryRequest *request, int64_t now_ms,
    struct query_plan *plan, struct problem *problem) MUST_CHECK;
