#include "common/base/buffer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"

void
buffer_release(struct buffer *self)
{
    free(self->data);
    *self = (struct buffer){0};
}

char *
buffer_reserve(struct buffer *self, size_t size)
{
    size_t needed = self->length + size;
    assert(needed >= size);
    if (needed > self->capacity) {
        size_t capacity = self->capacity ? self->capacity * 2 : 256;
        self->capacity = capacity > needed ? capacity : needed;
        self->data = memory_resize(self->data, self->capacity);
    }
    return self->data + self->length;
}

void
buffer_add(struct buffer *self, const void *data, size_t size)
{
    if (!size)
        return;
    memcpy(buffer_reserve(self, size), data, size);
    self->length += size;
}

void
buffer_add_text(struct buffer *self, struct text text)
{
    buffer_add(self, text.data, text.length);
}

void
buffer_add_byte(struct buffer *self, char byte)
{
    *buffer_reserve(self, 1) = byte;
    self->length++;
}

void
buffer_format(struct buffer *self, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(self, format, arguments);
    va_end(arguments);
}

void
buffer_format_list(struct buffer *self, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert(size >= 0);
    vsnprintf(buffer_reserve(self, (size_t)size + 1), (size_t)size + 1, format, arguments);
    self->length += (size_t)size;
}

void
buffer_drop(struct buffer *self, size_t size)
{
    assert(size <= self->length);
    self->length -= size;
    if (self->length)
        memmove(self->data, self->data + size, self->length);
}

const char *
buffer_string(struct buffer *self)
{
    *buffer_reserve(self, 1) = '\0';
    return self->data;
}
