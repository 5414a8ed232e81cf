#include "forgectl/bridge/input.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { CHUNK = 64 << 10 };

void
bridge_input_release(struct bridge_input *self)
{
    buffer_release(&self->bytes);
}

void
bridge_input_fill(struct bridge_input *self)
{
    /* The descriptor may be shared with others, so it is not made non-blocking. */
    struct pollfd there = {.fd = self->fd, .events = POLLIN};
    if (self->is_closed || poll(&there, 1, 0) <= 0)
        return;
    if (self->start > 0) {
        buffer_drop(&self->bytes, self->start);
        self->start = 0;
    }
    ssize_t size = read(self->fd, buffer_reserve(&self->bytes, CHUNK), CHUNK);
    if (size > 0)
        self->bytes.length += (size_t)size;
    else if (size == 0 || (errno != EINTR && errno != EAGAIN))
        self->is_closed = true;
}

/* The last line may lack its end. */
static bool
take_rest(struct bridge_input *self, struct text *line)
{
    size_t left = self->bytes.length - self->start;
    if (!self->is_closed || left == 0)
        return false;
    *line = text_from(self->bytes.data + self->start, left);
    self->start += left;
    self->searched = 0;
    return true;
}

static bool
take_line(struct bridge_input *self, struct text *line)
{
    size_t left = self->bytes.length - self->start;
    if (left == 0)
        return false;
    const char *first = self->bytes.data + self->start;
    const char *end = memchr(first + self->searched, '\n', left - self->searched);
    if (end == NULL) {
        self->searched = left;
        return take_rest(self, line);
    }
    *line = text_from(first, (size_t)(end - first));
    self->start += line->length + 1;
    self->searched = 0;
    return true;
}

bool
bridge_input_next(struct bridge_input *self, struct text *line, bool *is_too_long)
{
    *is_too_long = false;
    while (take_line(self, line)) {
        if (self->is_too_long) {
            self->is_too_long = false;
            continue;
        }
        if (line->length > BRIDGE_LINE_MAX) {
            *is_too_long = true;
            return true;
        }
        if (line->length > 0 && line->data[line->length - 1] == '\r')
            line->length--;
        *line = text_trim(*line);
        if (line->length > 0)
            return true;
    }
    if (self->bytes.length - self->start <= BRIDGE_LINE_MAX)
        return false;
    *is_too_long = !self->is_too_long;
    self->is_too_long = true;
    self->start = self->bytes.length;
    self->searched = 0;
    return *is_too_long;
}
