#include "common/json/cursor.h"
#include "common/json/number.h"
#include "common/json/scan.h"

bool
json_read_string(struct json_reader *self, struct arena *arena, struct text *value)
{
    if (json_begin_value(self) != '"')
        return json_fail_here(self, "a string is expected here");
    const char *quote = self->at;
    struct text raw;
    bool escaped;
    if (!json_take_string(self, &raw, &escaped))
        return false;
    if (escaped) {
        char *plain = arena_try(arena, raw.length);
        if (!plain)
            return json_fail_at(self, quote, "a string with escapes is too long");
        raw = text_from(plain, json_unescape(raw, plain));
    }
    json_value_is_over(self);
    *value = raw;
    return true;
}

bool
json_read_boolean(struct json_reader *self, bool *value)
{
    char byte = json_begin_value(self);
    if (byte != 't' && byte != 'f')
        return json_fail_here(self, "true or false is expected here");
    if (!json_take_word(self, byte == 't' ? TEXT("true") : TEXT("false")))
        return false;
    *value = byte == 't';
    return true;
}

bool
json_read_null(struct json_reader *self)
{
    return json_begin_value(self) == 'n' ? json_take_word(self, TEXT("null"))
                                         : json_fail_here(self, "null is expected here");
}

/* Like json_take_number, for callers that have not looked yet. */
static bool
begin_number(struct json_reader *self, struct text *number, const char *words)
{
    char byte = json_begin_value(self);
    if (byte != '-' && (byte < '0' || byte > '9'))
        return json_fail_here(self, words);
    return json_take_number(self, number);
}

bool
json_read_integer(struct json_reader *self, int64_t *value)
{
    struct text number;
    if (!begin_number(self, &number, "an integer is expected here"))
        return false;
    return json_number_integer(number, value) ||
           json_fail_at(self, number.data, "an integer of 64 bits is expected here");
}

bool
json_read_number(struct json_reader *self, double *value)
{
    struct text number;
    if (!begin_number(self, &number, "a number is expected here"))
        return false;
    return json_number_double(number, value) ||
           json_fail_at(self, number.data, "a number is too large");
}
