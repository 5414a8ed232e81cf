#include "common/json/reader.h"

#include <assert.h>

#include "common/json/cursor.h"
#include "common/json/keys.h"
#include "common/json/scan.h"

void
json_reader_init(struct json_reader *self, struct text document)
{
    self->start = document.data ? document.data : "";
    self->at = self->start;
    self->end = self->start + document.length;
    self->problem = NULL;
    self->depth = 0;
    self->key_count = 0;
    self->first_key[0] = 0;
    self->state[0] = BEFORE_VALUE;
}

void
json_fail(struct json_reader *self, const char *static_words)
{
    json_fail_at(self, self->at, static_words);
}

enum json_type
json_peek(struct json_reader *self)
{
    switch (json_begin_value(self)) {
    case '{': return JSON_OBJECT;
    case '[': return JSON_ARRAY;
    case '"': return JSON_STRING;
    case 't': return JSON_TRUE;
    case 'f': return JSON_FALSE;
    case 'n': return JSON_NULL;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9': return JSON_NUMBER;
    default: json_fail_here(self, "a value is expected here"); return JSON_INVALID;
    }
}

static bool
enter(struct json_reader *self, uint8_t kind)
{
    if (self->depth == JSON_DEPTH_MAX)
        return json_fail_here(self, "values are nested deeper than 64 levels");
    self->at++;
    self->depth++;
    self->state[self->depth] = kind | AT_START;
    self->first_key[self->depth] = (uint16_t)self->key_count;
    return true;
}

static bool
leave(struct json_reader *self)
{
    self->at++;
    self->key_count = self->first_key[self->depth];
    self->depth--;
    json_value_is_over(self);
    return false;
}

bool
json_object_begin(struct json_reader *self)
{
    return json_begin_value(self) == '{' ? enter(self, OBJECT)
                                         : json_fail_here(self, "an object is expected here");
}

bool
json_array_begin(struct json_reader *self)
{
    return json_begin_value(self) == '[' ? enter(self, 0)
                                         : json_fail_here(self, "an array is expected here");
}

static bool
take_key(struct json_reader *self, struct text *key)
{
    const char *quote = self->at;
    struct text raw;
    bool escaped;
    if (!json_take_string(self, &raw, &escaped))
        return false;
    if (escaped && raw.length > sizeof self->key_scratch)
        return json_fail_at(self, quote, "a key with escapes is longer than 256 bytes");
    if (escaped)
        raw = text_from(self->key_scratch, json_unescape(raw, self->key_scratch));
    const char *problem = json_keys_add(self, quote, raw);
    if (problem)
        return json_fail_at(self, quote, problem);
    *key = raw;
    return true;
}

bool
json_object_next(struct json_reader *self, struct text *key)
{
    if (self->problem)
        return false;
    uint8_t state = self->state[self->depth];
    assert(state & OBJECT && state != (OBJECT | BEFORE_VALUE));
    char byte = json_next_byte(self);
    if (byte == '}')
        return leave(self);
    if (state == (OBJECT | AFTER_VALUE)) {
        if (byte != ',')
            return json_fail_here(self, "',' or '}' is expected here");
        self->at++;
        byte = json_next_byte(self);
    }
    if (byte != '"')
        return json_fail_here(self, "a key in quotes is expected here");
    struct text name;
    if (!take_key(self, &name))
        return false;
    if (json_next_byte(self) != ':')
        return json_fail_here(self, "':' is expected here");
    self->at++;
    self->state[self->depth] = OBJECT | BEFORE_VALUE;
    *key = name;
    return true;
}

bool
json_array_next(struct json_reader *self)
{
    if (self->problem)
        return false;
    uint8_t state = self->state[self->depth];
    assert(self->depth && (state == AT_START || state == AFTER_VALUE));
    char byte = json_next_byte(self);
    if (byte == ']')
        return leave(self);
    if (state == AFTER_VALUE) {
        if (byte != ',')
            return json_fail_here(self, "',' or ']' is expected here");
        self->at++;
    }
    self->state[self->depth] = BEFORE_VALUE;
    return true;
}

/* Passes a scalar, or enters an object or array. */
static bool
pass_or_enter(struct json_reader *self)
{
    struct text ignored;
    bool escaped;
    switch (json_peek(self)) {
    case JSON_OBJECT: return enter(self, OBJECT);
    case JSON_ARRAY: return enter(self, 0);
    case JSON_NUMBER: return json_take_number(self, &ignored);
    case JSON_TRUE: return json_take_word(self, TEXT("true"));
    case JSON_FALSE: return json_take_word(self, TEXT("false"));
    case JSON_NULL: return json_take_word(self, TEXT("null"));
    case JSON_STRING:
        if (!json_take_string(self, &ignored, &escaped))
            return false;
        json_value_is_over(self);
        return true;
    case JSON_INVALID: break;
    }
    return false;
}

/* To the next value inside the level `outer`; false when that level is reached again. */
static bool
seek_value(struct json_reader *self, uint32_t outer)
{
    while (self->depth > outer && !self->problem) {
        struct text key;
        bool is_object = self->state[self->depth] & OBJECT;
        if (is_object ? json_object_next(self, &key) : json_array_next(self))
            return true;
    }
    return false;
}

bool
json_skip(struct json_reader *self)
{
    uint32_t outer = self->depth;
    do {
        if (!pass_or_enter(self))
            return false;
    } while (seek_value(self, outer));
    return !self->problem;
}

bool
json_read_raw(struct json_reader *self, struct text *raw)
{
    if (!json_begin_value(self))
        return json_fail_here(self, "a value is expected here");
    const char *first = self->at;
    if (!json_skip(self))
        return false;
    *raw = text_from(first, (size_t)(self->at - first));
    return true;
}

bool
json_reader_end(struct json_reader *self)
{
    if (self->problem)
        return false;
    if (self->depth || self->state[0] != AFTER_VALUE)
        return json_fail_here(self, "the document was not read to its end");
    return !json_next_byte(self) && self->at == self->end
               ? true
               : json_fail_here(self, "nothing may follow the value");
}

const char *
json_reader_problem(const struct json_reader *self)
{
    return self->problem;
}

size_t
json_reader_offset(const struct json_reader *self)
{
    return (size_t)(self->at - self->start);
}
