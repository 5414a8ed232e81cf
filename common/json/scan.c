#include "common/json/scan.h"

/* What the letter after a backslash stands for; NUL when it is none of JSON's eight. */
static char
escape_meaning(char letter)
{
    switch (letter) {
    case '"':
    case '\\':
    case '/': return letter;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return '\0';
    }
}

static int
hexadecimal(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits after "\u"; -1 when they are not four hexadecimal digits. */
static int
code_unit(const char *at, const char *end)
{
    if (end - at < 4)
        return -1;
    int unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hexadecimal(at[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static bool
is_high_surrogate(int unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool
is_low_surrogate(int unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* How long the escape at the backslash `at` is; 0 with *problem set when it is not allowed. */
static size_t
escape_length(const char *at, const char *end, const char **problem)
{
    if (end - at < 2) {
        *problem = "a string does not end";
        return 0;
    }
    if (escape_meaning(at[1]))
        return 2;
    int unit = at[1] == 'u' ? code_unit(at + 2, end) : -1;
    if (unit < 0) {
        *problem = "an escape in a string is none of JSON's";
        return 0;
    }
    if (unit == 0) {
        *problem = "\\u0000 is not allowed in a string";
        return 0;
    }
    if (!is_high_surrogate(unit) && !is_low_surrogate(unit))
        return 6;
    bool pair = is_high_surrogate(unit) && end - at >= 12 && at[6] == '\\' && at[7] == 'u' &&
                is_low_surrogate(code_unit(at + 8, end));
    if (!pair)
        *problem = "a string has half of a surrogate pair";
    return pair ? 12 : 0;
}

/* The first byte that is not plain, or end. */
static const char *
skip_plain(const char *at, const char *end)
{
    while (end - at >= 8) {
        uint64_t eight;
        memcpy(&eight, at, sizeof eight);
        uint64_t special = json_special_bytes(le64toh(eight));
        if (special)
            return at + json_plain_bytes(special);
        at += 8;
    }
    while (at < end && json_is_plain(*at))
        at++;
    return at;
}

const char *
json_scan_string(const char *at, const char *end, bool *escaped, const char **problem)
{
    *escaped = false;
    for (;;) {
        at = skip_plain(at, end);
        if (at == end) {
            *problem = "a string does not end";
            return at;
        }
        unsigned char byte = (unsigned char)*at;
        size_t length = 1;
        if (byte == '"')
            return at;
        if (byte == '\\') {
            *escaped = true;
            length = escape_length(at, end, problem);
        } else if (byte < 0x20) {
            *problem = "a string has a control character that is not escaped";
            return at;
        } else if (byte >= 0x80) {
            length = text_utf8_length(text_from(at, (size_t)(end - at)));
            if (!length)
                *problem = "a string is not UTF-8";
        }
        if (!length)
            return at;
        at += length;
    }
}

static size_t
encode_utf8(unsigned point, char *out)
{
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    if (point < 0x80) {
        *out = (char)point;
        return 1;
    }
    size_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i; i--) {
        out[i] = (char)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    *out = (char)(leads[length] | point);
    return length;
}

/* Writes what a checked escape stands for and moves *at behind it. */
static size_t
unescape_one(const char **at, const char *end, char *out)
{
    const char *escape = *at;
    if (escape[1] != 'u') {
        *out = escape_meaning(escape[1]);
        *at += 2;
        return 1;
    }
    int point = code_unit(escape + 2, end);
    *at += 6;
    if (is_high_surrogate(point)) {
        point = 0x10000 + ((point - 0xD800) << 10) + (code_unit(escape + 8, end) - 0xDC00);
        *at += 6;
    }
    return encode_utf8((unsigned)point, out);
}

size_t
json_unescape(struct text raw, char *out)
{
    const char *at = raw.data;
    const char *end = raw.data + raw.length;
    char *to = out;
    while (at < end) {
        const char *escape = memchr(at, '\\', (size_t)(end - at));
        size_t run = (size_t)((escape ? escape : end) - at);
        memcpy(to, at, run);
        to += run;
        at += run;
        if (escape)
            to += unescape_one(&at, end, to);
    }
    return (size_t)(to - out);
}
