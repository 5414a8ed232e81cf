/* json_scan: the strings of JSON, for the reader and the writer of this room.
 *
 * Plain bytes are passed eight at a time; only quotes, backslashes, controls and what is not ASCII
 * are looked at one by one.
 */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/base/text.h"

/* A mask over eight bytes, of which the first is the lowest: the lowest bit set is the top bit of
 * the first byte that is no plain ASCII character, but a quote, a backslash, a control, or a byte
 * above 0x7E. Zero when all are plain. Bits above the lowest mean nothing: borrows and carries
 * reach upwards. */
static inline uint64_t
json_special_bytes(uint64_t eight)
{
    const uint64_t ones = 0x0101010101010101u;
    return ((eight - ones * 0x20) | ((eight ^ ones * '"') - ones) | ((eight ^ ones * '\\') - ones) |
               (eight + ones) | eight) &
           ones * 0x80;
}

/* How many bytes come before the first special one. */
static inline size_t
json_plain_bytes(uint64_t special)
{
    return (size_t)__builtin_ctzll(special) >> 3;
}

static inline bool
json_is_plain(char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* Checks the string whose first byte after the opening quote is `at`. Returns the place of the
 * closing quote; escaped tells whether a backslash came. On an error: *problem is set to static
 * words and the place of the error is returned. */
const char *json_scan_string(const char *at, const char *end, bool *escaped, const char **problem);

/* Writes the characters of a checked string, without its quotes, to `out`, which has room for as
 * many bytes as the raw form; returns how many were written. */
size_t json_unescape(struct text raw, char *out);
