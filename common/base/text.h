/* text: a borrowed run of bytes with its length.
 *
 * A text owns nothing and need not end in NUL. It is passed by value. The empty text has length 0;
 * its data may be NULL. Who owns the bytes, and for how long, is said where a text is handed out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/base/attributes.h"
#include "common/base/status.h"

struct text {
    const char *data;
    size_t length;
};

/* A text over a string literal, at no cost. */
#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})

/* printf("%.*s", TEXT_FORMAT(text)) */
#define TEXT_FORMAT(text) (int)(text).length, (text).data ? (text).data : ""

/* A NUL-terminated string as text; NULL gives the empty text. */
static inline struct text
text_of(const char *string)
{
    return (struct text){string, string ? strlen(string) : 0};
}

static inline struct text
text_from(const void *data, size_t length)
{
    return (struct text){(const char *)data, length};
}

static inline bool
text_equals(struct text a, struct text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

static inline bool
text_is(struct text a, const char *string)
{
    return text_equals(a, text_of(string));
}

/* ASCII letters compare without case; other bytes exactly. For header names and schemes. */
bool text_equals_ignoring_case(struct text a, struct text b);

bool text_starts_with(struct text a, struct text prefix);

/* Without leading and trailing spaces and tabs (HTTP's OWS). */
struct text text_trim(struct text a);

/* Reads a decimal integer that fills the whole text; an optional '-' first, no '+', no blanks.
 * STATUS_INVALID_ARGUMENT when it is none, STATUS_OUT_OF_RANGE outside [min, max]. */
enum status text_to_integer(struct text a, int64_t min, int64_t max, int64_t *value) MUST_CHECK;

/* True when the bytes are well-formed UTF-8 (no overlong forms, no surrogates, <= U+10FFFF). */
bool text_is_utf8(struct text a);

/* How many bytes the character at the front takes; 0 when it is none (RFC 3629 §4). */
size_t text_utf8_length(struct text a);

/* The longest prefix of at most `max` bytes that does not cut a UTF-8 character in two. */
struct text text_cut(struct text a, size_t max);

/* An owned, NUL-terminated copy; free with free(). Bytes after an embedded NUL stay but C hides
 * them. */
char *text_copy(struct text a);
