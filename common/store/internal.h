/* What the files of this room share: the store's body. Not for other rooms. */
#pragma once

#include <stdatomic.h>

#include "common/base/buffer.h"
#include "common/store/condition.h"
#include "common/store/engine.h"
#include "common/store/folder.h"
#include "common/store/meta.h"
#include "common/store/space.h"
#include "common/store/store.h"

/* The gate counts living snapshots. With this bit it admits no more; when then none is left, the
 * engine may be reopened (an iterator or snapshot alive in leveldb_close ends the process). */
#define STORE_GATE_CLOSED 0x80000000u

struct store {
    const struct engine_kind *kind;
    struct engine *engine;
    struct store_folder *folder; /* NULL for an engine without files */
    struct store_space space;
    struct store_condition condition;
    _Atomic uint32_t gate;
    _Atomic uint64_t epoch;
    _Atomic uint64_t sequence; /* last acknowledged commit */
    uint8_t id[STORE_ID_SIZE];
    uint32_t format;
    uint32_t format_known; /* the caller's own: the newest it understands */

    /* The writer thread's. */
    bool poisoned; /* a write failed on this handle: nothing more is written before a reopen */
    bool importing;
    struct engine_batch *import_batch; /* NULL before the first import */
    size_t import_bytes;               /* in import_batch */
    uint64_t import_records;           /* so far */
    struct buffer import_last_key;
};

/* Byte order; a prefix comes first. */
int store_key_compare(struct text a, struct text b);

/* Writes and syncs; a failure poisons the store and is STATUS_INTERNAL. */
enum status store_write(
    struct store *self, struct engine_batch *batch, struct problem *problem) MUST_CHECK;

/* After the engine was opened: reads what it says of itself, refuses what does not fit, counts the
 * epoch, and lets snapshots in. The store may come out poisoned, with reads only. */
enum status store_take_up(struct store *self, struct problem *problem) MUST_CHECK;

/* Read-only, with the reason that the disk has less than that free. Only for a store on disk. */
void store_await_space(struct store *self, uint64_t needed_bytes);

/* Writable, or read-only when the watermark says so. */
void store_settle(struct store *self);

/* False, and the gate open as before, when snapshots outlive a short wait. */
bool store_gate_close(struct store *self);
void store_gate_open(struct store *self);

/* Removes every record but the store's own, whose sequence becomes 0. */
enum status store_wipe(struct store *self, struct problem *problem) MUST_CHECK;
