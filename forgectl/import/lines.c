#include "forgectl/import/lines.h"

enum { CHUNK = 64 << 10 };

void
lines_init(struct lines *self, FILE *file)
{
    *self = (struct lines){.file = file};
}

void
lines_release(struct lines *self)
{
    buffer_release(&self->bytes);
}

/* False when there is no more. */
static bool
fill(struct lines *self)
{
    if (self->is_at_end)
        return false;
    size_t size = fread(buffer_reserve(&self->bytes, CHUNK), 1, CHUNK, self->file);
    self->bytes.length += size;
    self->is_at_end = size == 0;
    return size > 0;
}

static void
forget_given(struct lines *self)
{
    if (self->start == 0)
        return;
    buffer_drop(&self->bytes, self->start);
    self->start = 0;
}

/* Drops bytes up to the end of a line that is too long to be kept. */
static enum status
pass_over(struct lines *self)
{
    for (;;) {
        char *end = memchr(self->bytes.data, '\n', self->bytes.length);
        if (end != NULL) {
            self->start = (size_t)(end - self->bytes.data) + 1;
            self->done_bytes += self->start;
            return STATUS_OUT_OF_RANGE;
        }
        self->done_bytes += self->bytes.length;
        buffer_clear(&self->bytes);
        if (!fill(self))
            return STATUS_OUT_OF_RANGE;
    }
}

static enum status
give(struct lines *self, size_t length, size_t ending, struct text *line)
{
    const char *first = self->bytes.data + self->start;
    self->start += length + ending;
    self->done_bytes += length + ending;
    self->number++;
    if (length > 0 && first[length - 1] == '\r')
        length--;
    *line = text_from(first, length);
    return STATUS_OK;
}

enum status
lines_next(struct lines *self, struct text *line)
{
    size_t searched = 0;
    for (;;) {
        size_t left = self->bytes.length - self->start;
        if (left > searched) {
            const char *first = self->bytes.data + self->start;
            const char *end = memchr(first + searched, '\n', left - searched);
            if (end != NULL)
                return give(self, (size_t)(end - first), 1, line);
        }
        searched = left;
        forget_given(self);
        if (left > LINES_LINE_MAX) {
            self->number++;
            return pass_over(self);
        }
        if (!fill(self))
            break;
    }
    if (ferror(self->file) != 0)
        return STATUS_UNAVAILABLE;
    size_t rest = self->bytes.length - self->start;
    return rest > 0 ? give(self, rest, 0, line) : STATUS_NOT_FOUND;
}
