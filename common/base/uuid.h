/* uuid: identifiers of stored things, UUID version 7 (RFC 9562 §5.7).
 *
 * The first 48 bits are the time in milliseconds, so ids sort by age; the rest is random from the
 * kernel, with a counter that keeps ids of one thread and one millisecond in order.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/text.h"

enum { UUID_SIZE = 16, UUID_TEXT_SIZE = 37 };

struct uuid {
    uint8_t bytes[UUID_SIZE];
};

/* A fresh id; wall_ms is its time. Each thread has its own counter. */
struct uuid uuid_create(int64_t wall_ms);

/* "0199e3a1-8f3c-7abc-8def-0123456789ab" and its NUL. */
void uuid_format(const struct uuid *self, char out[UUID_TEXT_SIZE]);

/* Reads that form, letters of either case; false when it is another. */
bool uuid_parse(struct text text, struct uuid *self);

/* Fills `size` bytes from the kernel's generator; ends the process when the kernel has none. */
void uuid_random(void *bytes, size_t size);
