/* memory: allocation that cannot fail.
 *
 * Running out of memory ends the process, as in CZMQ; so every size that comes from outside is
 * bounded by its reader before it reaches these. Free with free().
 */
#pragma once

#include <stddef.h>

/* Zeroed bytes; never NULL, also for size 0. */
void *memory_new(size_t size) __attribute__((malloc, returns_nonnull));

/* Zeroed room for count objects; ends the process when the product overflows. */
void *memory_array(size_t count, size_t size) __attribute__((malloc, returns_nonnull));

/* realloc that cannot fail; the added bytes are not zeroed. */
void *memory_resize(void *block, size_t size) __attribute__((returns_nonnull));

/* A copy of size bytes. */
void *memory_copy(const void *block, size_t size) __attribute__((malloc, returns_nonnull));

/* For CLEANUP: `CLEANUP(memory_free) char *name = ...`. Takes the address of the pointer. */
void memory_free(void *block_p);
