#include "context-svc/lanes.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/process/log.h"

static void *
reader_state_create(struct rpc_worker *worker, void *argument)
{
    struct context_lane_parts *parts = argument;
    struct context_reader_state *self = memory_new(sizeof *self);
    self->worker = worker;
    self->reader = context_reader_create(
        parts->board, PLACE_READERS + atomic_fetch_add(&parts->readers_made, 1));
    self->searches = metrics_counter(
        parts->metrics, "forge_context_searches_total", NULL, "Searches that were answered");
    self->search_seconds = metrics_histogram(
        parts->metrics, "forge_context_search_seconds", NULL, "Time of a search in its thread");
    self->search_cpu_seconds = metrics_histogram(parts->metrics, "forge_context_search_cpu_seconds",
        NULL, "CPU time of a search in its thread");
    return self;
}

static void
reader_state_destroy(void **state_p)
{
    struct context_reader_state *self = TAKE(*state_p);
    context_reader_destroy(&self->reader);
    free(self);
}

static void
notify_router(void *argument, struct text note)
{
    rpc_worker_note(argument, note);
}

static void *
writer_state_create(struct rpc_worker *worker, void *argument)
{
    struct context_lane_parts *parts = argument;
    struct context_writer_state *self = memory_new(sizeof *self);
    self->worker = worker;
    self->writer = parts->writer;
    context_writer_set_notify(self->writer, notify_router, worker);
    self->housekeeping = context_housekeeping_create(self->writer);
    self->reader = context_reader_create(NULL, 0);
    self->import = transfer_import_create(parts->store);
    self->saves = metrics_counter(
        parts->metrics, "forge_context_saves_total", NULL, "Saves that were answered");
    return self;
}

static void
writer_state_destroy(void **state_p)
{
    struct context_writer_state *self = TAKE(*state_p);
    transfer_import_destroy(&self->import);
    context_housekeeping_finish(self->housekeeping);
    context_housekeeping_destroy(&self->housekeeping);
    context_reader_destroy(&self->reader);
    context_writer_set_notify(self->writer, NULL, NULL);
    free(self);
}

static enum status
commit(void *state, struct problem *problem, enum rpc_outcome *outcome)
{
    struct context_writer_state *self = state;
    context_housekeeping_join_group(self->housekeeping);
    return context_writer_commit(self->writer, problem, outcome);
}

static void
take_uses(struct context_writer_state *self, struct text note)
{
    struct note_uses uses;
    assert(note.length <= sizeof uses);
    memcpy(&uses, note.data, note.length);
    context_housekeeping_add_uses(self->housekeeping, uses.items, uses.count);
}

/* One that broke off leaves an empty store, which the tenants and indexes must know. */
static void
expire_import(struct context_writer_state *self)
{
    if (!transfer_import_is_running(self->import))
        return;
    transfer_import_expire(self->import, clock_monotonic_ms());
    struct problem problem = {{0}};
    if (!transfer_import_is_running(self->import) &&
        context_writer_reload(self->writer, &problem) != STATUS_OK)
        log_error("Context store cannot be read after an import reason=\"%s\"", problem.text);
}

static void
tick_writer(struct context_writer_state *self)
{
    expire_import(self);
    bool more =
        !transfer_import_is_running(self->import) && context_housekeeping_tick(self->housekeeping);
    const struct note_ticked ticked = {.kind = NOTE_TICKED, .more = more};
    context_writer_note(self->writer, &ticked, sizeof ticked);
}

static void
on_writer_note(void *state, struct text note)
{
    if (note.data[0] == NOTE_USES)
        take_uses(state, note);
    else if (note.data[0] == NOTE_TICK)
        tick_writer(state);
}

static void *
export_state_create(struct rpc_worker *worker, void *argument)
{
    (void)worker;
    struct context_lane_parts *parts = argument;
    struct context_export_state *self = memory_new(sizeof *self);
    self->exports = transfer_exports_create(parts->store);
    return self;
}

static void
export_state_destroy(void **state_p)
{
    struct context_export_state *self = TAKE(*state_p);
    transfer_exports_destroy(&self->exports);
    free(self);
}

static void
on_export_note(void *state, struct text note)
{
    struct context_export_state *self = state;
    if (note.data[0] == NOTE_LET_GO)
        transfer_exports_clear(self->exports);
    else if (note.data[0] == NOTE_TICK)
        transfer_exports_expire(self->exports, clock_monotonic_ms());
}

void
context_lanes_fill(struct rpc_lane lanes[LANES], unsigned readers, struct context_lane_parts *parts)
{
    lanes[LANE_READERS - 1] = (struct rpc_lane){.name = "reader",
        .threads = readers,
        .argument = parts,
        .worker_create = reader_state_create,
        .worker_destroy = reader_state_destroy};
    lanes[LANE_WRITER - 1] = (struct rpc_lane){.name = "writer",
        .threads = 1,
        .argument = parts,
        .worker_create = writer_state_create,
        .worker_destroy = writer_state_destroy,
        .on_note = on_writer_note,
        .commit = commit};
    lanes[LANE_EXPORTS - 1] = (struct rpc_lane){.name = "export",
        .threads = 1,
        .queue_max = 16,
        .argument = parts,
        .worker_create = export_state_create,
        .worker_destroy = export_state_destroy,
        .on_note = on_export_note};
}
