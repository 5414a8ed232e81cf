#include "gateway/tools/budget.h"

enum { BYTES_PER_TOKEN = 4 };

void
budget_init(struct budget *self, struct json_writer *writer,
    const struct argument_value *max_tokens, unsigned fallback, size_t tail_bytes)
{
    size_t tokens = max_tokens->given ? (size_t)max_tokens->integer : fallback;
    *self = (struct budget){
        .writer = writer, .max_bytes = tokens * BYTES_PER_TOKEN, .tail_bytes = tail_bytes};
}

struct budget_mark
budget_mark(const struct budget *self)
{
    return (struct budget_mark){*self->writer, self->writer->out->length};
}

void
budget_return(struct budget *self, const struct budget_mark *mark)
{
    *self->writer = mark->writer;
    self->writer->out->length = mark->length;
}

/* Everything that is open must still be closed: a byte a level. */
size_t
budget_left(const struct budget *self)
{
    size_t used = self->writer->out->length + self->writer->depth + self->tail_bytes;
    return used < self->max_bytes ? self->max_bytes - used : 0;
}

bool
budget_keep(struct budget *self, const struct budget_mark *mark)
{
    size_t used = self->writer->out->length + self->writer->depth + self->tail_bytes;
    if (used <= self->max_bytes)
        return true;
    budget_return(self, mark);
    self->cut = true;
    return false;
}

bool
budget_write_text(struct budget *self, const char *key, struct text text, size_t more)
{
    struct budget_mark mark = budget_mark(self);
    struct text shown = text_cut(text, self->max_bytes);
    for (;;) {
        json_write_key(self->writer, key);
        json_write_text(self->writer, shown);
        size_t used = self->writer->out->length + self->writer->depth + self->tail_bytes + more;
        if (used <= self->max_bytes || !shown.length)
            break;
        /* Each byte that goes takes at least one byte of JSON with it. */
        size_t excess = used - self->max_bytes;
        shown = text_cut(shown, shown.length > excess ? shown.length - excess : 0);
        budget_return(self, &mark);
    }
    if (shown.length == text.length)
        return true;
    self->cut = true;
    return false;
}
