#include "common/json/scan.h"
#include "common/json/writer.h"

/* The longest thing one byte may become: a \u escape. U+FFFD is shorter. */
enum { GROWTH = 6, CHUNK_BYTES = 1024 };

/* The letter after the backslash for a byte that has one; NUL for the others. */
static char
escape_letter(unsigned char byte)
{
    switch (byte) {
    case '"':
    case '\\': return (char)byte;
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return '\0';
    }
}

static char *
put_unit(char *to, unsigned unit)
{
    static const char digits[] = "0123456789abcdef";
    *to++ = '\\';
    *to++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *to++ = digits[unit >> shift & 15];
    return to;
}

static char *
put_ascii(char *to, unsigned char byte)
{
    char letter = escape_letter(byte);
    if (json_is_plain((char)byte)) {
        *to++ = (char)byte;
    } else if (letter) {
        *to++ = '\\';
        *to++ = letter;
    } else {
        to = put_unit(to, byte);
    }
    return to;
}

/* Writes the character at the front and tells its length. */
static char *
put_character(char *to, struct text left, size_t *length)
{
    const unsigned char *at = (const unsigned char *)left.data;
    *length = at[0] < 0x80 ? 1 : text_utf8_length(left);
    if (*length == 1)
        return put_ascii(to, at[0]);
    if (*length == 0) {
        *length = 1;
        return mempcpy(to, "\xEF\xBF\xBD", 3);
    }
    bool is_c1_control = *length == 2 && at[0] == 0xC2 && at[1] < 0xA0;
    if (is_c1_control)
        return put_unit(to, at[1]);
    bool is_line_end = *length == 3 && at[0] == 0xE2 && at[1] == 0x80 && (at[2] | 1) == 0xA9;
    if (is_line_end)
        return put_unit(to, 0x2000u | (at[2] & 0x3Fu));
    return mempcpy(to, at, *length);
}

/* Copies plain bytes, eight at a time; *at ends at the first other one or in the last seven. The
 * copy may write up to eight bytes more than it keeps. */
static char *
copy_plain(char *to, const char **at, const char *end)
{
    while (end - *at >= 8) {
        uint64_t eight;
        memcpy(&eight, *at, sizeof eight);
        memcpy(to, &eight, sizeof eight);
        uint64_t special = json_special_bytes(le64toh(eight));
        size_t plain = special ? json_plain_bytes(special) : 8;
        *at += plain;
        to += plain;
        if (special)
            break;
    }
    return to;
}

void
json_escape(struct buffer *out, struct text value)
{
    const char *at = value.data;
    const char *end = value.length ? at + value.length : at;
    while (at < end) {
        size_t left = (size_t)(end - at);
        const char *stop = at + (left < CHUNK_BYTES ? left : CHUNK_BYTES);
        char *to = buffer_reserve(out, (size_t)(stop - at) * GROWTH + 8);
        while (at < stop) {
            to = copy_plain(to, &at, stop);
            if (at == stop)
                break;
            size_t length;
            to = put_character(to, text_from(at, (size_t)(end - at)), &length);
            at += length;
        }
        out->length = (size_t)(to - out->data);
    }
}
