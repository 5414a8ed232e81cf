/* query: forge.Metrics/Query over one snapshot of the store.
 *
 * Steps are multiples of step_ms since 1970; the step that `until` cuts is shown at `until`. Where
 * the range holds more steps than points may be returned, the newest are (and truncated is set); so
 * with more than 100 series. Every series bears the labels program, instance and host beside its
 * own, and all of them can be asked for.
 */
#pragma once

#include "metrics.pb-c.h"

#include "common/base/arena.h"
#include "common/base/problem.h"
#include "common/store/store.h"

enum {
    QUERY_STEP_MIN_MS = 15000, /* how far rows stand apart */
    QUERY_POINTS_DEFAULT = 200,
    QUERY_POINTS_MAX = 2000,
    QUERY_SERIES_MAX = 100,
};

/* When a query is asked, and until when it must be answered. */
struct query_times {
    int64_t now_ms;      /* clock_wall_ms */
    int64_t deadline_ms; /* clock_monotonic_ms */
};

/* Fills the reply, whose parts live in the arena. INVALID_ARGUMENT: what to change; NOT_FOUND: no
 * such metric, with the nearest names; DEADLINE_EXCEEDED; DATA_LOSS. */
enum status query_run(const struct store_snapshot *snapshot, const Forge__QueryRequest *request,
    const struct query_times *times, struct arena *arena, Forge__QueryReply *reply,
    struct problem *problem) MUST_CHECK;
