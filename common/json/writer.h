/* json_writer: appends JSON to a buffer; commas, quotes and escapes are its business.
 *
 * What it writes is valid as long as begin and end pair and texts are UTF-8 (bad bytes become
 * U+FFFD). Output is ASCII-safe for control characters and U+2028/U+2029; the rest passes as UTF-8.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/text.h"

struct json_writer {
    struct buffer *out; /* borrowed */
    uint64_t has_items; /* one bit a level */
    uint32_t depth;
    bool after_key;
};

void json_writer_init(struct json_writer *self, struct buffer *out);

void json_write_object_begin(struct json_writer *self);
void json_write_object_end(struct json_writer *self);
void json_write_array_begin(struct json_writer *self);
void json_write_array_end(struct json_writer *self);
/* A literal key of our own, written without escaping. */
void json_write_key(struct json_writer *self, const char *key);
void json_write_key_text(struct json_writer *self, struct text key);

void json_write_text(struct json_writer *self, struct text value);
void json_write_string(struct json_writer *self, const char *value);
void json_write_integer(struct json_writer *self, int64_t value);
void json_write_unsigned(struct json_writer *self, uint64_t value);
/* Shortest of 6 and 17 digits that reads back; NaN and infinities become null. */
void json_write_number(struct json_writer *self, double value);
void json_write_boolean(struct json_writer *self, bool value);
void json_write_null(struct json_writer *self);
/* A value that is already JSON. */
void json_write_raw(struct json_writer *self, struct text json);

/* Escapes into a buffer without quotes; for a JSON text inside a JSON string. */
void json_escape(struct buffer *out, struct text value);
