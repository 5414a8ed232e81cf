/* scan: one instance's rows over a range of time, fed to the aggregates of some of its series. */
#pragma once

#include "metrics-svc/aggregate.h"
#include "metrics-svc/store.h"

/* Key rows stand at most so far apart, so a scan that begins so much earlier meets one. */
enum { SCAN_KEY_ROW_EVERY = 20, SCAN_LEAD_MS = 330000 };

struct scan_series {
    struct aggregate *aggregate; /* borrowed */
    uint32_t id;

    /* The scan's own: where the series stands at the row read last. */
    bool present;
    bool was_present;
    struct series_value value;
    struct series_bucket *buckets; /* owned; made when a histogram is met */
};

struct scan_range {
    int64_t start_ms, end_ms; /* rows in (start_ms, end_ms] count */
    int64_t deadline_ms;      /* clock_monotonic_ms; DEADLINE_EXCEEDED past it */
};

/* series: ascending ids. */
enum status scan_run(const struct store_snapshot *snapshot, uint32_t instance_id,
    const struct scan_range *range, struct scan_series *series, size_t count) MUST_CHECK;
