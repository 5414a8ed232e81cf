/* input: lines from the client, as they come, with a bound on memory. */
#pragma once

#include <stdbool.h>

#include "common/base/buffer.h"
#include "common/base/text.h"

enum { BRIDGE_LINE_MAX = 4 << 20 };

struct bridge_input {
    int fd;
    struct buffer bytes;
    size_t start;     /* of what was not given yet */
    size_t searched;  /* so far there is no line end after start */
    bool is_closed;   /* the end was read */
    bool is_too_long; /* dropping bytes up to the next line end */
};

void bridge_input_release(struct bridge_input *self);

/* Reads what is there, without waiting. */
void bridge_input_fill(struct bridge_input *self);

/* The next whole line that is not blank, borrowed until the next call to either function; false
 * when there is none yet. *is_too_long: a line was dropped because of its length, and there is no
 * text. */
bool bridge_input_next(struct bridge_input *self, struct text *line, bool *is_too_long);
