/* Batches, their commit, and the way back to writing after a failure. */
#include <assert.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "common/store/internal.h"

struct store_batch {
    struct store *store;
    struct engine_batch *batch;
    uint64_t epoch;
    size_t bytes;
    size_t rows;
    const char *over; /* the limit that was passed, or NULL */
};

struct store_batch *
store_batch_create(struct store *self)
{
    struct store_batch *batch = memory_new(sizeof *batch);
    batch->store = self;
    batch->batch = self->kind->batch_create();
    batch->epoch = store_epoch(self);
    return batch;
}

void
store_batch_destroy(struct store_batch **batch_p)
{
    struct store_batch *batch = TAKE(*batch_p);
    if (!batch)
        return;
    batch->store->kind->batch_destroy(&batch->batch);
    free(batch);
}

/* True when it fits; the batch then counts it. */
static bool
count(struct store_batch *batch, struct text key, size_t value_length)
{
    assert(key.length > 0 && key.data[0] != '\0');
    if (key.length > STORE_KEY_MAX)
        batch->over = "a key is longer than 1 KiB";
    else if (value_length > STORE_VALUE_MAX)
        batch->over = "a value is larger than 4 MiB";
    else if (batch->bytes + key.length + value_length > STORE_BATCH_MAX)
        batch->over = "the batch is larger than 16 MiB";
    else
        batch->bytes += key.length + value_length;
    batch->rows += !batch->over;
    return !batch->over;
}

void
store_batch_put(struct store_batch *batch, struct text key, struct text value)
{
    if (count(batch, key, value.length))
        batch->store->kind->batch_put(batch->batch, key, value.data ? value : TEXT(""));
}

void
store_batch_delete(struct store_batch *batch, struct text key)
{
    if (count(batch, key, 0))
        batch->store->kind->batch_delete(batch->batch, key);
}

size_t
store_batch_bytes(const struct store_batch *batch)
{
    return batch->bytes;
}

size_t
store_batch_rows(const struct store_batch *batch)
{
    return batch->rows;
}

void
store_batch_clear(struct store_batch *batch)
{
    batch->store->kind->batch_clear(batch->batch);
    batch->epoch = store_epoch(batch->store);
    batch->bytes = 0;
    batch->rows = 0;
    batch->over = NULL;
}

/* What was written is not known: LevelDB may show the records after the reopen, or may not. And it
 * would lose acknowledged ones if it went on after a failed log append, without a word. */
enum status
store_write(struct store *self, struct engine_batch *batch, struct problem *problem)
{
    struct problem cause = {0};
    if (self->kind->write(self->engine, batch, &cause) == STATUS_OK)
        return STATUS_OK;
    self->poisoned = true;
    store_condition_set(&self->condition, STORE_READ_ONLY,
        "a write failed (%.180s); reads go on, the store is to be reopened", cause.text);
    problem_set(problem, "the write failed: %s", cause.text);
    return STATUS_INTERNAL;
}

static enum status
refuse_with_reason(const struct store *self, enum status status, struct problem *problem)
{
    struct problem reason;
    store_reason(self, &reason);
    problem_set(problem, "%s", reason.text);
    return status;
}

/* A poisoned handle still serves reads, and an open needs room that a full disk does not have. So
 * it stays open, poisoned, until there is room to open anew and to write on. */
static bool
must_await_space(struct store *self)
{
    if (!self->poisoned || store_state(self) != STORE_READ_ONLY ||
        store_space_allows_reopen(&self->space))
        return false;
    store_await_space(self, self->space.reopen_bytes);
    return true;
}

static enum status
refuse_for_space(const struct store *self, uint64_t needed_bytes, struct problem *problem)
{
    problem_set(problem, "the disk is nearly full: %llu MiB are free, and %llu must stay so",
        (unsigned long long)self->space.free_bytes >> 20, (unsigned long long)needed_bytes >> 20);
    return STATUS_RESOURCE_EXHAUSTED;
}

