/* markdown: a document cut into parts that each fit an entry.
 *
 * A cut is made before a heading where one is in reach, else after a blank line, else after a line,
 * else between two characters. Headings inside code fences are text.
 */
#pragma once

#include <stdbool.h>

#include "common/base/text.h"

struct markdown {
    struct text rest;
    size_t max_bytes;
    bool is_in_fence;
};

void markdown_init(struct markdown *self, struct text document, size_t max_bytes);

/* The next part, borrowed from the document; false at the end. Parts of blanks are left out. */
bool markdown_next(struct markdown *self, struct text *part);

/* The words of the first heading ("# Words" or "Words" over "===") outside code fences; empty when
 * there is none. */
struct text markdown_heading(struct text document);
