/* records: one store's records in one file, so that every damage is found and placed.
 *
 * The format, version 1; numbers are big-endian:
 *
 *     header   16 bytes "forge-records\r\n" and a NUL; u32 version; u32 data format of the store;
 *              u64 commit sequence of its snapshot                                      (32 bytes)
 *     block    u32 bytes of the payload, not 0; u32 records in it; the payload;
 *              SHA-256 of those eight bytes and the payload
 *     payload  records one after the other: u32 bytes of the key; u32 bytes of the value; key;
 * value trailer  u32 0; u32 0; u64 records; u64 bytes of all payloads; SHA-256 of all payloads; end
 * of the file
 *
 * Keys are 1 to 1,024 bytes and ascend through the whole file; values are at most 4 MiB, payloads
 * at most 8 MiB.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/base/text.h"

enum {
    RECORDS_VERSION = 1,
    RECORDS_HASH_SIZE = 32,
    RECORDS_HEADER_SIZE = 32,
    RECORDS_BLOCK_TARGET = 1 << 20, /* a block is closed when it has so many bytes */
    RECORDS_PAYLOAD_MAX = 8 << 20,
    RECORDS_KEY_MAX = 1024,
    RECORDS_VALUE_MAX = 4 << 20,
};

extern const char records_magic[16];

/* What a file holds. */
struct records_summary {
    uint32_t format;
    uint64_t sequence;
    uint64_t records;
    uint64_t bytes; /* of all payloads */
    uint8_t sha256[RECORDS_HASH_SIZE];
};

struct records_writer;

/* Makes the file; one of that name must not exist. min_free_bytes: the disk is to keep so many
 * free, else RESOURCE_EXHAUSTED, as for a full disk; other failures are UNAVAILABLE. */
enum status records_writer_create(const char *path, uint64_t min_free_bytes, uint32_t format,
    uint64_t sequence, struct records_writer **self_p, struct problem *problem) MUST_CHECK;
/* Closes; an unfinished file stays, and no reader takes it for whole. */
void records_writer_destroy(struct records_writer **self_p);

/* INVALID_ARGUMENT: a key or value of a wrong size, or not after the last key. */
enum status records_writer_add(struct records_writer *self, struct text key, struct text value,
    struct problem *problem) MUST_CHECK;
/* Everything is on disk, synced. */
enum status records_writer_finish(struct records_writer *self, struct records_summary *summary,
    struct problem *problem) MUST_CHECK;

struct records_reader;

/* NOT_FOUND: no such file. DATA_LOSS: its header is none. */
enum status records_reader_create(
    const char *path, struct records_reader **self_p, struct problem *problem) MUST_CHECK;
void records_reader_destroy(struct records_reader **self_p);

/* From the header alone; records, bytes and hash are of what was read so far. */
struct records_summary records_reader_summary(const struct records_reader *self);
/* True while there is a record; borrowed until the next call. */
bool records_reader_next(struct records_reader *self, struct text *key, struct text *value);
/* After the last: STATUS_OK when the file was whole to its end, else DATA_LOSS and where. */
enum status records_reader_end(
    const struct records_reader *self, struct problem *problem) MUST_CHECK;
