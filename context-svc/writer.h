/* writer: the one thread that changes the store.
 *
 * It owns the batch, the tenants' indexes and the newest view. Operations (save.h and the others)
 * check everything before they stage anything; what they stage is committed for all calls of a
 * group at once, synced once, and published as a new view before anyone is answered. When the
 * store fails, readers keep the last view, and ticks try to bring the store back.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/process/metrics.h"
#include "common/rpc/call.h"
#include "common/store/store.h"
#include "context-svc/notes.h"
#include "context-svc/stage.h"
#include "context-svc/tenants.h"
#include "context-svc/view.h"

struct context_writer;

/* Gives a note to the router. */
typedef void context_writer_notify(void *argument, struct text note);

struct context_writer_options {
    struct store *store; /* open; borrowed */
    struct context_view_board *board;
    struct metrics *metrics;
};

/* Reads the tenants and publishes the first view. */
enum status context_writer_create(const struct context_writer_options *options,
    struct context_writer **self_p, struct problem *problem) MUST_CHECK;
void context_writer_destroy(struct context_writer **self_p);

/* Without it notes go nowhere. */
void context_writer_set_notify(
    struct context_writer *self, context_writer_notify *notify, void *argument);
void context_writer_note(struct context_writer *self, const void *note, size_t size);

/* For operations. */
struct store *context_writer_store(struct context_writer *self);
struct context_tenants *context_writer_tenants(struct context_writer *self);
struct context_stage *context_writer_stage(struct context_writer *self);
/* The newest view; NULL while the store cannot be read. */
struct context_view *context_writer_view(struct context_writer *self);
/* The newest view's snapshot behind the batch. Only while there is a view. */
struct context_source context_writer_source(struct context_writer *self);
/* The commit sequence of one more change in the batch. */
uint64_t context_writer_next_sequence(struct context_writer *self);
/* Memory of one operation; the next one begins with it empty. */
struct arena *context_writer_arena(struct context_writer *self);
struct buffer *context_writer_buffer(struct context_writer *self);
/* An operation met damage after it had begun to stage: the whole group is not committed. */
void context_writer_spoil(struct context_writer *self, enum status status, const char *what);
/* One more call of the group waits for the commit. */
void context_writer_count_call(struct context_writer *self);

/* Commits the group. `outcome` is set when the status is not STATUS_OK. */
enum status context_writer_commit(
    struct context_writer *self, struct problem *problem, enum rpc_outcome *outcome) MUST_CHECK;
/* Commits what is staged before the group is complete; a failure then is the whole group's. */
enum status context_writer_flush(struct context_writer *self, struct problem *problem) MUST_CHECK;
/* Why no call may be added to this group (its flush failed, no view); STATUS_OK: it may. */
enum status context_writer_admits(
    const struct context_writer *self, struct problem *problem) MUST_CHECK;

/* Takes the view from everyone; false when a reader did not let it go in time. */
bool context_writer_withdraw(struct context_writer *self);
/* Reads tenants and indexes anew and publishes. */
enum status context_writer_reload(struct context_writer *self, struct problem *problem) MUST_CHECK;
/* Publishes the present state under a new snapshot. */
enum status context_writer_publish(struct context_writer *self, struct problem *problem) MUST_CHECK;
