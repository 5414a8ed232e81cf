#include "metrics-svc/pack.h"

enum { VARINT_MAX = 10 };

void
pack_unsigned(struct buffer *out, uint64_t value)
{
    while (value >= 0x80) {
        buffer_add_byte(out, (char)(value | 0x80));
        value >>= 7;
    }
    buffer_add_byte(out, (char)value);
}

void
pack_signed(struct buffer *out, int64_t value)
{
    uint64_t bits = (uint64_t)value;
    pack_unsigned(out, (bits << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

void
pack_double(struct buffer *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (int shift = 0; shift < 64; shift += 8)
        buffer_add_byte(out, (char)(bits >> shift));
}

void
pack_text(struct buffer *out, struct text value)
{
    pack_unsigned(out, value.length);
    buffer_add_text(out, value);
}

static void
pack_key(struct buffer *out, uint64_t value, int bits)
{
    for (int shift = bits - 8; shift >= 0; shift -= 8)
        buffer_add_byte(out, (char)(value >> shift));
}

void
pack_key32(struct buffer *out, uint32_t value)
{
    pack_key(out, value, 32);
}

void
pack_key64(struct buffer *out, uint64_t value)
{
    pack_key(out, value, 64);
}

/* The next `size` bytes; NULL and bad when there are fewer. */
static const unsigned char *
take(struct unpack *self, size_t size)
{
    if (self->bad || self->rest.length < size) {
        self->bad = true;
        return NULL;
    }
    const unsigned char *bytes = (const unsigned char *)self->rest.data;
    self->rest = text_from(self->rest.data + size, self->rest.length - size);
    return bytes;
}

uint64_t
unpack_unsigned(struct unpack *self)
{
    uint64_t value = 0;
    for (int i = 0; i < VARINT_MAX; i++) {
        const unsigned char *byte = take(self, 1);
        if (!byte)
            return 0;
        /* The tenth byte holds the last bit alone. */
        if (i == VARINT_MAX - 1 && *byte > 1)
            break;
        value |= (uint64_t)(*byte & 0x7f) << (7 * i);
        if (*byte < 0x80)
            return value;
    }
    self->bad = true;
    return 0;
}

int64_t
unpack_signed(struct unpack *self)
{
    uint64_t bits = unpack_unsigned(self);
    return (int64_t)((bits >> 1) ^ (bits & 1 ? UINT64_MAX : 0));
}

double
unpack_double(struct unpack *self)
{
    const unsigned char *bytes = take(self, 8);
    uint64_t bits = 0;
    for (int i = 7; bytes && i >= 0; i--)
        bits = bits << 8 | bytes[i];
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

struct text
unpack_text(struct unpack *self)
{
    uint64_t length = unpack_unsigned(self);
    const unsigned char *bytes = length <= self->rest.length ? take(self, (size_t)length) : NULL;
    self->bad = self->bad || !bytes;
    return bytes ? text_from(bytes, (size_t)length) : text_from(NULL, 0);
}

static uint64_t
unpack_key(struct unpack *self, size_t size)
{
    const unsigned char *bytes = take(self, size);
    uint64_t value = 0;
    for (size_t i = 0; bytes && i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

uint32_t
unpack_key32(struct unpack *self)
{
    return (uint32_t)unpack_key(self, 4);
}

uint64_t
unpack_key64(struct unpack *self)
{
    return unpack_key(self, 8);
}
