/* lines: a file read line by line, with a bound on memory. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/attributes.h"
#include "common/base/buffer.h"
#include "common/base/status.h"

enum { LINES_LINE_MAX = 4 << 20 };

struct lines {
    FILE *file; /* borrowed */
    struct buffer bytes;
    size_t start; /* of what was not handed out yet */
    bool is_at_end;
    uint64_t done_bytes;
    size_t number; /* of the line that was given last, from 1 */
};

void lines_init(struct lines *self, FILE *file);
void lines_release(struct lines *self);

/* The next line without its end, borrowed until the next call. NOT_FOUND: the end. OUT_OF_RANGE: it
 * is longer than LINES_LINE_MAX and was passed over. UNAVAILABLE: the file cannot be read. */
enum status lines_next(struct lines *self, struct text *line) MUST_CHECK;
