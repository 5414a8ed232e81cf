/* safe_text: stored text made harmless for a terminal.
 *
 * What others stored is data: an escape sequence in it must not move the reader's cursor, retitle
 * the window or hide a line. Control characters, bidirectional overrides and bad UTF-8 are shown as
 * U+FFFD.
 */
#pragma once

#include <stddef.h>

#include "common/base/buffer.h"
#include "common/base/text.h"

enum safe_text_form {
    SAFE_TEXT_LINE,  /* line ends and tabs become blanks, so that a row stays a row */
    SAFE_TEXT_BLOCK, /* line ends and tabs stay */
};

void safe_text_add(struct buffer *out, struct text text, enum safe_text_form form);

/* Columns that a safe text takes on a terminal. */
size_t safe_text_width(struct text text);

/* The longest prefix that takes at most `columns`. */
struct text safe_text_fit(struct text text, size_t columns);
