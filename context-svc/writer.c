#include "context-svc/writer.h"

#include <stdlib.h>
#include <time.h>

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/memory.h"

enum {
    ARENA_BYTES = 48 * 1024 * 1024,
    WITHDRAW_WAIT_MS = 500,
};

/* Failure of a part of the group that was committed early, or damage met while staging. */
struct group {
    enum status status;
    enum rpc_outcome outcome;
    struct problem problem;
};

struct instruments {
    struct metrics_histogram *commit_seconds;
    struct metrics_counter *written_rows;
    struct metrics_counter *written_bytes;
    struct metrics_histogram *batch_writes;
    struct metrics_gauge *sequence;
    struct metrics_counter *commit_errors;
};

struct context_writer {
    struct store *store;
    struct context_view_board *board;
    struct context_tenants *tenants;
    struct context_stage *stage;
    struct context_view *view;
    struct arena arena;
    struct buffer buffer;
    uint32_t sequences; /* given out in this batch */
    uint32_t calls;     /* whose changes are in this batch */
    uint32_t waiting;   /* that wait for context_writer_commit */
    struct group group;
    struct instruments instruments;
    context_writer_notify *notify;
    void *notify_argument;
};

static struct instruments
register_instruments(struct metrics *metrics)
{
    return (struct instruments){
        .commit_seconds = metrics_histogram(
            metrics, "forge_store_commit_seconds", NULL, "Time of one synced commit"),
        .written_rows = metrics_counter(
            metrics, "forge_store_written_rows_total", NULL, "Rows of synced commits"),
        .written_bytes = metrics_counter(metrics, "forge_store_written_bytes_total", NULL,
            "Bytes of keys and values of synced commits"),
        .batch_writes = metrics_histogram(
            metrics, "forge_store_batch_writes", NULL, "Acknowledged writes of one synced commit"),
        .sequence = metrics_gauge(
            metrics, "forge_store_sequence", NULL, "Commit sequence of the newest commit"),
        .commit_errors = metrics_counter(
            metrics, "forge_store_commit_errors_total", NULL, "Commits that failed"),
    };
}

enum status
context_writer_create(const struct context_writer_options *options, struct context_writer **self_p,
    struct problem *problem)
{
    CLEANUP(context_writer_destroy) struct context_writer *self = memory_new(sizeof *self);
    self->store = options->store;
    self->board = options->board;
    self->tenants = context_tenants_create();
    self->stage = context_stage_create(self->store);
    arena_init(&self->arena, ARENA_BYTES);
    self->instruments = register_instruments(options->metrics);
    enum status status = context_writer_reload(self, problem);
    if (status != STATUS_OK)
        return status;
    *self_p = TAKE(self);
    return STATUS_OK;
}

void
context_writer_destroy(struct context_writer **self_p)
{
    struct context_writer *self = TAKE(*self_p);
    if (!self)
        return;
    context_stage_destroy(&self->stage);
    context_tenants_destroy(&self->tenants);
    context_view_unref(&self->view);
    arena_release(&self->arena);
    buffer_release(&self->buffer);
    free(self);
}

void
context_writer_set_notify(
    struct context_writer *self, context_writer_notify *notify, void *argument)
{
    self->notify = notify;
    self->notify_argument = argument;
}

void
context_writer_note(struct context_writer *self, const void *note, size_t size)
{
    if (self->notify)
        self->notify(self->notify_argument, text_from(note, size));
}

static void
note_kind(struct context_writer *self, enum note_kind kind)
{
    char byte = (char)kind;
    context_writer_note(self, &byte, 1);
}

struct store *
context_writer_store(struct context_writer *self)
{
    return self->store;
}

struct context_tenants *
context_writer_tenants(struct context_writer *self)
{
    return self->tenants;
}

struct context_stage *
context_writer_stage(struct context_writer *self)
{
    return self->stage;
}

struct context_view *
context_writer_view(struct context_writer *self)
{
    return self->view;
}

struct context_source
context_writer_source(struct context_writer *self)
{
    return (struct context_source){
        .snapshot = context_view_snapshot(self->view), .stage = self->stage};
}

uint64_t
context_writer_next_sequence(struct context_writer *self)
{
    return store_sequence(self->store) + ++self->sequences;
}

struct arena *
context_writer_arena(struct context_writer *self)
{
    return &self->arena;
}

struct buffer *
context_writer_buffer(struct context_writer *self)
{
    return &self->buffer;
}

void
context_writer_spoil(struct context_writer *self, enum status status, const char *what)
{
    if (self->group.status != STATUS_OK)
        return;
    self->group.status = status;
    self->group.outcome = OUTCOME_NOT_COMMITTED;
    problem_set(
        &self->group.problem, "%s cannot be read from the store; nothing was written", what);
}

void
context_writer_count_call(struct context_writer *self)
{
    self->calls++;
    self->waiting++;
}

static void
discard(struct context_writer *self)
{
    context_tenants_discard(self->tenants);
    context_stage_clear(self->stage);
    self->sequences = 0;
    self->calls = 0;
}

