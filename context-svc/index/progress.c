#include "context-svc/index/progress.h"

#include "context-svc/index/codec.h"
#include "context-svc/index/table.h"
#include "context-svc/index/term.h"

enum { PROGRESS_VERSION = 1 };

void
index_progress_write(struct buffer *out, const struct index_progress *self)
{
    buffer_add_byte(out, PROGRESS_VERSION);
    index_put_varint(out, self->flushed);
    index_put_varint(out, self->flush_term);
    buffer_add_byte(out, (char)self->merging);
    index_put_varint(out, self->merge_term);
    index_put_varint(out, self->merge_unit);
    index_put_varint(out, self->merged);
    index_put_varint(out, self->purged);
    index_put_varint(out, self->next_merged);
    index_put_varint(out, self->next_purged);
}

static uint32_t
take_unit(struct index_cursor *cursor)
{
    uint64_t unit = index_take_varint(cursor);
    cursor->failed = cursor->failed || unit > UINT32_MAX;
    return (uint32_t)unit;
}

bool
index_progress_read(struct text bytes, struct index_progress *self)
{
    struct index_cursor cursor = index_cursor_over(bytes);
    if (index_take_byte(&cursor) != PROGRESS_VERSION)
        return false;
    struct index_progress read;
    read.flushed = take_unit(&cursor);
    read.flush_term = index_take_varint(&cursor);
    read.merging = index_take_byte(&cursor) != 0;
    read.merge_term = index_take_varint(&cursor);
    read.merge_unit = take_unit(&cursor);
    read.merged = take_unit(&cursor);
    read.purged = take_unit(&cursor);
    read.next_merged = take_unit(&cursor);
    read.next_purged = take_unit(&cursor);
    if (cursor.failed || cursor.at != cursor.end || read.flushed % INDEX_CHUNK_ROWS ||
        read.flush_term > INDEX_TERM_MAX || read.merge_term > INDEX_TERM_MAX)
        return false;
    *self = read;
    return true;
}
