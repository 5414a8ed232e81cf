#include "gateway/mcp/header_value.h"

#include "gateway/tools/base64.h"

bool
mcp_header_value_decode(struct text value, struct arena *arena, struct text *decoded)
{
    static const struct text begin = {"=?base64?", sizeof "=?base64?" - 1};
    enum { END_LENGTH = 2 };
    bool encoded = value.length >= begin.length + END_LENGTH && text_starts_with(value, begin) &&
                   memcmp(value.data + value.length - END_LENGTH, "?=", END_LENGTH) == 0;
    if (!encoded) {
        *decoded = value;
        return true;
    }
    struct text middle =
        text_from(value.data + begin.length, value.length - begin.length - END_LENGTH);
    size_t size;
    char *bytes = arena_new(arena, middle.length + 1);
    if (!base64_decode(middle, bytes, middle.length, &size) ||
        !text_is_utf8(text_from(bytes, size)))
        return false;
    *decoded = text_from(bytes, size);
    return true;
}
