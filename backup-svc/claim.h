/* claim: one long work at a time, and what it is.
 *
 * Runs, verifications and restores execute in the same few worker threads; who comes while one is
 * under way is refused at once, with the words of what is going on.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "backup-svc/id.h"
#include "common/base/problem.h"

enum work_kind { WORK_NONE, WORK_RUN, WORK_VERIFICATION, WORK_RESTORE };

struct claim {
    _Atomic uint32_t kind;
    _Atomic uint64_t id; /* of the holder; a moment late, and for the words only */
};

/* Any thread. False when another holds it; the problem says which. */
bool claim_take(
    struct claim *self, enum work_kind kind, struct backup_id id, struct problem *problem);
void claim_release(struct claim *self);
