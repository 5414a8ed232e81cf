/* envelope: a small JSON file with its own checksum, written whole or not at all. */
#pragma once

#include "common/base/attributes.h"
#include "common/base/buffer.h"
#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/base/text.h"

/* body: a JSON value. Replaces what was there. */
enum status envelope_write(
    const char *folder, const char *name, struct text body, struct problem *problem) MUST_CHECK;

/* The body is left in *content, whose other bytes are of no meaning, and borrowed from it.
 * NOT_FOUND: no such file. DATA_LOSS: it is not what was written. */
enum status envelope_read(const char *folder, const char *name, struct buffer *content,
    struct text *body, struct problem *problem) MUST_CHECK;

enum { HEX_HASH_SIZE = 65 };
/* "00ff…" of 32 bytes, and back; false when it is none. */
void hex_of_hash(const uint8_t hash[32], char out[HEX_HASH_SIZE]);
bool hash_of_hex(struct text hex, uint8_t hash[32]);
