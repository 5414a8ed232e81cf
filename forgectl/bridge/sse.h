/* sse: the data of server-sent events, from bytes as they arrive.
 *
 * Knows what the bridge needs of the format: data lines of one event are joined, comments and other
 * fields are passed over, line ends may be LF, CR LF or CR.
 */
#pragma once

#include <stdbool.h>

#include "common/base/buffer.h"
#include "common/base/text.h"

enum { SSE_EVENT_MAX = 16 << 20 };

struct sse {
    struct buffer line;
    struct buffer data;
    bool has_data;
    bool after_cr;  /* a LF that follows belongs to it */
    bool is_broken; /* a line or an event was too long; nothing more is read */
};

void sse_release(struct sse *self);

/* Calls on_event for every whole event that has data that is not empty. */
void sse_feed(struct sse *self, struct text bytes,
    void (*on_event)(void *argument, struct text data), void *argument);
