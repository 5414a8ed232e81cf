#include "gateway/mcp/uri.h"

#include "gateway/tools/limits.h"

static const struct text brief_prefix = {"context://brief/", sizeof "context://brief/" - 1};
static const struct text entry_prefix = {"context://", sizeof "context://" - 1};

static int
digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A project's name; false for bad escapes, control characters and what is too long. */
static bool
decode(struct text encoded, struct arena *arena, struct text *decoded)
{
    char *out = arena_new(arena, encoded.length + 1);
    size_t length = 0;
    for (size_t i = 0; i < encoded.length; i++) {
        char c = encoded.data[i];
        if (c == '%') {
            int high = i + 2 < encoded.length ? digit(encoded.data[i + 1]) : -1;
            int low = i + 2 < encoded.length ? digit(encoded.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if ((unsigned char)c < 0x20 || c == 0x7F)
            return false;
        out[length++] = c;
    }
    *decoded = text_from(out, length);
    return length > 0 && length <= LIMIT_PROJECT_BYTES && text_is_utf8(*decoded);
}

bool
mcp_uri_parse(struct text uri, struct arena *arena, struct mcp_uri *parsed)
{
    if (text_is(uri, "forge://status")) {
        parsed->kind = URI_STATUS;
        return true;
    }
    if (text_starts_with(uri, brief_prefix)) {
        struct text rest =
            text_from(uri.data + brief_prefix.length, uri.length - brief_prefix.length);
        parsed->kind = URI_BRIEF;
        return rest.length <= (size_t)LIMIT_PROJECT_BYTES * 3 &&
               decode(rest, arena, &parsed->project);
    }
    if (!text_starts_with(uri, entry_prefix))
        return false;
    parsed->kind = URI_ENTRY;
    return uuid_parse(
        text_from(uri.data + entry_prefix.length, uri.length - entry_prefix.length), &parsed->id);
}

void
mcp_uri_write_brief(struct buffer *out, struct text project)
{
    static const char digits[] = "0123456789ABCDEF";
    buffer_add_text(out, brief_prefix);
    for (size_t i = 0; i < project.length; i++) {
        char c = project.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            buffer_add_byte(out, c);
            continue;
        }
        buffer_add_byte(out, '%');
        buffer_add_byte(out, digits[(unsigned char)c >> 4]);
        buffer_add_byte(out, digits[(unsigned char)c & 15]);
    }
}
