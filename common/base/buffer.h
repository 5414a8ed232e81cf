/* buffer: bytes that grow at the end. The struct is made to be embedded; zeroed is empty. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "common/base/attributes.h"
#include "common/base/text.h"

struct buffer {
    char *data; /* length bytes in use; not NUL-terminated unless buffer_string was called */
    size_t length;
    size_t capacity;
};

/* Gives the memory back; the buffer is empty and usable again. */
void buffer_release(struct buffer *self);

/* Forgets the content and keeps the memory. */
static inline void
buffer_clear(struct buffer *self)
{
    self->length = 0;
}

/* Room for `size` more bytes; the place where they go. Add to length what was written. */
char *buffer_reserve(struct buffer *self, size_t size);

void buffer_add(struct buffer *self, const void *data, size_t size);
void buffer_add_text(struct buffer *self, struct text text);
void buffer_add_byte(struct buffer *self, char byte);
void buffer_format(struct buffer *self, const char *format, ...) PRINTF_LIKE(2, 3);
void buffer_format_list(struct buffer *self, const char *format, va_list arguments)
    PRINTF_LIKE(2, 0);

/* Drops the first `size` bytes (size <= length). */
void buffer_drop(struct buffer *self, size_t size);

/* The content as text, borrowed until the next change. */
static inline struct text
buffer_text(const struct buffer *self)
{
    return (struct text){self->data, self->length};
}

/* The content as a NUL-terminated string, borrowed until the next change. */
const char *buffer_string(struct buffer *self);
