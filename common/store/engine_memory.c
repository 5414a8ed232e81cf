/* A store in memory, for tests. A version is visible to a snapshot when its number is not above the
 * snapshot's; of a key's visible versions the newest counts. */
#include "common/store/engine_memory.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"
#include "common/store/engine.h"
#include "common/store/internal.h"
#include "common/store/skip_list.h"

enum { DELETE = 0, PUT = 1 };

struct engine {
    struct skip_list *list;
    _Atomic uint64_t version; /* of the last write */
    struct store_memory_faults faults;
    bool failed; /* a write failed, and no reopen followed */
};

struct engine_batch {
    struct buffer operations; /* kind byte, key length, value length, key, value */
};

struct engine_snapshot {
    uint64_t version;
};

struct engine_cursor {
    const struct skip_list *list;
    uint64_t version;
    const struct skip_node *node; /* NULL: stands nowhere */
};

static enum status
engine_open(const struct engine_options *options, bool create, struct engine **self_p,
    struct problem *problem)
{
    (void)options;
    (void)create;
    (void)problem;
    *self_p = memory_new(sizeof **self_p);
    (*self_p)->list = skip_list_create();
    return STATUS_OK;
}

static enum status
engine_reopen(struct engine *self, struct problem *problem)
{
    if (self->faults.reopens) {
        self->faults.reopens--;
        problem_set(problem, "the fault that was asked for");
        return STATUS_UNAVAILABLE;
    }
    if (self->faults.lose_commit)
        atomic_fetch_sub(&self->version, 1);
    self->faults.lose_commit = false;
    self->failed = false;
    return STATUS_OK;
}

static void
engine_close(struct engine **self_p)
{
    struct engine *self = TAKE(*self_p);
    if (!self)
        return;
    skip_list_destroy(&self->list);
    free(self);
}

static struct engine_batch *
batch_create(void)
{
    return memory_new(sizeof(struct engine_batch));
}

static void
batch_destroy(struct engine_batch **self_p)
{
    struct engine_batch *self = TAKE(*self_p);
    if (!self)
        return;
    buffer_release(&self->operations);
    free(self);
}

static void
batch_add(struct engine_batch *self, char kind, struct text key, struct text value)
{
    buffer_add_byte(&self->operations, kind);
    buffer_add(&self->operations, &key.length, sizeof key.length);
    buffer_add(&self->operations, &value.length, sizeof value.length);
    buffer_add_text(&self->operations, key);
    buffer_add_text(&self->operations, value);
}

static void
batch_put(struct engine_batch *self, struct text key, struct text value)
{
    batch_add(self, PUT, key, value);
}

static void
batch_delete(struct engine_batch *self, struct text key)
{
    batch_add(self, DELETE, key, TEXT(""));
}

static void
batch_clear(struct engine_batch *self)
{
    buffer_clear(&self->operations);
}

/* A key may come twice in a batch: the later wins, so it needs the higher version. Readers see none
 * of them before the engine's version is published. */
static void
apply(struct engine *self, const struct engine_batch *batch)
{
    uint64_t version = atomic_load(&self->version);
    const char *at = batch->operations.data;
    const char *end = at + batch->operations.length;
    while (at < end) {
        bool deleted = *at++ == DELETE;
        struct text key, value;
        memcpy(&key.length, at, sizeof key.length);
        memcpy(&value.length, at + sizeof key.length, sizeof value.length);
        key.data = at + sizeof key.length + sizeof value.length;
        value.data = key.data + key.length;
        at = value.data + value.length;
        skip_list_insert(self->list, ++version, key, value, deleted);
    }
    atomic_store(&self->version, version);
}

static enum status
engine_write(struct engine *self, struct engine_batch *batch, struct problem *problem)
{
    assert(!self->failed); /* LevelDB would lose acknowledged writes now */
    bool fails = self->faults.writes > 0;
    if (!fails || self->faults.written)
        apply(self, batch);
    if (!fails)
        return STATUS_OK;
    self->faults.writes--;
    self->failed = true;
    problem_set(problem, "the fault that was asked for");
    return STATUS_UNAVAILABLE;
}

