#include "common/json/cursor.h"

#include "common/json/number.h"
#include "common/json/scan.h"

bool
json_take_string(struct json_reader *self, struct text *raw, bool *escaped)
{
    const char *problem = NULL;
    const char *first = self->at + 1;
    const char *close = json_scan_string(first, self->end, escaped, &problem);
    if (problem)
        return json_fail_at(self, close, problem);
    *raw = text_from(first, (size_t)(close - first));
    self->at = close + 1;
    return true;
}

bool
json_take_word(struct json_reader *self, struct text word)
{
    size_t left = (size_t)(self->end - self->at);
    if (left < word.length || memcmp(self->at, word.data, word.length) != 0)
        return json_fail_at(self, self->at, "a value is expected here");
    self->at += word.length;
    json_value_is_over(self);
    return true;
}

bool
json_take_number(struct json_reader *self, struct text *number)
{
    const char *stop = json_number_end(self->at, self->end);
    if (!stop)
        return json_fail_here(self, "a number is malformed");
    *number = text_from(self->at, (size_t)(stop - self->at));
    self->at = stop;
    json_value_is_over(self);
    return true;
}
