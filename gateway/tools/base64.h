/* base64: RFC 4648, canonical forms only (no stray bits, no blanks).
 *
 * The URL alphabet goes without padding, the standard one with it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/text.h"

/* Characters that `size` bytes take in the URL alphabet. */
#define BASE64_URL_LENGTH(size) (((size)*4 + 2) / 3)

/* Writes BASE64_URL_LENGTH(size) characters, without a NUL. */
void base64_url_encode(const void *bytes, size_t size, char *out);

/* Each writes at most `max` bytes and their number; false when the text is not canonical or is
 * longer. `out` needs room for three quarters of the text, or `max`, whichever is less. */
bool base64_url_decode(struct text text, void *out, size_t max, size_t *size) MUST_CHECK;
bool base64_decode(struct text text, void *out, size_t max, size_t *size) MUST_CHECK;
