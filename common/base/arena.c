#include "common/base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"

enum { BLOCK_BYTES = 16 * 1024, ALIGNMENT = alignof(max_align_t) };

struct arena_block {
    struct arena_block *next;
    size_t size;
    size_t used;
    alignas(max_align_t) char bytes[];
};

static void *
allocate(void *arena, size_t size)
{
    return arena_try(arena, size);
}

static void
forget(void *arena, void *block)
{
    (void)arena;
    (void)block;
}

void
arena_init(struct arena *self, size_t max_bytes)
{
    *self = (struct arena){.max_bytes = max_bytes,
        .allocator = {.alloc = allocate, .free = forget, .allocator_data = self}};
}

void
arena_release(struct arena *self)
{
    while (self->blocks) {
        struct arena_block *block = self->blocks;
        self->blocks = block->next;
        free(block);
    }
    self->used_bytes = 0;
}

void
arena_reset(struct arena *self)
{
    while (self->blocks && self->blocks->next) {
        struct arena_block *block = self->blocks;
        self->blocks = block->next;
        free(block);
    }
    if (self->blocks)
        self->blocks->used = 0;
    self->used_bytes = 0;
}

void *
arena_try(struct arena *self, size_t size)
{
    if (size > self->max_bytes)
        return NULL;
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (self->used_bytes + size > self->max_bytes)
        return NULL;
    struct arena_block *block = self->blocks;
    if (!block || block->size - block->used < size) {
        size_t bytes = size > BLOCK_BYTES ? size : BLOCK_BYTES;
        block = malloc(sizeof *block + bytes);
        if (!block)
            return NULL;
        *block = (struct arena_block){.next = self->blocks, .size = bytes};
        self->blocks = block;
    }
    void *place = block->bytes + block->used;
    block->used += size;
    self->used_bytes += size;
    return place;
}

void *
arena_new(struct arena *self, size_t size)
{
    void *place = arena_try(self, size);
    if (!place) {
        fputs("arena: an internal allocation passed its cap\n", stderr);
        abort();
    }
    return place;
}

char *
arena_copy(struct arena *self, struct text text)
{
    char *copy = arena_new(self, text.length + 1);
    if (text.length)
        memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    return copy;
}

char *
arena_format(struct arena *self, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert(size >= 0);
    char *copy = arena_new(self, (size_t)size + 1);
    vsnprintf(copy, (size_t)size + 1, format, arguments);
    va_end(arguments);
    return copy;
}
