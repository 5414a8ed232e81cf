/* json_reader: a strict pull reader for RFC 8259, without allocation.
 *
 * Reads once from front to back. Refused: anything but one value with blanks around it, invalid
 * UTF-8, a BOM, depth over 64, control characters in strings, lone surrogates, \u0000 (our texts
 * hold no NUL), duplicate keys in one object, more than 1,024 keys in the objects that are open at
 * once, keys with escapes over 256 bytes, numbers that are not JSON's. Errors stick: after the
 * first, every call answers false or JSON_INVALID, and json_reader_problem says what and where. So
 * a caller reads straight on and checks once with json_reader_end.
 *
 *     struct json_reader reader;
 *     json_reader_init(&reader, body);
 *     struct text key;
 *     if (json_object_begin(&reader))
 *         while (json_object_next(&reader, &key)) {
 *             if (text_is(key, "id"))
 *                 json_read_raw(&reader, &id);
 *             else
 *                 json_skip(&reader);
 *         }
 *     if (!json_reader_end(&reader)) ... json_reader_problem(&reader) ...
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/text.h"

enum { JSON_DEPTH_MAX = 64, JSON_OPEN_KEYS_MAX = 1024 };

enum json_type {
    JSON_INVALID,
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
};

struct json_reader {
    const char *start;
    const char *at;
    const char *end;
    const char *problem; /* static words; NULL while all is well */
    uint32_t depth;
    uint32_t key_count;                     /* of all open objects */
    uint16_t first_key[JSON_DEPTH_MAX + 1]; /* where each open object's keys begin */
    uint8_t state[JSON_DEPTH_MAX + 1];
    uint32_t key_hashes[JSON_OPEN_KEYS_MAX];
    const char *keys[JSON_OPEN_KEYS_MAX]; /* raw, at the opening quote */
    char key_scratch[256];                /* the current key, when it held escapes */
};

/* The document is borrowed and must outlive the reader and the texts it gave. Cheap: the key tables
 * are not cleared. */
void json_reader_init(struct json_reader *self, struct text document);

/* What comes next, without moving; nothing that begins a value is an error. */
enum json_type json_peek(struct json_reader *self);

/* Enters; false (an error) when the next value is of another type. */
bool json_object_begin(struct json_reader *self);
bool json_array_begin(struct json_reader *self);

/* Moves to the next member and gives its key, unescaped; the value comes next and must be read or
 * skipped. False at the end of the object, which is left, or on an error. The key is borrowed from
 * the document, or from the reader until the next call. */
bool json_object_next(struct json_reader *self, struct text *key);
/* Moves to the next element; false at the end of the array, which is left, or on an error. */
bool json_array_next(struct json_reader *self);

/* Each reads one value; false when it is of another type (an error) or malformed. A string without
 * escapes is borrowed from the document, another one lives in the arena. */
bool json_read_string(struct json_reader *self, struct arena *arena, struct text *value);
bool json_read_boolean(struct json_reader *self, bool *value);
bool json_read_null(struct json_reader *self);
/* An integer without fraction or exponent that fits int64 (also 1.0 and 1e3: JSON Schema calls
 * them integers). */
bool json_read_integer(struct json_reader *self, int64_t *value);
/* The nearest double; a number too large for one, or longer than 1,024 bytes, is an error. */
bool json_read_number(struct json_reader *self, double *value);
/* Any value, checked, as the bytes it has in the document (strings with their quotes). */
bool json_read_raw(struct json_reader *self, struct text *raw);
bool json_skip(struct json_reader *self);

/* Records the caller's own error ("limit must be 1 to 100"), at the place just read. */
void json_fail(struct json_reader *self, const char *static_words);

/* True when one whole value was read, only blanks follow, and nothing was wrong. */
bool json_reader_end(struct json_reader *self);
const char *json_reader_problem(const struct json_reader *self); /* never NULL after a failure */
size_t json_reader_offset(const struct json_reader *self);       /* bytes from the start */
