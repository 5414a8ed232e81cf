/* pack: numbers and texts as the bytes of a stored record.
 *
 * Whole numbers are varints (7 bits a byte, low first), signed ones in zigzag, doubles 8 bytes low
 * first, texts with their length. The reader never runs past its end: the first damage makes it
 * bad, and everything after reads as zero.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/text.h"

void pack_unsigned(struct buffer *out, uint64_t value);
void pack_signed(struct buffer *out, int64_t value);
void pack_double(struct buffer *out, double value);
void pack_text(struct buffer *out, struct text value);

/* Big-endian, as in keys, so that keys sort by the number. */
void pack_key32(struct buffer *out, uint32_t value);
void pack_key64(struct buffer *out, uint64_t value);

struct unpack {
    struct text rest;
    bool bad;
};

uint64_t unpack_unsigned(struct unpack *self);
int64_t unpack_signed(struct unpack *self);
double unpack_double(struct unpack *self);
/* Borrowed from the record. */
struct text unpack_text(struct unpack *self);
uint32_t unpack_key32(struct unpack *self);
uint64_t unpack_key64(struct unpack *self);
