#include "gateway/tools/base64.h"

static const char url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int
value_of(char c, const char *last_two)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == last_two[0])
        return 62;
    return c == last_two[1] ? 63 : -1;
}

void
base64_url_encode(const void *bytes, size_t size, char *out)
{
    const uint8_t *at = bytes;
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < size; i++) {
        bits = bits << 8 | at[i];
        for (held += 8; held >= 6; held -= 6)
            *out++ = url_alphabet[bits >> (held - 6) & 63];
    }
    if (held)
        *out = url_alphabet[bits << (6 - held) & 63];
}

static bool
decode(struct text text, const char *last_two, uint8_t *out, size_t max, size_t *size)
{
    if (text.length % 4 == 1 || text.length / 4 * 3 + (text.length % 4 * 3) / 4 > max)
        return false;
    uint32_t bits = 0;
    unsigned held = 0;
    size_t written = 0;
    for (size_t i = 0; i < text.length; i++) {
        int value = value_of(text.data[i], last_two);
        if (value < 0)
            return false;
        bits = (bits << 6 | (uint32_t)value) & 0xFFFF;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[written++] = (uint8_t)(bits >> held);
        }
    }
    if (bits & ((1u << held) - 1))
        return false;
    *size = written;
    return true;
}

bool
base64_url_decode(struct text text, void *out, size_t max, size_t *size)
{
    return decode(text, "-_", out, max, size);
}

bool
base64_decode(struct text text, void *out, size_t max, size_t *size)
{
    if (text.length % 4)
        return false;
    size_t padding = 0;
    while (padding < 2 && text.length && text.data[text.length - 1] == '=') {
        text.length--;
        padding++;
    }
    return decode(text, "+/", out, max, size);
}
