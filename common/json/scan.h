/* json_scan: the strings of JSON, byte by byte, for the reader and the writer of this room.
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

/* The first place at or after `at` that may hold something else than a plain ASCII character: a
 * quote, a backslash, a control, or a byte above 0x7E. It may be `end`, and it may be a plain byte
 * of the last seven. */
static inline const char *
json_scan_plain(const char *at, const char *end)
{
    const uint64_t ones = 0x0101010101010101u;
    while (end - at >= 8) {
        uint64_t eight;
        memcpy(&eight, at, sizeof eight);
        eight = le64toh(eight);
        /* A byte's top bit says that it is one of those; borrows and carries only reach bytes
         * above the first such byte, which is the one that counts. */
        uint64_t found = ((eight - ones * 0x20) | ((eight ^ ones * '"') - ones) |
                             ((eight ^ ones * '\\') - ones) | (eight + ones) | eight) &
                         ones * 0x80;
        if (found)
            return at + (__builtin_ctzll(found) >> 3);
        at += 8;
    }
    return at;
}

/* Checks the string whose first byte after the opening quote is `at`. Returns the place of the
 * closing quote; escaped tells whether a backslash came. On an error: *problem is set to static
 * words and the place of the error is returned. */
const char *json_scan_string(const char *at, const char *end, bool *escaped, const char **problem);

/* Writes the characters of a checked string, without its quotes, to `out`, which has room for as
 * many bytes as the raw form; returns how many were written. */
size_t json_unescape(struct text raw, char *out);
