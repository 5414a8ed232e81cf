#include "metrics-svc/query_plan.h"

#include "metrics-svc/aggregation.h"

enum { HOUR_MS = 3600000, METRIC_MAX_BYTES = 128, LABELS_MAX = 16, STEPS_DEFAULT = 100 };

static const int64_t range_max_ms = (int64_t)366 * 24 * HOUR_MS;

static enum status
check_words(const Forge__QueryRequest *request, struct problem *problem)
{
    size_t length = strlen(request->metric);
    enum aggregation aggregation;
    if (length == 0)
        problem_set(problem, "metric is missing: give a name such as forge_http_requests_total");
    else if (length > METRIC_MAX_BYTES)
        problem_set(problem, "metric has %zu bytes; a name has at most 128", length);
    else if (request->n_labels > LABELS_MAX)
        problem_set(problem, "%zu labels were given; at most 16 can be", request->n_labels);
    else if (*request->aggregation &&
             !aggregation_parse(text_of(request->aggregation), &aggregation))
        problem_set(problem,
            "aggregation '%.32s' is none of avg, min, max, sum, rate, p50, p95, p99",
            request->aggregation);
    else
        return STATUS_OK;
    return STATUS_INVALID_ARGUMENT;
}

enum status
query_plan_make(const Forge__QueryRequest *request, int64_t now_ms, struct query_plan *plan,
    struct problem *problem)
{
    enum status status = check_words(request, problem);
    if (status != STATUS_OK)
        return status;
    int64_t until = request->until_ms ? request->until_ms : now_ms;
    int64_t since = request->since_ms ? request->since_ms : until - HOUR_MS;
    if (since < 0 || until < 0 || since >= until || until - since > range_max_ms) {
        problem_set(problem, since >= until
                                 ? "since_ms must lie before until_ms"
                                 : "since_ms and until_ms must lie after 1970 and within a year");
        return STATUS_INVALID_ARGUMENT;
    }

    int64_t step = request->step_ms ? request->step_ms : (until - since) / STEPS_DEFAULT;
    step = step < QUERY_STEP_MIN_MS ? QUERY_STEP_MIN_MS : step;
    int64_t points = request->max_points ? request->max_points : QUERY_POINTS_DEFAULT;
    points = points > QUERY_POINTS_MAX ? QUERY_POINTS_MAX : points;
    int64_t first = since / step, end = (until + step - 1) / step;
    *plan = (struct query_plan){.metric = text_of(request->metric),
        .start_ms = (end - first > points ? end - points : first) * step,
        .end_ms = until,
        .step_ms = step,
        .aggregation = request->aggregation,
        .label_count = request->n_labels,
        .labels = request->labels,
        .truncated = end - first > points};
    return STATUS_OK;
}
