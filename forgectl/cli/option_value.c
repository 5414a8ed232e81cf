#include "forgectl/cli/option_value.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

int64_t
option_value_time_ms(const char *value)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"", 1000}};
    size_t digits = strspn(value, "0123456789");
    int64_t number = 0;
    if (text_to_integer(text_from(value, digits), 0, INT32_MAX, &number) != STATUS_OK)
        return -1;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(value + digits, units[i].unit) == 0)
            return number * units[i].ms;
    return -1;
}

bool
option_value_ratio(const char *value, double *ratio)
{
    if (value[0] == '\0' || value[strspn(value, "0123456789.")] != '\0')
        return false;
    char *end = NULL;
    double number = strtod(value, &end);
    if (*end != '\0' || number < 0 || number > 1)
        return false;
    *ratio = number;
    return true;
}

static bool
is_choice(const char *choices, const char *value)
{
    size_t length = strlen(value);
    for (const char *at = choices; *at != '\0';) {
        size_t word = strcspn(at, "|");
        if (word == length && memcmp(at, value, length) == 0)
            return true;
        at += word;
        at += *at == '|' ? 1 : 0;
    }
    return false;
}

enum status
option_value_check(const struct option_row *row, const char *value, struct problem *problem)
{
    int64_t number = 0;
    double ratio = 0;
    switch (row->type) {
    case OPTION_FLAG: return STATUS_OK;
    case OPTION_TEXT:
    case OPTION_LIST:
        if (value[0] != '\0')
            return STATUS_OK;
        problem_set(problem, "--%s must not be empty", row->name);
        break;
    case OPTION_INTEGER:
        if (text_to_integer(text_of(value), row->min, row->max, &number) == STATUS_OK)
            return STATUS_OK;
        problem_set(problem, "--%s must be a number from %lld to %lld, not '%.60s'", row->name,
            (long long)row->min, (long long)row->max, value);
        break;
    case OPTION_RATIO:
        if (option_value_ratio(value, &ratio))
            return STATUS_OK;
        problem_set(problem, "--%s must be a number from 0 to 1, not '%.60s'", row->name, value);
        break;
    case OPTION_TIME:
        number = option_value_time_ms(value);
        if (number >= row->min && number <= row->max)
            return STATUS_OK;
        problem_set(problem, "--%s must be a time such as 500ms, 10s or 5m, from %lld to %lld ms",
            row->name, (long long)row->min, (long long)row->max);
        break;
    case OPTION_CHOICE:
        if (is_choice(row->value_name, value))
            return STATUS_OK;
        problem_set(
            problem, "--%s must be one of %s, not '%.60s'", row->name, row->value_name, value);
        break;
    }
    return STATUS_INVALID_ARGUMENT;
}
