/* codec: numbers and texts in the index's records; LEB128 varints. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/text.h"

enum { INDEX_VARINT_MAX = 10 };

void index_put_varint(struct buffer *out, uint64_t value);
void index_put_text(struct buffer *out, struct text text);

/* Reads on until something does not fit; from then on everything is 0 or empty and failed is set.
 */
struct index_cursor {
    const uint8_t *at, *end;
    bool failed;
};

static inline struct index_cursor
index_cursor_over(struct text bytes)
{
    const uint8_t *at = (const uint8_t *)bytes.data;
    return (struct index_cursor){.at = at, .end = at ? at + bytes.length : at};
}

uint64_t index_take_varint_slowly(struct index_cursor *self);

static inline uint64_t
index_take_varint(struct index_cursor *self)
{
    if (self->at < self->end && *self->at < 0x80)
        return *self->at++;
    return index_take_varint_slowly(self);
}

/* `size` bytes where they lie; NULL when there are fewer. */
const uint8_t *index_take_bytes(struct index_cursor *self, size_t size);
uint8_t index_take_byte(struct index_cursor *self);
struct text index_take_text(struct index_cursor *self);
