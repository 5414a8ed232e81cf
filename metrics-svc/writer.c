#include "metrics-svc/writer.h"

#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/base/uuid.h"
#include "common/process/log.h"
#include "metrics-svc/catalog.h"
#include "metrics-svc/retention.h"
#include "metrics-svc/rows.h"

/* Commits between two times that LevelDB's mapped tables are given back; some minutes. */
enum { YOUNG_MS = 15 * 60 * 1000, TRIM_EVERY = 32 };

struct metrics_writer {
    struct metrics_writer_options options;
    struct store *store;
    struct store_batch *batch;
    struct catalog *catalog; /* NULL: to be loaded */
    uint64_t catalog_epoch;  /* the store's, when the catalog was loaded */
    uint32_t staged;
    uint64_t commits;
    struct retention retention;
    struct transfer_exports *exports;
    struct transfer_import *import;

    struct metrics_counter *rows, *overflow, *failed_commits;
    struct metrics_gauge *series;
    struct metrics_histogram *commit_seconds;
};

struct metrics_writer *
metrics_writer_create(const struct metrics_writer_options *options)
{
    struct metrics_writer *self = memory_new(sizeof *self);
    struct metrics *metrics = options->metrics;
    self->options = *options;
    self->store = options->store;
    self->batch = store_batch_create(self->store);
    self->exports = transfer_exports_create(self->store);
    self->import = transfer_import_create(self->store);
    self->rows = metrics_counter(
        metrics, "forge_metrics_rows_total", NULL, "Rows of samples that were made durable.");
    self->overflow = metrics_counter(metrics, "forge_metrics_overflow_total", NULL,
        "Samples that were not stored because there are too many series.");
    self->failed_commits = metrics_counter(
        metrics, "forge_metrics_failed_commits_total", NULL, "Batches that were not committed.");
    self->series =
        metrics_gauge(metrics, "forge_metrics_series", NULL, "Series that the store knows.");
    self->commit_seconds = metrics_histogram(
        metrics, "forge_metrics_commit_seconds", NULL, "Time to write and sync one batch.");
    return self;
}

void
metrics_writer_destroy(struct metrics_writer **self_p)
{
    struct metrics_writer *self = TAKE(*self_p);
    if (!self)
        return;
    transfer_import_destroy(&self->import);
    transfer_exports_destroy(&self->exports);
    catalog_destroy(&self->catalog);
    store_batch_destroy(&self->batch);
    free(self);
}

static void
snapshot_release(struct store_snapshot **snapshot_p)
{
    if (*snapshot_p)
        store_snapshot_destroy(snapshot_p);
}

/* Writable again, where that is possible; nothing may be staged. */
static enum status
recover(struct metrics_writer *self, struct problem *problem)
{
    if (store_state(self->store) == STORE_WRITABLE)
        return STATUS_OK;
    transfer_exports_clear(self->exports);
    enum status status = store_recover(self->store, problem);
    if (status == STATUS_OK)
        log_warn("Metrics store is writable again");
    return status == STATUS_OK ? STATUS_OK : STATUS_UNAVAILABLE;
}

static enum status
load_catalog(struct metrics_writer *self, struct problem *problem)
{
    CLEANUP(snapshot_release) struct store_snapshot *snapshot = store_snapshot_create(self->store);
    if (!snapshot) {
        store_reason(self->store, problem);
        return STATUS_UNAVAILABLE;
    }
    catalog_destroy(&self->catalog);
    enum status status = catalog_load(snapshot, &self->catalog);
    if (status != STATUS_OK)
        problem_set(problem, "the dictionary of series cannot be read: %s", status_name(status));
    self->catalog_epoch = store_epoch(self->store);
    return status;
}

/* Everything that a new batch needs. Another epoch means that the store was opened anew or
 * imported into, and that its dictionary may be another one. */
static enum status
prepare(struct metrics_writer *self, struct problem *problem)
{
    if (self->staged)
        return STATUS_OK;
    int64_t now_ms = clock_monotonic_ms();
    transfer_exports_expire(self->exports, now_ms);
    transfer_import_expire(self->import, now_ms);
    if (transfer_import_is_running(self->import)) {
        problem_set(problem, "a backup is being restored into this store");
        return STATUS_UNAVAILABLE;
    }
    enum status status = recover(self, problem);
    if (status != STATUS_OK)
        return status;
    store_batch_clear(self->batch);
    bool same = self->catalog && self->catalog_epoch == store_epoch(self->store);
    return same ? STATUS_OK : load_catalog(self, problem);
}

static void
trim(struct metrics_writer *self, int64_t wall_ms)
{
    CLEANUP(snapshot_release) struct store_snapshot *snapshot = store_snapshot_create(self->store);
    if (!snapshot)
        return;
    enum status status = retention_step(&self->retention, self->catalog, snapshot, self->batch,
        wall_ms - self->options.retention_ms);
    if (status != STATUS_OK)
        log_error("Old samples not removed reason=%s", status_name(status));
}

