/* housekeeping: what the writer does between groups of calls, in bounded steps.
 *
 * Brings a failed store back, removes what expired, folds use counts in, lets old dedupe records
 * go, and flushes and merges the index. Owned and run by the writer's thread.
 */
#pragma once

#include <stdbool.h>

#include "context-svc/notes.h"
#include "context-svc/writer.h"

struct context_housekeeping;

struct context_housekeeping *context_housekeeping_create(struct context_writer *writer);
void context_housekeeping_destroy(struct context_housekeeping **self_p);

/* Remembers uses for a later batch; beyond a bound they are dropped, as a crash drops them. */
void context_housekeeping_add_uses(
    struct context_housekeeping *self, const struct use *uses, size_t count);

/* With each group: a few uses and one step of each touched index ride along in its batch. */
void context_housekeeping_join_group(struct context_housekeeping *self);

/* Before the end: what can still be folded in. */
void context_housekeeping_finish(struct context_housekeeping *self);

/* One step of everything that is due. True: more is due at once. */
bool context_housekeeping_tick(struct context_housekeeping *self);
