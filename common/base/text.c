#include "common/base/text.h"

#include "common/base/memory.h"
#include "common/base/status.h"

static char
lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool
text_equals_ignoring_case(struct text a, struct text b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    return true;
}

bool
text_starts_with(struct text a, struct text prefix)
{
    return a.length >= prefix.length &&
           (prefix.length == 0 || memcmp(a.data, prefix.data, prefix.length) == 0);
}

struct text
text_trim(struct text a)
{
    while (a.length && (a.data[0] == ' ' || a.data[0] == '\t')) {
        a.data++;
        a.length--;
    }
    while (a.length && (a.data[a.length - 1] == ' ' || a.data[a.length - 1] == '\t'))
        a.length--;
    return a;
}

enum status
text_to_integer(struct text a, int64_t min, int64_t max, int64_t *value)
{
    bool negative = a.length && a.data[0] == '-';
    size_t at = negative ? 1 : 0;
    if (at == a.length)
        return STATUS_INVALID_ARGUMENT;
    int64_t sum = 0;
    bool fits = true;
    for (; at < a.length; at++) {
        if (a.data[at] < '0' || a.data[at] > '9')
            return STATUS_INVALID_ARGUMENT;
        int digit = a.data[at] - '0';
        fits = fits && !__builtin_mul_overflow(sum, 10, &sum) &&
               !__builtin_add_overflow(sum, negative ? -digit : digit, &sum);
    }
    if (!fits || sum < min || sum > max)
        return STATUS_OUT_OF_RANGE;
    *value = sum;
    return STATUS_OK;
}

size_t
text_utf8_length(struct text a)
{
    const uint8_t *at = (const uint8_t *)a.data;
    if (!a.length)
        return 0;
    if (at[0] < 0x80)
        return 1;
    if (at[0] < 0xC2 || at[0] > 0xF4)
        return 0;
    size_t length = at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
    if (a.length < length)
        return 0;
    uint8_t low = at[0] == 0xE0 ? 0xA0 : at[0] == 0xF0 ? 0x90 : 0x80;
    uint8_t high = at[0] == 0xED ? 0x9F : at[0] == 0xF4 ? 0x8F : 0xBF;
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

/* Whether the first eight bytes are there and all ASCII. */
static bool
begins_with_eight_ascii(struct text a)
{
    uint64_t eight;
    if (a.length < sizeof eight)
        return false;
    memcpy(&eight, a.data, sizeof eight);
    return !(eight & 0x8080808080808080u);
}

bool
text_is_utf8(struct text a)
{
    while (a.length) {
        size_t length = begins_with_eight_ascii(a) ? sizeof(uint64_t) : text_utf8_length(a);
        if (!length)
            return false;
        a = text_from(a.data + length, a.length - length);
    }
    return true;
}

struct text
text_cut(struct text a, size_t max)
{
    if (a.length <= max)
        return a;
    while (max && ((uint8_t)a.data[max] & 0xC0) == 0x80)
        max--;
    return (struct text){a.data, max};
}

char *
text_copy(struct text a)
{
    char *copy = memory_new(a.length + 1);
    if (a.length)
        memcpy(copy, a.data, a.length);
    return copy;
}
