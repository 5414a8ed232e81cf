#include "common/json/writer.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEPTH_MAX = 64 };

void
json_writer_init(struct json_writer *self, struct buffer *out)
{
    *self = (struct json_writer){.out = out};
}

/* A comma when the level already has an item; nothing between a key and its value. */
static void
begin_item(struct json_writer *self)
{
    if (self->after_key) {
        self->after_key = false;
        return;
    }
    if (!self->depth)
        return;
    uint64_t bit = UINT64_C(1) << (self->depth - 1);
    if (self->has_items & bit)
        buffer_add_byte(self->out, ',');
    self->has_items |= bit;
}

static void
begin_level(struct json_writer *self, char bracket)
{
    begin_item(self);
    assert(self->depth < DEPTH_MAX);
    self->has_items &= ~(UINT64_C(1) << self->depth);
    self->depth++;
    buffer_add_byte(self->out, bracket);
}

static void
end_level(struct json_writer *self, char bracket)
{
    assert(self->depth && !self->after_key);
    self->depth--;
    buffer_add_byte(self->out, bracket);
}

void
json_write_object_begin(struct json_writer *self)
{
    begin_level(self, '{');
}

void
json_write_object_end(struct json_writer *self)
{
    end_level(self, '}');
}

void
json_write_array_begin(struct json_writer *self)
{
    begin_level(self, '[');
}

void
json_write_array_end(struct json_writer *self)
{
    end_level(self, ']');
}

void
json_write_key(struct json_writer *self, const char *key)
{
    begin_item(self);
    buffer_add_byte(self->out, '"');
    buffer_add_text(self->out, text_of(key));
    buffer_add_text(self->out, TEXT("\":"));
    self->after_key = true;
}

static void
add_quoted(struct buffer *out, struct text value)
{
    buffer_reserve(out, value.length + 2);
    buffer_add_byte(out, '"');
    json_escape(out, value);
    buffer_add_byte(out, '"');
}

void
json_write_key_text(struct json_writer *self, struct text key)
{
    begin_item(self);
    add_quoted(self->out, key);
    buffer_add_byte(self->out, ':');
    self->after_key = true;
}

void
json_write_text(struct json_writer *self, struct text value)
{
    begin_item(self);
    add_quoted(self->out, value);
}

void
json_write_string(struct json_writer *self, const char *value)
{
    json_write_text(self, text_of(value));
}

static void
add_digits(struct json_writer *self, uint64_t size, bool negative)
{
    char digits[21];
    char *at = digits + sizeof digits;
    do {
        *--at = (char)('0' + size % 10);
        size /= 10;
    } while (size);
    if (negative)
        *--at = '-';
    begin_item(self);
    buffer_add(self->out, at, (size_t)(digits + sizeof digits - at));
}

void
json_write_integer(struct json_writer *self, int64_t value)
{
    add_digits(self, value < 0 ? -(uint64_t)value : (uint64_t)value, value < 0);
}

void
json_write_unsigned(struct json_writer *self, uint64_t value)
{
    add_digits(self, value, false);
}

void
json_write_number(struct json_writer *self, double value)
{
    static const int precisions[] = {6, 15, 16, 17};
    if (!isfinite(value)) {
        json_write_null(self);
        return;
    }
    char digits[32];
    for (size_t i = 0; i < sizeof precisions / sizeof *precisions; i++) {
        snprintf(digits, sizeof digits, "%.*g", precisions[i], value);
        double back = strtod(digits, NULL);
        if (back <= value && back >= value)
            break;
    }
    begin_item(self);
    buffer_add_text(self->out, text_of(digits));
}

void
json_write_boolean(struct json_writer *self, bool value)
{
    begin_item(self);
    buffer_add_text(self->out, value ? TEXT("true") : TEXT("false"));
}

void
json_write_null(struct json_writer *self)
{
    begin_item(self);
    buffer_add_text(self->out, TEXT("null"));
}

void
json_write_raw(struct json_writer *self, struct text json)
{
    begin_item(self);
    buffer_add_text(self->out, json);
}
