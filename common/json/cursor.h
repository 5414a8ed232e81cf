/* json_cursor: the single steps of the reader, shared by the files of this room. */
#pragma once

#include <assert.h>

#include "common/json/reader.h"

/* Where an open level stands; OBJECT is a bit beside the other three. */
enum { AT_START, BEFORE_VALUE, AFTER_VALUE, OBJECT = 4 };

/* Notes the first error and its place; always false. */
static inline bool
json_fail_at(struct json_reader *self, const char *at, const char *words)
{
    if (!self->problem) {
        self->problem = words;
        self->at = at;
    }
    return false;
}

static inline void
json_skip_blanks(struct json_reader *self)
{
    while (self->at < self->end &&
           (*self->at == ' ' || *self->at == '\n' || *self->at == '\r' || *self->at == '\t'))
        self->at++;
}

/* Moves to the byte that decides what comes; NUL, which JSON never has there, at the end. */
static inline char
json_next_byte(struct json_reader *self)
{
    json_skip_blanks(self);
    if (self->at == self->end)
        return '\0';
    return *self->at;
}

/* The same at the cursor; another word at the end of the document. */
static inline bool
json_fail_here(struct json_reader *self, const char *words)
{
    return json_fail_at(
        self, self->at, self->at < self->end ? words : "the document ends too early");
}

/* After a value was read whole. */
static inline void
json_value_is_over(struct json_reader *self)
{
    self->state[self->depth] = (uint8_t)((self->state[self->depth] & OBJECT) | AFTER_VALUE);
}

/* To the first byte of the value that must come; NUL after an error. */
static inline char
json_begin_value(struct json_reader *self)
{
    if (self->problem)
        return '\0';
    assert((self->state[self->depth] & ~OBJECT) == BEFORE_VALUE);
    return json_next_byte(self);
}

/* Past a string whose opening quote is here; raw is what its quotes hold. The level's state stays,
 * as the string may be a key. */
bool json_take_string(struct json_reader *self, struct text *raw, bool *escaped);

/* Past a value that begins here. */
bool json_take_word(struct json_reader *self, struct text word);
bool json_take_number(struct json_reader *self, struct text *number);
