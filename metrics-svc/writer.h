/* metrics_writer: the one thread that changes the store.
 *
 * A program's first push of each 15 s becomes a row; it is staged here and answered when the batch
 * it lies in is synced. Each row that comes in also removes a few old ones, so that the store keeps
 * its span of time without any large deletion. After a failed commit the catalog is read again.
 */
#pragma once

#include "metrics.pb-c.h"

#include "common/base/problem.h"
#include "common/process/metrics.h"
#include "common/rpc/call.h"
#include "common/store/store.h"
#include "common/store/transfer.h"

struct metrics_writer;

struct metrics_writer_options {
    struct store *store;     /* borrowed */
    struct metrics *metrics; /* borrowed; gets the writer's own numbers */
    int64_t retention_ms;    /* rows older than this go */
};

/* One thing that metrics_writer_prove tried. */
struct metrics_proof {
    const char *name;
    bool good;
    struct problem reason; /* when not good */
    uint32_t took_us;
};

enum { METRICS_PROOFS = 2 };

struct metrics_writer *metrics_writer_create(const struct metrics_writer_options *options);
void metrics_writer_destroy(struct metrics_writer **self_p);

/* Stages a checked push as a row, with its commit sequence. UNAVAILABLE: the store is not writable
 * and could not be recovered now; RESOURCE_EXHAUSTED: too many instances. */
enum status metrics_writer_push(struct metrics_writer *self, const Forge__PushRequest *request,
    int64_t wall_ms, uint64_t *sequence, struct problem *problem) MUST_CHECK;

/* Makes durable what was staged. On failure nothing staged is kept, and *outcome is told. */
enum status metrics_writer_commit(
    struct metrics_writer *self, struct problem *problem, enum rpc_outcome *outcome) MUST_CHECK;

/* Series that the store knows; 0 before the first push. */
size_t metrics_writer_series(const struct metrics_writer *self);

/* Commits a fresh canary at once and reads it back: "write" and "read". */
void metrics_writer_prove(struct metrics_writer *self, struct metrics_proof proofs[METRICS_PROOFS]);

/* For the Transfer service; their records are borrowed as transfer.h says. An import may replace
 * the samples of a store's first quarter of an hour, but no older ones. */
enum status metrics_writer_export(struct metrics_writer *self,
    const struct transfer_export_request *request, struct transfer_page *page,
    struct problem *problem) MUST_CHECK;
enum status metrics_writer_import(struct metrics_writer *self,
    struct transfer_import_request *request, struct transfer_imported *imported,
    struct problem *problem) MUST_CHECK;
