/* store: an ordered key-value store that tells the truth about durability.
 *
 * The only room that knows a storage engine. One writer thread commits; any thread may read, and
 * reads only through a snapshot. A commit that returned STATUS_OK is in the engine's log and
 * synced. After any write error the handle is poisoned: nothing is acknowledged any more before the
 * writer closed it, opened it again and checked it (LevelDB loses acknowledged synced writes when
 * one goes on after a failed log append). Checksums are verified on every read, and damage is
 * STATUS_DATA_LOSS, never an empty result.
 *
 * Keys are 1 byte to 1 KiB, values at most 4 MiB, batches 16 MiB. Keys that begin with byte 0x00
 * are the store's own (format, sequence, epoch): reads and scans do not see them, and putting one
 * is a mistake of the caller's code.
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

enum {
    STORE_KEY_MAX = 1024,
    STORE_VALUE_MAX = 4 << 20,
    STORE_BATCH_MAX = 16 << 20,
    STORE_ID_SIZE = 16,
};

struct store_options {
    enum store_engine engine;
    const char *path;          /* a folder; created 0700 when absent. Not used by STORE_MEMORY */
    uint32_t format;           /* the caller's data format; a store of a newer one is refused */
    bool require_existing;     /* refuse to initialise an empty folder */
    size_t cache_bytes;        /* 0: 8 MiB */
    size_t write_buffer_bytes; /* 0: 4 MiB */
    uint64_t min_free_bytes;   /* 0: 64 MiB; below it commits answer RESOURCE_EXHAUSTED */
};

/* Opens or initialises. FAILED_PRECONDITION: the folder is neither empty nor a store, is in use by
 * another process, holds a newer format, or is missing with require_existing; DATA_LOSS: damage;
 * RESOURCE_EXHAUSTED: no space even to open; UNAVAILABLE: the disk answers with errors. A store
 * whose disk is nearly full opens read-only. STORE_MEMORY begins empty and dies with store_close.
 */
enum status store_open(
    const struct store_options *options, struct store **self_p, struct problem *problem) MUST_CHECK;
/* All snapshots, scans and batches must be gone. */
void store_close(struct store **self_p);

enum store_state store_state(const struct store *self); /* any thread */
/* Why it is not writable and what helps, for a person; "" when it is. Any thread. */
void store_reason(const struct store *self, struct problem *reason);
const char *store_state_name(enum store_state state);

/* Counts every open, reopen and import of this store, across restarts; a batch is made for one
 * epoch. These five may be asked by any thread. */
uint64_t store_epoch(const struct store *self);
/* Commit sequence of the last commit; 0 in a new store. */
uint64_t store_sequence(const struct store *self);
/* Bytes on disk, about. */
uint64_t store_size_bytes(const struct store *self);
uint32_t store_format(const struct store *self);
/* Names this store for life: 16 random bytes made at initialisation. */
void store_id(const struct store *self, uint8_t id[STORE_ID_SIZE]);

/* Writer thread only. The batch remembers the epoch of its creation, and store_batch_clear renews
 * it. What is over a limit is not kept, and the commit says so. */
struct store_batch *store_batch_create(struct store *self);
void store_batch_destroy(struct store_batch **batch_p);
void store_batch_put(struct store_batch *batch, struct text key, struct text value);
void store_batch_delete(struct store_batch *batch, struct text key);
size_t store_batch_bytes(const struct store_batch *batch);
/* Puts and deletes. */
size_t store_batch_rows(const struct store_batch *batch);
void store_batch_clear(struct store_batch *batch);

/* Writes the batch atomically, with `sequences` commit sequences (store_sequence()+1 onwards) that
 * the caller gave to its parts, and syncs. The batch is used up: clear it. STATUS_OK: durable.
 * RESOURCE_EXHAUSTED, before anything was written (outcome certainly not): disk space under the
 * watermark, or a size limit. ABORTED: the batch is of another epoch, not written. UNAVAILABLE: not
 * writable, not written. A store that is read-only for want of space is writable again by the first
 * commit that finds some. INTERNAL: the write or sync failed; what became of it is unknown and the
 * store is poisoned. */
