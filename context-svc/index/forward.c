#include "context-svc/index/forward.h"

#include <string.h>

#include "context-svc/index/codec.h"

void
index_forward_write(struct buffer *out, const struct index_forward_parts *parts)
{
    index_put_varint(out, parts->count);
    size_t size = parts->count * INDEX_TERM_SIZE;
    uint8_t *at = (uint8_t *)buffer_reserve(out, size);
    for (size_t i = 0; i < parts->count; i++)
        index_term_write(parts->terms[i], at + i * INDEX_TERM_SIZE);
    out->length += size;
    buffer_add(out, parts->weights, parts->count);
    for (size_t i = 0; i < parts->order_count; i++)
        index_put_varint(out, parts->order[i]);
}

bool
index_forward_read(struct text bytes, struct index_forward *self)
{
    struct index_cursor cursor = index_cursor_over(bytes);
    uint64_t count = index_take_varint(&cursor);
    if (cursor.failed || count > bytes.length / (INDEX_TERM_SIZE + 1))
        return false;
    const uint8_t *terms = index_take_bytes(&cursor, count * INDEX_TERM_SIZE);
    const uint8_t *weights = index_take_bytes(&cursor, count);
    if (!terms || !weights)
        return false;
    *self = (struct index_forward){
        .terms = terms,
        .weights = weights,
        .order = cursor.at,
        .count = (uint32_t)count,
        .order_size = (size_t)(cursor.end - cursor.at),
    };
    return true;
}

int64_t
index_forward_find(const struct index_forward *self, uint64_t term)
{
    uint8_t sought[INDEX_TERM_SIZE];
    index_term_write(term, sought);
    uint32_t low = 0;
    uint32_t high = self->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = memcmp(self->terms + (size_t)middle * INDEX_TERM_SIZE, sought, sizeof sought);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}
