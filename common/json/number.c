#include "common/json/number.h"

#include <math.h>
#include <stdlib.h>

/* A number taken apart: its digits are those before and after the point, in one row. */
struct parts {
    struct text whole, fraction;
    bool negative;
    int64_t exponent;
};

static const char *
skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

const char *
json_number_end(const char *at, const char *end)
{
    if (at < end && *at == '-')
        at++;
    const char *digits = at;
    at = skip_digits(at, end);
    if (at == digits || (*digits == '0' && at - digits > 1))
        return NULL;
    if (at < end && *at == '.') {
        digits = ++at;
        at = skip_digits(at, end);
        if (at == digits)
            return NULL;
    }
    if (at < end && (*at | 0x20) == 'e') {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        digits = at;
        at = skip_digits(at, end);
        if (at == digits)
            return NULL;
    }
    return at;
}

/* The exponent, held within ±2^40: no document is long enough to make up for more. */
static int64_t
read_exponent(const char *at, const char *end)
{
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    int64_t exponent = 0;
    for (; at < end; at++)
        if (exponent < (INT64_C(1) << 36))
            exponent = exponent * 10 + (*at - '0');
    return negative ? -exponent : exponent;
}

static struct parts
take_apart(struct text number)
{
    const char *at = number.data;
    const char *end = number.data + number.length;
    struct parts parts = {.negative = *at == '-'};
    at += parts.negative;
    const char *stop = skip_digits(at, end);
    parts.whole = text_from(at, (size_t)(stop - at));
    if (stop < end && *stop == '.') {
        at = stop + 1;
        stop = skip_digits(at, end);
        parts.fraction = text_from(at, (size_t)(stop - at));
    }
    if (stop < end)
        parts.exponent = read_exponent(stop + 1, end);
    return parts;
}

static size_t
trailing_zeros(struct text digits)
{
    size_t count = 0;
    while (count < digits.length && digits.data[digits.length - 1 - count] == '0')
        count++;
    return count;
}

/* Adds decimal digits to a negative sum, which reaches one further than a positive one. */
static bool
append_digits(int64_t *sum, struct text digits)
{
    for (size_t i = 0; i < digits.length; i++)
        if (__builtin_mul_overflow(*sum, 10, sum) ||
            __builtin_sub_overflow(*sum, digits.data[i] - '0', sum))
            return false;
    return true;
}

bool
json_number_integer(struct text number, int64_t *value)
{
    struct parts parts = take_apart(number);
    int64_t exponent = parts.exponent;
    parts.fraction.length -= trailing_zeros(parts.fraction);
    exponent -= (int64_t)parts.fraction.length;
    if (!parts.fraction.length) {
        size_t zeros = trailing_zeros(parts.whole);
        parts.whole.length -= zeros;
        exponent += (int64_t)zeros;
    }
    int64_t sum = 0;
    if (!append_digits(&sum, parts.whole) || !append_digits(&sum, parts.fraction))
        return false;
    if (sum != 0 && exponent < 0)
        return false;
    for (; sum != 0 && exponent > 0; exponent--)
        if (__builtin_mul_overflow(sum, 10, &sum))
            return false;
    if (!parts.negative && sum == INT64_MIN)
        return false;
    *value = parts.negative ? sum : -sum;
    return true;
}

/* Up to 15 digits and a power of ten up to 22 are exact in a double, so one operation rounds
 * right (Clinger's fast path). */
static bool
convert_exactly(const struct parts *parts, double *value)
{
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t exponent = parts->exponent - (int64_t)parts->fraction.length;
    if (parts->whole.length + parts->fraction.length > 15 || exponent < -22 || exponent > 22)
        return false;
    int64_t sum = 0;
    if (!append_digits(&sum, parts->whole) || !append_digits(&sum, parts->fraction))
        return false;
    double size = (double)-sum;
    size = exponent < 0 ? size / powers[-exponent] : size * powers[exponent];
    *value = parts->negative ? -size : size;
    return true;
}

bool
json_number_double(struct text number, double *value)
{
    struct parts parts = take_apart(number);
    if (convert_exactly(&parts, value))
        return true;
    char copy[JSON_NUMBER_BYTES_MAX + 1];
    if (number.length > JSON_NUMBER_BYTES_MAX)
        return false;
    memcpy(copy, number.data, number.length);
    copy[number.length] = '\0';
    double result = strtod(copy, NULL);
    if (isinf(result))
        return false;
    *value = result;
    return true;
}