static struct engine_snapshot *
snapshot_create(struct engine *self)
{
    struct engine_snapshot snapshot = {.version = atomic_load(&self->version)};
    return memory_copy(&snapshot, sizeof snapshot);
}

static void
snapshot_destroy(struct engine *self, struct engine_snapshot **snapshot_p)
{
    (void)self;
    memory_free(snapshot_p);
}

static enum status
engine_get(struct engine *self, const struct engine_snapshot *snapshot, struct text key,
    struct text *value, void **owned)
{
    const struct skip_node *node = skip_list_at(self->list, key, snapshot->version);
    if (!node || node->deleted || !text_equals(node->key, key))
        return STATUS_NOT_FOUND;
    *owned = memory_copy(node->value.data, node->value.length);
    *value = text_from(*owned, node->value.length);
    return STATUS_OK;
}

static struct engine_cursor *
cursor_create(struct engine *self, const struct engine_snapshot *snapshot, bool bulk)
{
    (void)bulk;
    struct engine_cursor cursor = {.list = self->list, .version = snapshot->version};
    return memory_copy(&cursor, sizeof cursor);
}

static void
cursor_destroy(struct engine_cursor **self_p)
{
    memory_free(self_p);
}

/* Past the versions of this key that are left. */
static const struct skip_node *
next_key(const struct skip_node *node)
{
    struct text key = node->key;
    do
        node = skip_node_next(node);
    while (node && text_equals(node->key, key));
    return node;
}

/* From a node on: the first key whose newest visible version is a value. */
static const struct skip_node *
visible_from(const struct engine_cursor *self, const struct skip_node *node)
{
    while (node) {
        if (node->version > self->version)
            node = skip_node_next(node);
        else if (node->deleted)
            node = next_key(node);
        else
            return node;
    }
    return NULL;
}

static void
cursor_seek(struct engine_cursor *self, struct text key)
{
    self->node = visible_from(self, skip_list_at(self->list, key, self->version));
}

/* The last visible row among the keys up to that of `node`. */
static void
seek_back(struct engine_cursor *self, const struct skip_node *node)
{
    for (; node; node = skip_list_before(self->list, node->key)) {
        cursor_seek(self, node->key);
        if (self->node && text_equals(self->node->key, node->key))
            return;
    }
    self->node = NULL;
}

static void
cursor_last(struct engine_cursor *self)
{
    seek_back(self, skip_list_last(self->list));
}

static void
cursor_move(struct engine_cursor *self, bool backward)
{
    if (!self->node)
        return;
    if (backward)
        seek_back(self, skip_list_before(self->list, self->node->key));
    else
        self->node = visible_from(self, next_key(self->node));
}

static bool
cursor_row(const struct engine_cursor *self, struct text *key, struct text *value)
{
    if (!self->node)
        return false;
    *key = self->node->key;
    *value = self->node->value;
    return true;
}

static enum status
cursor_status(const struct engine_cursor *self)
{
    (void)self;
    return STATUS_OK;
}

void
store_memory_set_faults(struct store *self, const struct store_memory_faults *faults)
{
    assert(self->kind == &engine_memory);
    self->engine->faults = *faults;
}

const struct engine_kind engine_memory = {
    .open = engine_open,
    .reopen = engine_reopen,
    .close = engine_close,
    .batch_create = batch_create,
    .batch_destroy = batch_destroy,
    .batch_put = batch_put,
    .batch_delete = batch_delete,
    .batch_clear = batch_clear,
    .write = engine_write,
    .snapshot_create = snapshot_create,
    .snapshot_destroy = snapshot_destroy,
    .get = engine_get,
    .cursor_create = cursor_create,
    .cursor_destroy = cursor_destroy,
    .cursor_seek = cursor_seek,
    .cursor_last = cursor_last,
    .cursor_move = cursor_move,
    .cursor_row = cursor_row,
    .cursor_status = cursor_status,
};
