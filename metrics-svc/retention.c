#include "metrics-svc/retention.h"

enum status
retention_step(struct retention *self, struct catalog *catalog,
    const struct store_snapshot *snapshot, struct store_batch *batch, int64_t before_ms)
{
    if (self->place >= catalog_instance_count(catalog))
        self->place = 0;
    struct catalog_instance *instance = catalog_instance_at(catalog, self->place++);
    size_t left = RETENTION_ROWS_A_STEP;
    enum status status = metrics_store_trim(snapshot, batch, instance->record.id, before_ms, &left);
    /* Nothing was left to trim, and nothing newer stands either: the instance is gone. */
    if (status == STATUS_OK && left == RETENTION_ROWS_A_STEP && instance->last_row_ms < before_ms)
        catalog_remove_instance(catalog, instance, batch);
    return status;
}

struct oldest {
    const struct store_snapshot *snapshot;
    int64_t time_ms;
    enum status status;
};

static void
on_instance(void *argument, const struct metrics_instance *instance)
{
    struct oldest *self = argument;
    CLEANUP(store_scan_destroy)
    struct store_scan *scan =
        metrics_store_scan_rows(self->snapshot, instance->id, 0, INT64_MAX, false);
    struct text key, value;
    if (store_scan_next(scan, &key, &value) && metrics_store_row_time(key) < self->time_ms)
        self->time_ms = metrics_store_row_time(key);
    if (self->status == STATUS_OK)
        self->status = store_scan_status(scan);
}

enum status
retention_oldest(const struct store_snapshot *snapshot, int64_t *oldest_ms)
{
    struct oldest oldest = {.snapshot = snapshot, .time_ms = INT64_MAX};
    enum status status = metrics_store_each_instance(snapshot, on_instance, &oldest);
    *oldest_ms = oldest.time_ms;
    return status == STATUS_OK ? oldest.status : status;
}
