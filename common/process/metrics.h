/* metrics: a program's counters, gauges and histograms.
 *
 * A registry belongs to one program or embedded service. Each thread asks for its own instruments
 * once, at its start; instruments with the same name and labels are summed when collected, so the
 * hot path is one relaxed atomic add without sharing. Names follow Prometheus' practice: forge_
 * prefix, base units, _total for counters, _seconds, _bytes, _ratio. Labels are few and bounded:
 * never an id, a principal or a URI.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct metrics;
struct metrics_counter;
struct metrics_gauge;
struct metrics_histogram;

struct metrics *metrics_create(void);
void metrics_destroy(struct metrics **self_p);

/* Any thread; the texts are copied. labels: "route=\"/mcp\",code=\"200\"" in exposition form, or
 * NULL. The instrument lives as long as the registry. A gauge of several threads is summed too. */
struct metrics_counter *metrics_counter(
    struct metrics *self, const char *name, const char *labels, const char *help);
struct metrics_gauge *metrics_gauge(
    struct metrics *self, const char *name, const char *labels, const char *help);
/* Base-2 exponential, schema 3, 240 buckets: 1 µs to 1024 s where the name ends in _seconds, else 1
 * to 2^30 (sizes, counts). Smaller values count as zero, larger ones in the last bucket. */
struct metrics_histogram *metrics_histogram(
    struct metrics *self, const char *name, const char *labels, const char *help);

void metrics_add(struct metrics_counter *self, uint64_t amount);
void metrics_set(struct metrics_gauge *self, double value);
void metrics_observe(struct metrics_histogram *self, double value);

enum { METRICS_SCHEMA = 3, METRICS_BUCKETS = 240 };

enum metrics_type { METRICS_COUNTER, METRICS_GAUGE, METRICS_HISTOGRAM };

/* One series, summed over threads. Borrowed for the visit. */
struct metrics_sample {
    const char *name;
    const char *labels; /* "" when none; in exposition form */
    const char *help;
    enum metrics_type type;
    double value; /* counter, gauge */
    /* histogram: bucket i holds values in (base^(first_index+i-1), base^(first_index+i)],
     * base = 2^(2^-schema) */
    int schema;
    int first_index;
    const uint64_t *buckets;
    size_t bucket_count;
    uint64_t zero_count, count;
    double sum;
};

/* Any thread; a value is read while others add. Series come ordered by name and labels, after those
 * of the process itself: process_resident_memory_bytes, process_cpu_seconds_total,
 * process_open_fds, process_start_time_seconds. */
void metrics_collect(struct metrics *self,
    void (*visit)(void *argument, const struct metrics_sample *sample), void *argument);