enum status
metrics_writer_push(struct metrics_writer *self, const Forge__PushRequest *request, int64_t wall_ms,
    uint64_t *sequence, struct problem *problem)
{
    enum status status = prepare(self, problem);
    if (status != STATUS_OK)
        return status;
    const struct metrics_instance wanted = {.program = text_of(request->program),
        .instance = text_of(request->instance),
        .host = text_of(request->host)};
    struct catalog_instance *instance = catalog_find_instance(self->catalog, &wanted, self->batch);
    if (!instance) {
        problem_set(problem, "the store keeps at most %d instances", CATALOG_INSTANCES_MAX);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    /* A clock that was set back must not make rows overwrite or precede earlier ones. */
    int64_t time_ms = wall_ms > instance->last_row_ms ? wall_ms : instance->last_row_ms + 1;
    size_t left_out = rows_stage(self->catalog, instance, request, time_ms, self->batch);
    metrics_add(self->overflow, left_out);
    trim(self, wall_ms);
    metrics_set(self->series, (double)catalog_series_count(self->catalog));
    *sequence = store_sequence(self->store) + ++self->staged;
    return STATUS_OK;
}

enum status
metrics_writer_commit(
    struct metrics_writer *self, struct problem *problem, enum rpc_outcome *outcome)
{
    int64_t started_us = clock_monotonic_us();
    uint32_t staged = self->staged;
    enum status status = store_commit(self->store, self->batch, staged, problem);
    metrics_observe(self->commit_seconds, (double)(clock_monotonic_us() - started_us) / 1e6);
    self->staged = 0;
    if (status == STATUS_OK) {
        metrics_add(self->rows, staged);
        if (++self->commits % TRIM_EVERY == 0)
            store_trim_memory(self->store);
        return STATUS_OK;
    }
    *outcome = status == STATUS_INTERNAL ? OUTCOME_UNKNOWN : OUTCOME_NOT_COMMITTED;
    log_error("Metrics not committed rows=%u reason=\"%s\"", staged, problem->text);
    metrics_add(self->failed_commits, 1);
    catalog_destroy(&self->catalog);
    return status;
}

size_t
metrics_writer_series(const struct metrics_writer *self)
{
    return self->catalog ? catalog_series_count(self->catalog) : 0;
}

static enum status
write_canary(struct metrics_writer *self, struct text canary, struct problem *problem)
{
    /* A batch of its own, so that a failure here says nothing about staged rows. */
    struct store_batch *batch = store_batch_create(self->store);
    metrics_store_put_canary(batch, canary);
    enum status status = store_commit(self->store, batch, 1, problem);
    store_batch_destroy(&batch);
    return status;
}

static enum status
read_canary(struct metrics_writer *self, struct text canary, struct problem *problem)
{
    CLEANUP(snapshot_release) struct store_snapshot *snapshot = store_snapshot_create(self->store);
    if (!snapshot) {
        store_reason(self->store, problem);
        return STATUS_UNAVAILABLE;
    }
    struct store_value value;
    enum status status = metrics_store_get_canary(snapshot, &value);
    if (status != STATUS_OK) {
        problem_set(problem, "what was written cannot be read: %s", status_name(status));
        return status;
    }
    bool same = text_equals(value.bytes, canary);
    store_value_release(&value);
    if (!same)
        problem_set(problem, "what was read is not what was written");
    return same ? STATUS_OK : STATUS_DATA_LOSS;
}

void
metrics_writer_prove(struct metrics_writer *self, struct metrics_proof proofs[METRICS_PROOFS])
{
    uint8_t canary[UUID_SIZE];
    uuid_random(canary, sizeof canary);
    struct text text = text_from(canary, sizeof canary);
    proofs[0] = (struct metrics_proof){.name = "write"};
    proofs[1] = (struct metrics_proof){.name = "read"};

    int64_t started_us = clock_monotonic_us();
    enum status status = prepare(self, &proofs[0].reason);
    if (status == STATUS_OK)
        status = write_canary(self, text, &proofs[0].reason);
    int64_t written_us = clock_monotonic_us();
    proofs[0].good = status == STATUS_OK;
    proofs[0].took_us = (uint32_t)(written_us - started_us);

    if (status == STATUS_OK)
        status = read_canary(self, text, &proofs[1].reason);
    else
        problem_set(&proofs[1].reason, "nothing was written that could be read");
    proofs[1].good = status == STATUS_OK;
    proofs[1].took_us = (uint32_t)(clock_monotonic_us() - written_us);
}

enum status
metrics_writer_export(struct metrics_writer *self, const struct transfer_export_request *request,
    struct transfer_page *page, struct problem *problem)
{
    return transfer_export(self->exports, request, clock_monotonic_ms(), page, problem);
}

/* Nothing in the store is older than what a service gathers while it waits for its restore. */
static bool
is_young(struct metrics_writer *self)
{
    CLEANUP(snapshot_release) struct store_snapshot *snapshot = store_snapshot_create(self->store);
    int64_t oldest_ms = INT64_MAX;
    return snapshot && retention_oldest(snapshot, &oldest_ms) == STATUS_OK &&
           oldest_ms > clock_wall_ms() - YOUNG_MS;
}

enum status
metrics_writer_import(struct metrics_writer *self, struct transfer_import_request *request,
    struct transfer_imported *imported, struct problem *problem)
{
    request->discard = !request->import_id.length && is_young(self);
    return transfer_import(self->import, request, clock_monotonic_ms(), imported, problem);
}
