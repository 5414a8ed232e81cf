/* engine: what the store asks of a storage engine.
 *
 * An ordered map with atomic synced batches, snapshots and cursors; nothing more. The discipline
 * (poison, epochs, limits, own keys) is the store's and the same over every engine. An engine tells
 * three kinds of failure apart: DATA_LOSS for damage it found, FAILED_PRECONDITION for a database
 * in use, UNAVAILABLE for a disk that answers with errors.
 *
 * One thread writes; snapshots are made and read by any thread. Between a failed reopen and the
 * next good one, nothing but reopen and close may be called.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/base/text.h"

/* Each engine has its own structs behind these. */
struct engine;
struct engine_batch;
struct engine_snapshot;
struct engine_cursor;

struct engine_options {
    const char *path; /* the database's own folder; NULL for an engine without files */
    size_t cache_bytes;
    size_t write_buffer_bytes;
};

struct engine_kind {
    bool on_disk;

    /* With `create` the folder must not hold a database; without it, it must. */
    enum status (*open)(const struct engine_options *options, bool create, struct engine **self_p,
        struct problem *problem);
    /* Closes, when open, and opens again. No snapshot may be alive. */
    enum status (*reopen)(struct engine *self, struct problem *problem);
    void (*close)(struct engine **self_p);

    struct engine_batch *(*batch_create)(void);
    void (*batch_destroy)(struct engine_batch **self_p);
    void (*batch_put)(struct engine_batch *self, struct text key, struct text value);
    void (*batch_delete)(struct engine_batch *self, struct text key);
    void (*batch_clear)(struct engine_batch *self);
    /* Atomic and durable when STATUS_OK; anything else leaves it open what was written. */
    enum status (*write)(struct engine *self, struct engine_batch *batch, struct problem *problem);

    struct engine_snapshot *(*snapshot_create)(struct engine *self);
    void (*snapshot_destroy)(struct engine *self, struct engine_snapshot **snapshot_p);
    /* *owned is for free(); its bytes are *value. */
    enum status (*get)(struct engine *self, const struct engine_snapshot *snapshot, struct text key,
        struct text *value, void **owned);

    /* Bulk cursors leave the cache alone. A new cursor stands nowhere: place it first. */
    struct engine_cursor *(*cursor_create)(
        struct engine *self, const struct engine_snapshot *snapshot, bool bulk);
    void (*cursor_destroy)(struct engine_cursor **self_p);
    void (*cursor_seek)(struct engine_cursor *self, struct text key); /* first >= key */
    void (*cursor_last)(struct engine_cursor *self);
    void (*cursor_move)(struct engine_cursor *self, bool backward);
    /* False past either end, or at damage: cursor_status tells which. */
    bool (*cursor_row)(const struct engine_cursor *self, struct text *key, struct text *value);
    enum status (*cursor_status)(const struct engine_cursor *self);
};

extern const struct engine_kind engine_leveldb;
extern const struct engine_kind engine_memory;
