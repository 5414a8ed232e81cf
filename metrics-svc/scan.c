#include "metrics-svc/scan.h"

#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/memory.h"

enum { LOOK_AT_CLOCK_EVERY = 256 };

struct scan {
    struct scan_series *series;
    size_t count;
    struct series_row_reader row;
    bool key_row_seen;
    int64_t previous_ms, previous_started_ms;
};

/* Keeps the value beyond the row: a histogram's buckets lie in the row's reader. */
static void
carry(struct scan_series *series, const struct series_value *value)
{
    series->value = *value;
    series->present = true;
    if (!value->is_histogram)
        return;
    if (!series->buckets)
        series->buckets = memory_array(SERIES_BUCKETS_MAX, sizeof *series->buckets);
    memcpy(series->buckets, value->histogram.buckets,
        value->histogram.bucket_count * sizeof *series->buckets);
    series->value.histogram.buckets = series->buckets;
}

static enum status
read_values(struct scan *self)
{
    struct series_value value;
    size_t at = 0;
    enum status status;
    while ((status = series_row_next(&self->row, &value)) == STATUS_OK) {
        while (at < self->count && self->series[at].id < value.id)
            at++;
        if (at < self->count && self->series[at].id == value.id)
            carry(&self->series[at], &value);
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static void
feed(struct scan *self, int64_t time_ms)
{
    bool same_run = self->key_row_seen && self->previous_started_ms == self->row.started_at_ms;
    struct aggregate_row row = {.time_ms = time_ms, .started_at_ms = self->row.started_at_ms};
    for (size_t i = 0; i < self->count; i++) {
        struct scan_series *series = &self->series[i];
        row.absent_ms = same_run && !series->was_present ? self->previous_ms : 0;
        if (series->present)
            aggregate_add(series->aggregate, &row, &series->value);
        else if (series->was_present)
            aggregate_forget(series->aggregate);
        series->was_present = series->present;
    }
}

static enum status
read_row(struct scan *self, struct text key, struct text bytes)
{
    int64_t time_ms = metrics_store_row_time(key);
    enum status status = series_row_open(&self->row, bytes);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < self->count && self->row.key_row; i++)
        self->series[i].present = false;
    status = read_values(self);
    if (status != STATUS_OK)
        return status;
    feed(self, time_ms);
    self->key_row_seen = self->key_row_seen || self->row.key_row;
    self->previous_ms = time_ms;
    self->previous_started_ms = self->row.started_at_ms;
    return STATUS_OK;
}

enum status
scan_run(const struct store_snapshot *snapshot, uint32_t instance_id,
    const struct scan_range *range, struct scan_series *series, size_t count)
{
    CLEANUP(memory_free) struct scan *self = memory_new(sizeof *self);
    self->series = series;
    self->count = count;
    CLEANUP(store_scan_destroy)
    struct store_scan *rows = metrics_store_scan_rows(
        snapshot, instance_id, range->start_ms - SCAN_LEAD_MS, range->end_ms + 1, false);
    struct text key, bytes;
    enum status status = STATUS_OK;
    for (unsigned read = 1; status == STATUS_OK && store_scan_next(rows, &key, &bytes); read++) {
        status = read_row(self, key, bytes);
        if (read % LOOK_AT_CLOCK_EVERY == 0 && clock_monotonic_ms() >= range->deadline_ms)
            status = STATUS_DEADLINE_EXCEEDED;
    }
    for (size_t i = 0; i < count; i++) {
        free(series[i].buckets);
        series[i].buckets = NULL;
    }
    return status == STATUS_OK ? store_scan_status(rows) : status;
}