static enum status
check_writable(struct store *self, size_t bytes, struct problem *problem)
{
    enum store_state state = store_state(self);
    if (must_await_space(self))
        return refuse_for_space(self, self->space.reopen_bytes, problem);
    if (self->poisoned || state == STORE_REOPENING || state == STORE_FAILED)
        return refuse_with_reason(self, STATUS_UNAVAILABLE, problem);
    bool allowed = store_space_allows(&self->space, bytes);
    if (allowed != (state == STORE_WRITABLE))
        store_settle(self);
    return allowed ? STATUS_OK : refuse_for_space(self, self->space.min_free_bytes, problem);
}

enum status
store_commit(
    struct store *self, struct store_batch *batch, uint32_t sequences, struct problem *problem)
{
    if (self->importing) {
        problem_set(problem, "an import is under way");
        return STATUS_UNAVAILABLE;
    }
    enum status status = check_writable(self, batch->bytes, problem);
    if (status != STATUS_OK)
        return status;
    if (batch->epoch != store_epoch(self)) {
        problem_set(problem, "the store was reopened since the batch was begun");
        return STATUS_ABORTED;
    }
    if (batch->over) {
        problem_set(problem, "%s", batch->over);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    uint64_t sequence = store_sequence(self) + sequences;
    store_meta_put_sequence(self->kind, batch->batch, sequence);
    status = store_write(self, batch->batch, problem);
    if (status == STATUS_OK)
        atomic_store(&self->sequence, sequence);
    return status;
}

/* The reopen itself. Its failures leave the gate closed, and no handle that could be read. */
static enum status
reopen(struct store *self, struct problem *problem)
{
    store_condition_set(&self->condition, STORE_REOPENING, "the store is being reopened");
    struct problem cause = {0};
    enum status status = self->kind->reopen(self->engine, &cause);
    if (status == STATUS_OK)
        status = store_take_up(self, &cause);
    if (status == STATUS_OK)
        return STATUS_OK;
    problem_set(problem, "the store cannot be reopened: %.200s", cause.text);
    bool final = status == STATUS_DATA_LOSS || status == STATUS_FAILED_PRECONDITION;
    store_condition_set(&self->condition, final ? STORE_FAILED : STORE_REOPENING,
        "the store cannot be reopened: %.200s", cause.text);
    return final ? STATUS_DATA_LOSS : STATUS_UNAVAILABLE;
}

static enum status
recover_poisoned(struct store *self, struct problem *problem)
{
    if (must_await_space(self))
        return refuse_with_reason(self, STATUS_RESOURCE_EXHAUSTED, problem);
    /* Without a handle nothing can be read: then the ballast pays for the open. */
    if (!store_space_prepare_open(&self->space)) {
        problem_set(problem, "the disk is full, and the store needs %llu MiB to be reopened",
            (unsigned long long)self->space.open_bytes >> 20);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    if (!store_gate_close(self)) {
        problem_set(problem, "readers still hold snapshots of the store");
        return STATUS_UNAVAILABLE;
    }
    self->importing = false;
    return reopen(self, problem);
}

enum status
store_recover(struct store *self, struct problem *problem)
{
    enum store_state state = store_state(self);
    if (state == STORE_WRITABLE)
        return STATUS_OK;
    if (state == STORE_FAILED)
        return refuse_with_reason(self, STATUS_DATA_LOSS, problem);
    if (self->poisoned || state == STORE_REOPENING) {
        enum status status = recover_poisoned(self, problem);
        if (status != STATUS_OK)
            return status;
    }
    if (self->poisoned)
        return refuse_with_reason(self, STATUS_UNAVAILABLE, problem);
    store_settle(self);
    if (store_state(self) == STORE_WRITABLE)
        return STATUS_OK;
    return refuse_with_reason(self, STATUS_RESOURCE_EXHAUSTED, problem);
}
