#include "gateway/mcp/media.h"

/* Cuts the part before the next separator off the front, trimmed. */
static struct text
take_part(struct text *rest, char separator)
{
    const char *end = rest->length ? memchr(rest->data, separator, rest->length) : NULL;
    size_t length = end ? (size_t)(end - rest->data) : rest->length;
    struct text part = text_trim(text_from(rest->data, length));
    size_t taken = length + (end ? 1 : 0);
    *rest = text_from(rest->data + taken, rest->length - taken);
    return part;
}

bool
mcp_media_is_json(struct text content_type)
{
    return text_equals_ignoring_case(take_part(&content_type, ';'), TEXT("application/json"));
}

/* "q=0", "q=0.0" and their like; any other weight lets the range count. */
static bool
is_zero_weight(struct text parameter)
{
    if (parameter.length < 3 || (parameter.data[0] != 'q' && parameter.data[0] != 'Q') ||
        parameter.data[1] != '=')
        return false;
    for (size_t i = 2; i < parameter.length; i++)
        if (parameter.data[i] != '0' && parameter.data[i] != '.')
            return false;
    return true;
}

/* How closely a range names application/json; 0: not at all. */
static int
closeness(struct text range)
{
    if (text_equals_ignoring_case(range, TEXT("application/json")))
        return 3;
    if (text_equals_ignoring_case(range, TEXT("application/*")))
        return 2;
    return text_is(range, "*/*") ? 1 : 0;
}

bool
mcp_media_accepts_json(struct text accept)
{
    if (!accept.length)
        return true;
    int closest = 0;
    bool accepted = false;
    while (accept.length) {
        struct text item = take_part(&accept, ',');
        int close = closeness(take_part(&item, ';'));
        bool wanted = true;
        while (item.length)
            wanted = !is_zero_weight(take_part(&item, ';')) && wanted;
        if (close < closest || !close)
            continue;
        accepted = close == closest ? accepted || wanted : wanted;
        closest = close;
    }
    return accepted;
}
