/* store: an ordered key-value store that tells the truth about durability.
 *
 * The only room that knows a storage engine. One writer thread commits; any thread may read, and
 * reads only through a snapshot. A commit that returned STATUS_OK is in the engine's log and
 * synced. After any write error the handle is poisoned: nothing is acknowledged any more before the
 * writer closed it, opened it again and checked it (LevelDB loses acknowledged synced writes when
 * one goes on after a failed log append). Checksums are verified on every read, and damage is
 * STATUS_DATA_LOSS, never an empty result.
 *
 * Keys are at most 1 KiB, values 4 MiB, batches 16 MiB. Keys that begin with byte 0x00 are the
 * store's own (format, sequence, epoch).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/base/text.h"

struct store;
struct store_snapshot;
struct store_scan;
struct store_batch;

enum store_engine { STORE_LEVELDB, STORE_MEMORY };

enum store_state {
    STORE_WRITABLE,
    STORE_READ_ONLY, /* reads go on; store_reason says why and what helps */
    STORE_REOPENING,
    STORE_FAILED, /* a person must look; never repaired by the program */
};

struct store_options {
    enum store_engine engine;
    const char *path;          /* a folder; created 0700 when absent */
    uint32_t format;           /* the caller's data format; a store of a newer one is refused */
    bool require_existing;     /* refuse to initialise an empty folder */
    size_t cache_bytes;        /* 0: 8 MiB */
    size_t write_buffer_bytes; /* 0: 4 MiB */
    uint64_t min_free_bytes;   /* 0: 64 MiB; below it commits answer RESOURCE_EXHAUSTED */
};

/* Opens or initialises. FAILED_PRECONDITION: the folder is neither empty nor a store, is in use by
 * another process, holds a newer format, or is missing with require_existing; DATA_LOSS: damage. */
enum status store_open(
    const struct store_options *options, struct store **self_p, struct problem *problem) MUST_CHECK;
/* All snapshots and scans must be gone. */
void store_close(struct store **self_p);

enum store_state store_state(const struct store *self); /* any thread */
/* Why it is not writable, for a person; "" when it is. Copied, so any thread may ask. */
void store_reason(const struct store *self, struct problem *reason);
const char *store_state_name(enum store_state state);

/* Counts every open and reopen of this store, across restarts; a batch is made for one epoch. */
uint64_t store_epoch(const struct store *self);
/* Commit sequence of the last commit; 0 in a new store. */
uint64_t store_sequence(const struct store *self);
/* Bytes on disk, about. */
uint64_t store_size_bytes(const struct store *self);
uint32_t store_format(const struct store *self);
/* Names this store for life: 16 random bytes made at initialisation. */
void store_id(const struct store *self, uint8_t id[16]);

/* Writer thread only. The batch remembers the epoch of its creation. */
struct store_batch *store_batch_create(struct store *self);
void store_batch_destroy(struct store_batch **batch_p);
void store_batch_put(struct store_batch *batch, struct text key, struct text value);
void store_batch_delete(struct store_batch *batch, struct text key);
size_t store_batch_bytes(const struct store_batch *batch);
void store_batch_clear(struct store_batch *batch);

/* Writes the batch atomically, with `sequences` commit sequences (store_sequence()+1 onwards) that
 * the caller gave to its parts, and syncs. STATUS_OK: durable. RESOURCE_EXHAUSTED, before anything
 * was written (outcome certainly not): disk space under the watermark, or a size limit.
 * ABORTED: the batch is of another epoch, not written. UNAVAILABLE: not writable, not written.
 * INTERNAL: the write or sync failed; what became of it is unknown and the store is poisoned. */
enum status store_commit(struct store *self, struct store_batch *batch, uint32_t sequences,
    struct problem *problem) MUST_CHECK;

/* Writer thread: tries to become writable again (reopen and check; free space seen again). All
 * snapshots must have been let go, or it answers UNAVAILABLE and can be called again. */
enum status store_recover(struct store *self, struct problem *problem) MUST_CHECK;

/* Any thread. NULL while the store is reopening or failed. */
struct store_snapshot *store_snapshot_create(struct store *self);
void store_snapshot_destroy(struct store_snapshot **snapshot_p);
uint64_t store_snapshot_sequence(const struct store_snapshot *snapshot);

/* A value that the store allocated. */
struct store_value {
    struct text bytes;
    void *owned;
};
void store_value_release(struct store_value *value);

/* OK, NOT_FOUND, or DATA_LOSS. The value is the caller's to release. */
enum status store_get(
    const struct store_snapshot *snapshot, struct text key, struct store_value *value) MUST_CHECK;

/* Keys in [from, to); an empty `to` means the end. Made, used and destroyed in one thread, within
 * the snapshot's life; a page at a time, never kept across requests. */
struct store_scan *store_scan_create(
    const struct store_snapshot *snapshot, struct text from, struct text to, bool backward);
void store_scan_destroy(struct store_scan **scan_p);
/* True while there is a row; key and value are borrowed until the next call. */
bool store_scan_next(struct store_scan *scan, struct text *key, struct text *value);
/* Moves on to the first key >= key (backward: the last key < key) within the range. */
void store_scan_seek(struct store_scan *scan, struct text key);
/* After the last row: STATUS_OK, or DATA_LOSS when the end was damage. Always asked. */
enum status store_scan_status(const struct store_scan *scan) MUST_CHECK;

/* Gives table pages back to the kernel (LevelDB maps whole tables; they count as resident). */
void store_trim_memory(struct store *self);

/* For Import: every record of an exported store into this one, which must be at sequence 0. Between
 * begin and finish nothing else is written. finish checks count and sets the sequence; the store is
 * then as the exported one was, under its own id. */
enum status store_import_begin(struct store *self, struct problem *problem) MUST_CHECK;
enum status store_import_add(
    struct store *self, struct text key, struct text value, struct problem *problem) MUST_CHECK;
enum status store_import_finish(struct store *self, uint64_t sequence, uint64_t record_count,
    struct problem *problem) MUST_CHECK;
/* Removes what a broken-off import left; the store is empty again. */
enum status store_import_abort(struct store *self, struct problem *problem) MUST_CHECK;
