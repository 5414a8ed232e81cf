#include "forgectl/cli/safe_text.h"

#include <utf8proc.h>

static const char replacement[] = "\xef\xbf\xbd";

static bool
is_override(utf8proc_int32_t code)
{
    return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0x200e || code == 0x200f || code == 0x061c;
}

static bool
is_harmful(utf8proc_int32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029 ||
           is_override(code);
}

/* Bytes of the next character, at least 1; *code is negative where they are no character. */
static size_t
next_code(struct text text, utf8proc_int32_t *code)
{
    utf8proc_ssize_t size =
        utf8proc_iterate((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.length, code);
    if (size >= 1)
        return (size_t)size;
    *code = -1;
    return 1;
}

void
safe_text_add(struct buffer *out, struct text text, enum safe_text_form form)
{
    while (text.length > 0) {
        utf8proc_int32_t code = -1;
        size_t size = next_code(text, &code);
        if (code == '\n' || code == '\t')
            buffer_add_byte(out, (char)(form == SAFE_TEXT_LINE ? ' ' : code));
        else if (code == '\r')
            buffer_add_byte(out, ' ');
        else if (is_harmful(code))
            buffer_add(out, replacement, sizeof(replacement) - 1);
        else
            buffer_add(out, text.data, size);
        text = text_from(text.data + size, text.length - size);
    }
}

size_t
safe_text_width(struct text text)
{
    size_t width = 0;
    while (text.length > 0) {
        utf8proc_int32_t code = -1;
        size_t size = next_code(text, &code);
        width += code < 0 ? 1 : (size_t)utf8proc_charwidth(code);
        text = text_from(text.data + size, text.length - size);
    }
    return width;
}

struct text
safe_text_fit(struct text text, size_t columns)
{
    struct text rest = text;
    size_t width = 0;
    while (rest.length > 0) {
        utf8proc_int32_t code = -1;
        size_t size = next_code(rest, &code);
        width += code < 0 ? 1 : (size_t)utf8proc_charwidth(code);
        if (width > columns)
            break;
        rest = text_from(rest.data + size, rest.length - size);
    }
    return text_from(text.data, text.length - rest.length);
}
