#include "context-svc/index/block.h"

#include <assert.h>

#include "context-svc/index/codec.h"

void
index_block_write(struct buffer *out, const struct index_posting *postings, size_t count)
{
    assert(count >= 1 && count <= INDEX_BLOCK_MAX);
    buffer_add_byte(out, (char)(count - 1));
    for (size_t i = 1; i < count; i++)
        index_put_varint(out, postings[i].unit - postings[i - 1].unit);
    for (size_t i = 0; i < count; i++)
        buffer_add_byte(out, (char)postings[i].weight);
}

size_t
index_block_read(struct text bytes, uint32_t first_unit, struct index_posting *postings)
{
    struct index_cursor cursor = index_cursor_over(bytes);
    size_t count = (size_t)index_take_byte(&cursor) + 1;
    if (cursor.failed || count > INDEX_BLOCK_MAX)
        return 0;
    uint64_t unit = first_unit;
    postings[0].unit = first_unit;
    for (size_t i = 1; i < count; i++) {
        uint64_t delta = index_take_varint(&cursor);
        unit += delta;
        if (!delta || delta > UINT32_MAX || unit > UINT32_MAX)
            return 0;
        postings[i].unit = (uint32_t)unit;
    }
    const uint8_t *weights = index_take_bytes(&cursor, count);
    if (!weights || cursor.at != cursor.end)
        return 0;
    for (size_t i = 0; i < count; i++)
        postings[i].weight = weights[i];
    return count;
}
