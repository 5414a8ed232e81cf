#include "context-svc/index/codec.h"

void
index_put_varint(struct buffer *out, uint64_t value)
{
    uint8_t *at = (uint8_t *)buffer_reserve(out, INDEX_VARINT_MAX);
    size_t size = 0;
    for (; value >= 0x80; value >>= 7)
        at[size++] = (uint8_t)(value | 0x80);
    at[size++] = (uint8_t)value;
    out->length += size;
}

void
index_put_text(struct buffer *out, struct text text)
{
    index_put_varint(out, text.length);
    buffer_add_text(out, text);
}

uint64_t
index_take_varint_slowly(struct index_cursor *self)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && self->at < self->end; shift += 7) {
        uint8_t byte = *self->at++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            return value;
    }
    self->failed = true;
    self->at = self->end;
    return 0;
}

const uint8_t *
index_take_bytes(struct index_cursor *self, size_t size)
{
    if ((size_t)(self->end - self->at) < size) {
        self->failed = true;
        self->at = self->end;
        return NULL;
    }
    const uint8_t *bytes = self->at;
    self->at += size;
    return bytes;
}

uint8_t
index_take_byte(struct index_cursor *self)
{
    const uint8_t *byte = index_take_bytes(self, 1);
    return byte ? *byte : 0;
}

struct text
index_take_text(struct index_cursor *self)
{
    size_t size = index_take_varint(self);
    const uint8_t *bytes = index_take_bytes(self, size);
    return text_from(bytes, bytes ? size : 0);
}
