#include "context-svc/index/record.h"

#include "context-svc/index/codec.h"

enum { RECORD_VERSION = 1, UNITS_MAX = 65535 };

static uint64_t
zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
}

static int64_t
unzigzag(uint64_t value)
{
    return (int64_t)((value >> 1) ^ (value & 1 ? UINT64_MAX : 0));
}

void
index_record_write(struct buffer *out, const struct index_record *self)
{
    buffer_add_byte(out, RECORD_VERSION);
    buffer_add_byte(out, (char)self->analyser);
    buffer_add(out, self->id.bytes, UUID_SIZE);
    buffer_add_byte(out, (char)self->scope);
    buffer_add_byte(out, (char)self->flags);
    index_put_varint(out, zigzag(self->created_at_ms));
    index_put_varint(out, zigzag(self->updated_at_ms - self->created_at_ms));
    index_put_varint(out, zigzag(self->expires_at_ms));
    index_put_text(out, self->project);
    index_put_text(out, self->kind);
    index_put_text(out, self->author);
    index_put_text(out, self->branch);
    index_put_text(out, self->session);
    index_put_varint(out, self->tag_count);
    index_put_varint(out, self->unit_count);
}

static struct text
take_tags(struct index_cursor *cursor, uint32_t count)
{
    const uint8_t *from = cursor->at;
    for (uint32_t i = 0; i < count && !cursor->failed; i++)
        index_take_text(cursor);
    return text_from(from, (size_t)(cursor->at - from));
}

bool
index_record_read(struct text bytes, struct index_record *self)
{
    struct index_cursor cursor = index_cursor_over(bytes);
    if (index_take_byte(&cursor) != RECORD_VERSION)
        return false;
    *self = (struct index_record){.analyser = index_take_byte(&cursor)};
    const uint8_t *id = index_take_bytes(&cursor, UUID_SIZE);
    if (!id)
        return false;
    memcpy(self->id.bytes, id, UUID_SIZE);
    self->scope = index_take_byte(&cursor);
    self->flags = index_take_byte(&cursor);
    self->created_at_ms = unzigzag(index_take_varint(&cursor));
    uint64_t updated = (uint64_t)unzigzag(index_take_varint(&cursor));
    self->updated_at_ms = (int64_t)((uint64_t)self->created_at_ms + updated);
    self->expires_at_ms = unzigzag(index_take_varint(&cursor));
    self->project = index_take_text(&cursor);
    self->kind = index_take_text(&cursor);
    self->author = index_take_text(&cursor);
    self->branch = index_take_text(&cursor);
    self->session = index_take_text(&cursor);
    uint64_t tags = index_take_varint(&cursor);
    uint64_t units = index_take_varint(&cursor);
    if (cursor.failed || tags > UINT16_MAX || !units || units > UNITS_MAX)
        return false;
    self->tag_count = (uint32_t)tags;
    self->tags = take_tags(&cursor, self->tag_count);
    self->unit_count = (uint32_t)units;
    self->units = text_from(cursor.at, (size_t)(cursor.end - cursor.at));
    return !cursor.failed;
}
