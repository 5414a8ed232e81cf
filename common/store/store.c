#include "common/store/store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"
#include "common/base/uuid.h"
#include "common/store/internal.h"

enum {
    CACHE_BYTES = 8 << 20,
    WRITE_BUFFER_BYTES = 4 << 20,
    MIN_FREE_BYTES = 64 << 20,
    OPEN_EXTRA_BYTES = 1 << 20, /* a manifest and the first log blocks */
};

int
store_key_compare(struct text a, struct text b)
{
    size_t common = a.length < b.length ? a.length : b.length;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

const char *
store_state_name(enum store_state state)
{
    switch (state) {
    case STORE_WRITABLE: return "writable";
    case STORE_READ_ONLY: return "read_only";
    case STORE_REOPENING: return "reopening";
    case STORE_FAILED: return "failed";
    }
    return "unknown";
}

static struct engine_options
engine_options_of(const struct store_options *options, const char *path)
{
    return (struct engine_options){
        .path = path,
        .cache_bytes = options->cache_bytes ? options->cache_bytes : CACHE_BYTES,
        .write_buffer_bytes =
            options->write_buffer_bytes ? options->write_buffer_bytes : WRITE_BUFFER_BYTES,
    };
}

/* Opens an engine without a database and writes the records that every store has. */
static enum status
engine_initialise(struct store *self, const struct engine_options *options,
    struct engine **engine_p, struct problem *problem)
{
    struct store_meta meta = {.format = self->format_known};
    uuid_random(meta.id, sizeof meta.id);
    enum status status = self->kind->open(options, true, engine_p, problem);
    if (status != STATUS_OK)
        return status;
    struct engine_batch *batch = self->kind->batch_create();
    store_meta_put_all(self->kind, batch, &meta);
    status = self->kind->write(*engine_p, batch, problem);
    self->kind->batch_destroy(&batch);
    return status;
}

static enum status
folder_initialise(struct store *self, const struct store_options *options, struct problem *problem)
{
    enum status status = store_folder_clear_fresh(self->folder, problem);
    if (status != STATUS_OK)
        return status;
    struct engine_options fresh = engine_options_of(options, self->folder->fresh);
    struct engine *engine = NULL;
    status = engine_initialise(self, &fresh, &engine, problem);
    self->kind->close(&engine);
    if (status != STATUS_OK)
        return status;
    return store_folder_adopt_fresh(self->folder, problem);
}

static enum status
open_on_disk(struct store *self, const struct store_options *options, struct problem *problem)
{
    enum status status =
        store_folder_open(options->path, options->require_existing, &self->folder, problem);
    if (status != STATUS_OK)
        return status;
    struct engine_options engine_options = engine_options_of(options, self->folder->database);
    store_space_init(&self->space, self->folder,
        options->min_free_bytes ? options->min_free_bytes : MIN_FREE_BYTES,
        engine_options.write_buffer_bytes + OPEN_EXTRA_BYTES);
    if (!store_space_prepare_open(&self->space)) {
        problem_set(
            problem, "%s: the disk is full; free some space and start again", self->folder->path);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    if (self->folder->is_empty)
        status = folder_initialise(self, options, problem);
    if (status == STATUS_OK)
        status = self->kind->open(&engine_options, false, &self->engine, problem);
    return status;
}

static enum status
open_in_memory(struct store *self, const struct store_options *options, struct problem *problem)
{
    store_space_init(&self->space, NULL, 0, 0);
    struct engine_options engine_options = engine_options_of(options, NULL);
    return engine_initialise(self, &engine_options, &self->engine, problem);
}

/* What a store must have kept. Within a process that is the last acknowledged commit; across
 * restarts it will be what a witness beside the store says. */
static enum status
check_acknowledged(const struct store *self, uint64_t found, struct problem *problem)
{
    uint64_t acknowledged = store_sequence(self);
    if (found >= acknowledged)
        return STATUS_OK;
    problem_set(problem, "acknowledged commits %llu to %llu are missing; restore a backup",
        (unsigned long long)found + 1, (unsigned long long)acknowledged);
    return STATUS_DATA_LOSS;
}

/* A reopen finds the store that was closed. Other threads read these, so they are set once. */
static enum status
check_same(struct store *self, const struct store_meta *meta, struct problem *problem)
{
    if (store_epoch(self) == 0) {
        self->format = meta->format;
        memcpy(self->id, meta->id, sizeof self->id);
    }
    if (self->format == meta->format && memcmp(self->id, meta->id, sizeof self->id) == 0)
        return STATUS_OK;
    problem_set(problem, "another store lies in the folder now");
    return STATUS_DATA_LOSS;
}

static void
count_epoch(struct store *self, uint64_t stored)
{
    uint64_t mine = store_epoch(self);
    uint64_t epoch = (mine > stored ? mine : stored) + 1;
    atomic_store(&self->epoch, epoch);
    struct engine_batch *batch = self->kind->batch_create();
    store_meta_put_epoch(self->kind, batch, epoch);
    /* A failure leaves a store that can be read, poisoned, with its reason. */
    enum status status = store_write(self, batch, NULL);
    (void)status;
    self->kind->batch_destroy(&batch);
}

enum status
store_take_up(struct store *self, struct problem *problem)
{
    struct store_meta meta = {0};
    enum status status = store_meta_read(self->kind, self->engine, &meta, problem);
    if (status != STATUS_OK)
        return status;
    if (meta.format > self->format_known) {
        problem_set(problem, "the store has data format %u, and this version knows up to %u",
            meta.format, self->format_known);
        return STATUS_FAILED_PRECONDITION;
    }
    status = check_acknowledged(self, meta.sequence, problem);
    if (status != STATUS_OK)
        return status;
    status = check_same(self, &meta, problem);
    if (status != STATUS_OK)
        return status;
    self->poisoned = false;
    atomic_store(&self->sequence, meta.sequence);
    if (meta.importing)
        status = store_wipe(self, problem);
    if (status != STATUS_OK)
        return status;
    count_epoch(self, meta.epoch);
    store_gate_open(self);
    return STATUS_OK;
}

void
store_await_space(struct store *self, uint64_t needed_bytes)
{
    store_condition_set(&self->condition, STORE_READ_ONLY,
        "the disk of %.120s has %llu MiB free and %llu are needed; free some, and writing goes on",
        self->folder->path, (unsigned long long)self->space.free_bytes >> 20,
        (unsigned long long)needed_bytes >> 20);
}

void
store_settle(struct store *self)
{
    if (self->poisoned)
        return;
    if (store_space_is_back(&self->space)) {
        store_space_restore_ballast(&self->space);
        store_condition_set(&self->condition, STORE_WRITABLE, "%s", "");
        return;
    }
    store_await_space(self, self->space.min_free_bytes);
}

static void
store_release(struct store **self_p)
{
    struct store *self = TAKE(*self_p);
    if (!self)
        return;
    if (self->import_batch)
        self->kind->batch_destroy(&self->import_batch);
    buffer_release(&self->import_last_key);
    self->kind->close(&self->engine);
    store_folder_close(&self->folder);
    free(self);
}

enum status
store_open(const struct store_options *options, struct store **self_p, struct problem *problem)
{
    CLEANUP(store_release) struct store *self = memory_new(sizeof *self);
    self->kind = options->engine == STORE_MEMORY ? &engine_memory : &engine_leveldb;
    self->format_known = options->format;
    atomic_store(&self->gate, STORE_GATE_CLOSED);
    store_condition_set(&self->condition, STORE_REOPENING, "the store is being opened");
    enum status status = self->kind->on_disk ? open_on_disk(self, options, problem)
                                             : open_in_memory(self, options, problem);
    if (status == STATUS_OK)
        status = store_take_up(self, problem);
    if (status != STATUS_OK)
        return status;
    store_settle(self);
    *self_p = TAKE(self);
    return STATUS_OK;
}

void
store_close(struct store **self_p)
{
    if (!*self_p)
        return;
    assert((atomic_load(&(*self_p)->gate) & ~STORE_GATE_CLOSED) == 0);
    store_release(self_p);
}

enum store_state
store_state(const struct store *self)
{
    return store_condition_state(&self->condition);
}

void
store_reason(const struct store *self, struct problem *reason)
{
    store_condition_reason(&self->condition, reason);
}

uint64_t
store_epoch(const struct store *self)
{
    return atomic_load(&self->epoch);
}

uint64_t
store_sequence(const struct store *self)
{
    return atomic_load(&self->sequence);
}

uint64_t
store_size_bytes(const struct store *self)
{
    return self->folder ? store_folder_size_bytes(self->folder) : 0;
}

uint32_t
store_format(const struct store *self)
{
    return self->format;
}

void
store_id(const struct store *self, uint8_t id[STORE_ID_SIZE])
{
    memcpy(id, self->id, STORE_ID_SIZE);
}
