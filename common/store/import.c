/* The import of an exported store: many batches under one marker, whose sudden end is undone. */
#include <assert.h>

#include "common/base/buffer.h"
#include "common/store/internal.h"

enum { IMPORT_BATCH_BYTES = 1 << 20 };

/* The first key that is not the store's own. */
static const struct text first_key = {"\1", 1};

static bool
holds_records(struct store *self, enum status *status)
{
    struct text key, value;
    struct engine_snapshot *snapshot = self->kind->snapshot_create(self->engine);
    struct engine_cursor *cursor = self->kind->cursor_create(self->engine, snapshot, true);
    self->kind->cursor_seek(cursor, first_key);
    bool found = self->kind->cursor_row(cursor, &key, &value);
    *status = self->kind->cursor_status(cursor);
    self->kind->cursor_destroy(&cursor);
    self->kind->snapshot_destroy(self->engine, &snapshot);
    return found;
}

/* Deletes what the cursor sees, batch by batch; the cursor's snapshot does not mind. */
static enum status
delete_rows(struct store *self, struct engine_cursor *cursor, struct engine_batch *batch,
    struct problem *problem)
{
    struct text key, value;
    size_t bytes = 0;
    for (self->kind->cursor_seek(cursor, first_key); self->kind->cursor_row(cursor, &key, &value);
         self->kind->cursor_move(cursor, false)) {
        self->kind->batch_delete(batch, key);
        bytes += key.length;
        if (bytes < IMPORT_BATCH_BYTES)
            continue;
        enum status status = store_write(self, batch, problem);
        if (status != STATUS_OK)
            return status;
        self->kind->batch_clear(batch);
        bytes = 0;
    }
    enum status status = self->kind->cursor_status(cursor);
    if (status != STATUS_OK) {
        problem_set(problem, "the store cannot be emptied: a record cannot be read");
        return status;
    }
    store_meta_put_sequence(self->kind, batch, 0);
    store_meta_put_importing(self->kind, batch, false);
    return store_write(self, batch, problem);
}

enum status
store_wipe(struct store *self, struct problem *problem)
{
    struct engine_snapshot *snapshot = self->kind->snapshot_create(self->engine);
    struct engine_cursor *cursor = self->kind->cursor_create(self->engine, snapshot, true);
    struct engine_batch *batch = self->kind->batch_create();
    enum status status = delete_rows(self, cursor, batch, problem);
    self->kind->batch_destroy(&batch);
    self->kind->cursor_destroy(&cursor);
    self->kind->snapshot_destroy(self->engine, &snapshot);
    if (status == STATUS_OK)
        atomic_store(&self->sequence, 0);
    return status;
}

/* The marker is synced before anything else: from then on a crash ends in an empty store. */
static enum status
mark_begun(struct store *self, struct problem *problem)
{
    struct engine_batch *batch = self->kind->batch_create();
    store_meta_put_importing(self->kind, batch, true);
    enum status status = store_write(self, batch, problem);
    self->kind->batch_destroy(&batch);
    return status;
}

enum status
store_import_begin(struct store *self, bool discard, struct problem *problem)
{
    assert(!self->importing);
    struct problem reason = {0};
    if (store_state(self) != STORE_WRITABLE) {
        store_reason(self, &reason);
        problem_set(problem, "%s", reason.text);
        return STATUS_UNAVAILABLE;
    }
    enum status status = STATUS_OK;
    bool has_records = holds_records(self, &status);
    if (status != STATUS_OK)
        return status;
    if (!discard && (has_records || store_sequence(self) > 0)) {
        problem_set(problem, "the store is not empty (commit sequence %llu)",
            (unsigned long long)store_sequence(self));
        return STATUS_FAILED_PRECONDITION;
    }
    if (has_records)
        status = store_wipe(self, problem);
    if (status == STATUS_OK)
        status = mark_begun(self, problem);
    if (status != STATUS_OK)
        return status;
    self->importing = true;
    if (!self->import_batch)
        self->import_batch = self->kind->batch_create();
    self->kind->batch_clear(self->import_batch);
    self->import_bytes = 0;
    self->import_records = 0;
    buffer_clear(&self->import_last_key);
    return STATUS_OK;
}

static enum status
flush(struct store *self, struct problem *problem)
{
    if (!store_space_allows(&self->space, self->import_bytes)) {
        problem_set(problem, "the disk has no room for the import");
        return STATUS_RESOURCE_EXHAUSTED;
    }
    enum status status = store_write(self, self->import_batch, problem);
    self->kind->batch_clear(self->import_batch);
    self->import_bytes = 0;
    return status;
}

static enum status
check_running(const struct store *self, struct problem *problem)
{
    if (self->importing && !self->poisoned)
        return STATUS_OK;
    problem_set(problem, "the import was broken off by a failed write");
    return STATUS_UNAVAILABLE;
}

enum status
store_import_add(struct store *self, struct text key, struct text value, struct problem *problem)
{
    enum status status = check_running(self, problem);
    if (status != STATUS_OK)
        return status;
    const char *wrong = NULL;
    if (key.length == 0 || key.length > STORE_KEY_MAX)
        wrong = "a key has no bytes or more than 1 KiB";
    else if (key.data[0] == '\0')
        wrong = "a key begins with byte 0";
    else if (value.length > STORE_VALUE_MAX)
        wrong = "a value is larger than 4 MiB";
    else if (store_key_compare(buffer_text(&self->import_last_key), key) >= 0)
        wrong = "the keys do not ascend";
    if (wrong) {
        problem_set(problem, "record %llu: %s", (unsigned long long)self->import_records, wrong);
        return STATUS_INVALID_ARGUMENT;
    }
    self->kind->batch_put(self->import_batch, key, value.data ? value : TEXT(""));
    self->import_bytes += key.length + value.length;
    self->import_records++;
    buffer_clear(&self->import_last_key);
    buffer_add_text(&self->import_last_key, key);
    return self->import_bytes >= IMPORT_BATCH_BYTES ? flush(self, problem) : STATUS_OK;
}

enum status
store_import_finish(
    struct store *self, uint64_t sequence, uint64_t record_count, struct problem *problem)
{
    enum status status = check_running(self, problem);
    if (status != STATUS_OK)
        return status;
    if (record_count != self->import_records) {
        problem_set(problem, "%llu records were expected and %llu came",
            (unsigned long long)record_count, (unsigned long long)self->import_records);
        return STATUS_DATA_LOSS;
    }
    uint64_t epoch = store_epoch(self) + 1;
    store_meta_put_sequence(self->kind, self->import_batch, sequence);
    store_meta_put_epoch(self->kind, self->import_batch, epoch);
    store_meta_put_importing(self->kind, self->import_batch, false);
    status = flush(self, problem);
    if (status != STATUS_OK)
        return status;
    atomic_store(&self->epoch, epoch);
    atomic_store(&self->sequence, sequence);
    self->importing = false;
    return STATUS_OK;
}

enum status
store_import_abort(struct store *self, struct problem *problem)
{
    if (!self->importing)
        return STATUS_OK;
    self->importing = false;
    if (!self->poisoned)
        return store_wipe(self, problem);
    problem_set(problem, "a write failed; the store empties itself when it is reopened");
    return STATUS_UNAVAILABLE;
}