enum status
context_writer_publish(struct context_writer *self, struct problem *problem)
{
    struct store_snapshot *snapshot = store_snapshot_create(self->store);
    if (!snapshot) {
        problem_set(problem, "the store cannot be read at present");
        return STATUS_UNAVAILABLE;
    }
    size_t count = 0;
    CLEANUP(memory_free)
    struct context_tenant_view **views = context_tenants_views(self->tenants, &count);
    context_view_unref(&self->view);
    self->view = context_view_create(&snapshot, views, count);
    context_view_board_publish(self->board, self->view);
    metrics_set(self->instruments.sequence, (double)context_view_sequence(self->view));
    return STATUS_OK;
}

/* A write whose end is unknown is told as such: it may be there after the store was reopened. */
static void
fail_group(struct context_writer *self, enum status status, const struct problem *problem)
{
    metrics_add(self->instruments.commit_errors, 1);
    self->group.status = status;
    self->group.outcome = OUTCOME_NOT_COMMITTED;
    self->group.problem = *problem;
    if (status != STATUS_INTERNAL)
        return;
    self->group.status = STATUS_UNAVAILABLE;
    self->group.outcome = OUTCOME_UNKNOWN;
    problem_set(&self->group.problem,
        "whether it was written is unknown, send it again with the same key to find out: %.150s",
        problem->text);
}

static void
commit_staged(struct context_writer *self)
{
    struct problem problem = {{0}};
    int64_t start_us = clock_monotonic_us();
    enum status status =
        store_commit(self->store, context_stage_batch(self->stage), self->sequences, &problem);
    if (status != STATUS_OK) {
        fail_group(self, status, &problem);
        discard(self);
        return;
    }
    metrics_observe(
        self->instruments.commit_seconds, (double)(clock_monotonic_us() - start_us) / 1e6);
    const struct store_batch *batch = context_stage_batch(self->stage);
    metrics_add(self->instruments.written_rows, store_batch_rows(batch));
    metrics_add(self->instruments.written_bytes, store_batch_bytes(batch));
    if (self->calls)
        metrics_observe(self->instruments.batch_writes, self->calls);
    bool changed = self->sequences > 0;
    context_tenants_publish(self->tenants);
    context_stage_clear(self->stage);
    self->sequences = 0;
    self->calls = 0;
    status = context_writer_publish(self, &problem);
    if (status != STATUS_OK)
        fail_group(self, STATUS_INTERNAL, &problem);
    if (changed)
        note_kind(self, NOTE_COMMITTED);
}

static bool
nothing_is_staged(const struct context_writer *self)
{
    if (!context_stage_is_empty(self->stage))
        return false;
    for (size_t i = 0; i < context_tenants_count(self->tenants); i++)
        if (context_tenant_is_touched(context_tenants_at(self->tenants, i)))
            return false;
    return true;
}

enum status
context_writer_flush(struct context_writer *self, struct problem *problem)
{
    bool someone_waits = self->waiting > 0;
    if (self->group.status == STATUS_OK && !nothing_is_staged(self))
        commit_staged(self);
    enum status status = self->group.status;
    if (status != STATUS_OK)
        *problem = self->group.problem;
    /* The failure is kept for those who wait for context_writer_commit; without any it ends here.
     */
    if (!someone_waits)
        self->group = (struct group){.status = STATUS_OK};
    return status;
}

enum status
context_writer_commit(
    struct context_writer *self, struct problem *problem, enum rpc_outcome *outcome)
{
    if (self->group.status == STATUS_OK && !nothing_is_staged(self))
        commit_staged(self);
    enum status status = self->group.status;
    if (status != STATUS_OK) {
        *problem = self->group.problem;
        *outcome = self->group.outcome;
        discard(self);
    }
    self->waiting = 0;
    self->group = (struct group){.status = STATUS_OK};
    return status;
}

enum status
context_writer_admits(const struct context_writer *self, struct problem *problem)
{
    if (self->group.status != STATUS_OK) {
        *problem = self->group.problem;
        return self->group.status;
    }
    if (self->view)
        return STATUS_OK;
    problem_set(problem, "the store cannot be read at present; try again shortly");
    return STATUS_UNAVAILABLE;
}

bool
context_writer_withdraw(struct context_writer *self)
{
    if (!self->view)
        return true;
    note_kind(self, NOTE_LET_GO);
    int64_t until_ms = clock_monotonic_ms() + WITHDRAW_WAIT_MS;
    const struct timespec pause = {.tv_nsec = 1000000};
    context_view_board_withdraw(self->board, self->view);
    while (!context_view_is_only_mine(self->view)) {
        if (clock_monotonic_ms() >= until_ms)
            return false;
        nanosleep(&pause, NULL);
        context_view_board_withdraw(self->board, self->view);
    }
    context_view_unref(&self->view);
    return true;
}

enum status
context_writer_reload(struct context_writer *self, struct problem *problem)
{
    discard(self);
    struct store_snapshot *snapshot = store_snapshot_create(self->store);
    if (!snapshot) {
        problem_set(problem, "the store cannot be read at present");
        return STATUS_UNAVAILABLE;
    }
    enum status status = context_tenants_load(self->tenants, snapshot, problem);
    store_snapshot_destroy(&snapshot);
    if (status == STATUS_OK)
        status = context_writer_publish(self, problem);
    /* Without the whole table a new tenant could get another's number, so nothing is written. */
    if (status != STATUS_OK)
        context_view_unref(&self->view);
    return status;
}
