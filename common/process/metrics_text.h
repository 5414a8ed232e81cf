/* metrics_text: samples in Prometheus' text format 0.0.4.
 *
 * Samples of one name must come one after another; HELP and TYPE are written when the name changes.
 * An exponential histogram becomes the classic one: cumulative buckets at fixed bounds (0.5 ms to
 * 10 s where the name ends in _seconds, else powers of four from 64 to 2^28). A bucket that a bound
 * cuts is shared out evenly on the logarithmic scale, which is off by at most one such bucket's
 * content, never at _count or _sum.
 */
#pragma once

#include "common/base/buffer.h"
#include "common/process/metrics.h"

/* Embedded by the caller; made by metrics_text_init, owns nothing. */
struct metrics_text {
    struct buffer *out;
    size_t name_at; /* where the last name stands in `out`, so that equal names are seen */
    size_t name_length;
};

void metrics_text_init(struct metrics_text *self, struct buffer *out);

/* extra: further labels in exposition form, put before the sample's own; NULL or "" for none. */
void metrics_text_add(
    struct metrics_text *self, const struct metrics_sample *sample, const char *extra);

/* Appends name="value" with the value escaped, after a comma unless `out` is empty. */
void metrics_text_label(struct buffer *out, struct text name, struct text value);

/* Everything that the registry holds. */
void metrics_text_render(struct metrics *metrics, const char *extra, struct buffer *out);

/* The number as the format wants it: the shortest text that reads back as the same double. */
void metrics_text_number(struct buffer *out, double value);
