#include "forgectl/bridge/headers.h"

#include <openssl/evp.h>

static bool
is_plain(struct text value)
{
    if (value.length == 0 || value.data[0] == ' ' || value.data[value.length - 1] == ' ')
        return false;
    for (size_t i = 0; i < value.length; i++)
        if (value.data[i] < 0x20 || value.data[i] > 0x7e)
            return false;
    return !text_starts_with(value, TEXT("=?base64?"));
}

const char *
bridge_header_value(struct text value, struct arena *arena)
{
    if (is_plain(value))
        return arena_copy(arena, value);
    size_t size = 4 * ((value.length + 2) / 3);
    char *encoded = arena_new(arena, size + 1);
    int length = EVP_EncodeBlock(
        (unsigned char *)encoded, (const unsigned char *)value.data, (int)value.length);
    return arena_format(arena, "=?base64?%.*s?=", length, encoded);
}

struct lines {
    const char **items;
    size_t count;
    struct arena *arena;
};

/* A longer line would be refused with words about sizes; without it the words name the header. */
enum { VALUE_MAX = 4 << 10 };

/* For values that know no base64 form; what cannot be sent is left out, and the gateway says so. */
static void
add_plain(struct lines *self, const char *name, struct text value)
{
    if (value.length <= VALUE_MAX && is_plain(value))
        self->items[self->count++] =
            arena_format(self->arena, "%s: %.*s", name, TEXT_FORMAT(value));
}

static void
add_encoded(struct lines *self, const char *name, struct text value)
{
    if (value.data != NULL && value.length <= VALUE_MAX)
        self->items[self->count++] =
            arena_format(self->arena, "%s: %s", name, bridge_header_value(value, self->arena));
}

size_t
bridge_headers(const struct bridge_message *message, struct text session, struct text version,
    struct arena *arena, const char *lines[BRIDGE_HEADERS_MAX])
{
    struct lines out = {.items = lines, .arena = arena};
    out.items[out.count++] = "Content-Type: application/json";
    out.items[out.count++] = "Accept: application/json, text/event-stream";
    if (message->claim.data != NULL) {
        add_plain(&out, "MCP-Protocol-Version", message->claim);
        add_plain(&out, "Mcp-Method", message->method);
        add_encoded(&out, "Mcp-Name", message->name);
        add_encoded(&out, "Mcp-Param-Project", message->project);
        return out.count;
    }
    if (text_is(message->method, "initialize"))
        return out.count;
    add_plain(&out, "MCP-Protocol-Version", version);
    add_plain(&out, "Mcp-Session-Id", session);
    return out.count;
}
