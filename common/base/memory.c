#include "common/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
check(const void *block)
{
    if (!block) {
        fputs("out of memory\n", stderr);
        abort();
    }
}

void *
memory_new(size_t size)
{
    void *block = calloc(1, size ? size : 1);
    check(block);
    return block;
}

void *
memory_array(size_t count, size_t size)
{
    void *block = calloc(count ? count : 1, size ? size : 1);
    check(block);
    return block;
}

void *
memory_resize(void *block, size_t size)
{
    block = realloc(block, size ? size : 1);
    check(block);
    return block;
}

void *
memory_copy(const void *block, size_t size)
{
    void *copy = memory_new(size);
    if (size)
        memcpy(copy, block, size);
    return copy;
}

void
memory_free(void *block_p)
{
    void *block;
    memcpy(&block, block_p, sizeof block);
    free(block);
    memset(block_p, 0, sizeof block);
}
