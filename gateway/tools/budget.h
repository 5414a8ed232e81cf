/* budget: keeps a reading tool's result within max_tokens.
 *
 * A token counts as four bytes of UTF-8, rounded up, of the result's JSON. A tool writes item after
 * item; one that does not fit any more is taken back, and the result says that it is cut.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "gateway/tools/call.h"

struct budget {
    struct json_writer *writer;
    size_t max_bytes;
    size_t tail_bytes; /* kept free for what comes after the items */
    bool cut;
};

struct budget_mark {
    struct json_writer writer;
    size_t length;
};

/* max_tokens: the argument's value; fallback holds when it was not given. */
void budget_init(struct budget *self, struct json_writer *writer,
    const struct argument_value *max_tokens, unsigned fallback, size_t tail_bytes);

/* Where the result can be taken back to. */
struct budget_mark budget_mark(const struct budget *self);

/* True when all that was written fits. Else it is taken back to the mark and the result counts as
 * cut. */
bool budget_keep(struct budget *self, const struct budget_mark *mark);

/* Takes back what was written since the mark. */
void budget_return(struct budget *self, const struct budget_mark *mark);

/* Bytes that are still free. */
size_t budget_left(const struct budget *self);

/* Writes key and text; the text is cut so that what was written fits with `more` further bytes.
 * True when all of it is there. */
bool budget_write_text(struct budget *self, const char *key, struct text text, size_t more);
