/* work: the three long works on backups, each from start to end in the calling thread.
 *
 * They know archives, record files and peers, and nothing of calls. What they share lies in one
 * struct that nobody changes while they run, but for its two atomics.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "backup-svc/archive.h"
#include "backup-svc/claim.h"
#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/base/status.h"

enum { WORK_SOURCES_MAX = 2, WORK_PROBLEMS_MAX = 8 };

/* A service whose store is backed up. */
struct work_source {
    const char *service; /* "context" */
    const char *endpoint;
};

struct work {
    struct archive *archive;
    struct work_source sources[WORK_SOURCES_MAX];
    size_t source_count;
    uint64_t min_free_bytes; /* that the backups' disk must keep */
    struct claim claim;
    _Atomic bool stopping; /* ends a work at its next step, with STATUS_CANCELLED */
};

/* Makes a backup; *manifest is whole when STATUS_OK. Whatever else it answers: nothing of the
 * backup is left but a note in the archive. The caller holds the claim. */
enum status work_run(struct work *self, struct backup_id id, const char *note,
    struct manifest *manifest, struct problem *problem) MUST_CHECK;

/* What a verification found wrong; count 0: nothing. */
struct work_findings {
    char words[WORK_PROBLEMS_MAX][256];
    size_t count;
};

/* Reads every byte of a complete backup and leaves the result beside it. NOT_FOUND: there is none
 * of this id; else STATUS_OK, also when something is wrong. */
enum status work_verify(struct work *self, struct backup_id id, struct work_findings *findings,
    struct problem *problem) MUST_CHECK;

/* Verifies, then brings every store back into its service; either all begin, or none is changed.
 * DATA_LOSS: the backup is damaged. FAILED_PRECONDITION: a service's store is not empty, or it
 * holds another format; nothing was changed. */
enum status work_restore(
    struct work *self, struct backup_id id, uint64_t *records, struct problem *problem) MUST_CHECK;