enum status store_commit(struct store *self, struct store_batch *batch, uint32_t sequences,
    struct problem *problem) MUST_CHECK;

/* Writer thread: tries to become writable again (reopen and check; free space seen again). To
 * reopen, all snapshots must be let go: it refuses new ones and waits for the last for at most 20
 * ms, and when some outlive that it answers UNAVAILABLE, reads go on, and it can be called again.
 * RESOURCE_EXHAUSTED: still no space; a store that can be read is not closed before there is some.
 * DATA_LOSS: FAILED for good. STATUS_OK: writable. */
enum status store_recover(struct store *self, struct problem *problem) MUST_CHECK;

/* Any thread. NULL while the store is about to reopen, is reopening or has failed, or cannot read
 * its own sequence. */
struct store_snapshot *store_snapshot_create(struct store *self);
void store_snapshot_destroy(struct store_snapshot **snapshot_p);
uint64_t store_snapshot_sequence(const struct store_snapshot *snapshot);

/* A value that the store allocated. */
struct store_value {
    struct text bytes;
    void *owned;
};
void store_value_release(struct store_value *value);

/* OK, NOT_FOUND, DATA_LOSS, or UNAVAILABLE when the disk could not be read. The value is the
 * caller's to release. */
enum status store_get(
    const struct store_snapshot *snapshot, struct text key, struct store_value *value) MUST_CHECK;

/* Keys in [from, to); an empty `to` means the end, and then the rows do not displace others in the
 * engine's cache. Made, used and destroyed in one thread, within the snapshot's life; a page at a
 * time, never kept across requests. The range is copied. */
struct store_scan *store_scan_create(
    const struct store_snapshot *snapshot, struct text from, struct text to, bool backward);
void store_scan_destroy(struct store_scan **scan_p);
/* True while there is a row; key and value are borrowed until the next call. */
bool store_scan_next(struct store_scan *scan, struct text *key, struct text *value);
/* The next row is the first with a key >= key (backward: the last < key) within the range. */
void store_scan_seek(struct store_scan *scan, struct text key);
/* After the last row: STATUS_OK, or DATA_LOSS or UNAVAILABLE when the end was a row that could not
 * be read. Always asked. */
enum status store_scan_status(const struct store_scan *scan) MUST_CHECK;

/* Gives table pages back to the kernel (LevelDB maps whole tables, and they count as resident);
 * they are read from disk when next asked for. For a quiet moment. */
void store_trim_memory(struct store *self);

/* For Import: every record of an exported store into this one, which must hold nothing and be at
 * sequence 0. With `discard` what it holds is removed first: for a service that knows it to be of
 * no worth (its own probes, the samples of its first minutes). Between begin and finish nothing
 * else is written, and commits answer UNAVAILABLE. A process that dies in between finds the store
 * empty at its next open. */
enum status store_import_begin(
    struct store *self, bool discard, struct problem *problem) MUST_CHECK;
/* Keys in ascending order. INVALID_ARGUMENT: a key of ours, out of order, or over a limit. */
enum status store_import_add(
    struct store *self, struct text key, struct text value, struct problem *problem) MUST_CHECK;
/* Checks the count (DATA_LOSS when it differs; abort then) and sets the sequence; the store is then
 * as the exported one was, under its own id and a new epoch. */
enum status store_import_finish(struct store *self, uint64_t sequence, uint64_t record_count,
    struct problem *problem) MUST_CHECK;
/* Removes what a broken-off import left; the store is empty again. After a failed write it answers
 * UNAVAILABLE, and store_recover does the same work. */
enum status store_import_abort(struct store *self, struct problem *problem) MUST_CHECK;
