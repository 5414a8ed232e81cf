/* push: what may stand in a PushRequest, and its samples as series.
 *
 * Whatever passes here can be shown to Prometheus and stored as it is: names and labels are well
 * formed, texts are UTF-8, nothing is larger than its limit, and no sample takes a name or label
 * that metrics-svc adds itself.
 */
#pragma once

#include "metrics.pb-c.h"

#include "common/base/problem.h"
#include "metrics-svc/store.h"

enum {
    PUSH_NAME_MAX = 128,
    PUSH_LABELS_MAX = 16,
    PUSH_LABEL_NAME_MAX = 64,
    PUSH_LABEL_VALUE_MAX = 256,
    PUSH_HELP_MAX = 512,
    PUSH_SAMPLES_MAX = 4096,
    PUSH_BUCKETS_MAX = 65536, /* of all histograms, so that a row stays under a value's limit */
};

/* INVALID_ARGUMENT: the problem names the sample. */
enum status push_check(const Forge__PushRequest *request, struct problem *problem) MUST_CHECK;

/* Of a checked request: the sample as a series without ids; its labels are packed, in order of
 * their names, into the cleared `labels`, which the series borrows. */
struct metrics_series push_series(const Forge__Sample *sample, struct buffer *labels);

/* The sample's value; a histogram's buckets are written to `buckets`, which the value borrows. */
struct series_value push_value(
    const Forge__Sample *sample, struct series_bucket buckets[SERIES_BUCKETS_MAX]);
