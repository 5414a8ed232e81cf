/* arena: many small allocations that end together, with a cap on their sum.
 *
 * Made to be embedded; one thread at a time. arena_reset keeps the first block, so a loop that
 * serves one request after another allocates nothing once it is warm. The ProtobufCAllocator view
 * gives protobuf-c the same memory: an unpack that would pass the cap gets NULL and fails cleanly
 * (protobuf-c expands hostile wire bytes up to 90 times).
 */
#pragma once

#include <stddef.h>

#include <protobuf-c/protobuf-c.h>

#include "common/base/text.h"

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
    size_t used_bytes;
    size_t max_bytes;
    ProtobufCAllocator allocator; /* for protobuf-c's unpack; its free does nothing */
};

/* max_bytes bounds what can be allocated between two resets. Nothing is allocated yet. */
void arena_init(struct arena *self, size_t max_bytes);
void arena_release(struct arena *self);

/* Forgets all allocations; keeps one block for the next round. */
void arena_reset(struct arena *self);

/* `size` uninitialised bytes, aligned for any object; NULL past the cap. */
void *arena_try(struct arena *self, size_t size);

/* The same for sizes of our own making: passing the cap ends the process. */
void *arena_new(struct arena *self, size_t size) __attribute__((returns_nonnull));

/* NUL-terminated copy that lives as long as the arena's round. */
char *arena_copy(struct arena *self, struct text text) __attribute__((returns_nonnull));

/* printf into the arena. */
char *arena_format(struct arena *self, const char *format, ...) PRINTF_LIKE(2, 3);
