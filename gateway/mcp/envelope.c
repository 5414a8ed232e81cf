#include "gateway/mcp/envelope.h"

#include "common/json/reader.h"
#include "gateway/mcp/jsonrpc.h"

static bool
is_log_level(struct text level)
{
    static const char *const levels[] = {
        "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (text_is(level, levels[i]))
            return true;
    return false;
}

static void
take(struct mcp_envelope *self, struct text key, struct text raw, struct arena *arena)
{
    struct text value = {0};
    if (text_is(key, META_KEY "protocolVersion")) {
        self->claims = true;
        self->version_is_string = jsonrpc_string(raw, arena, &self->version);
    } else if (text_is(key, META_KEY "clientCapabilities")) {
        self->capabilities_given = jsonrpc_is_object(raw);
        self->capabilities_malformed = !self->capabilities_given;
        self->capabilities = mcp_capabilities_read(raw);
    } else if (text_is(key, META_KEY "clientInfo")) {
        self->client_name = mcp_implementation_name(raw, arena);
    } else if (text_is(key, META_KEY "logLevel")) {
        self->log_level_is_bad = !jsonrpc_string(raw, arena, &value) || !is_log_level(value);
    } else if (text_is(key, "traceparent")) {
        if (jsonrpc_string(raw, arena, &value) && mcp_traceparent_is_valid(value))
            self->traceparent = value;
    }
}

void
mcp_envelope_read(struct mcp_envelope *self, struct text raw, struct arena *arena)
{
    *self = (struct mcp_envelope){0};
    if (!jsonrpc_is_object(raw))
        return;
    struct json_reader reader;
    struct text key;
    json_reader_init(&reader, raw);
    json_object_begin(&reader);
    while (json_object_next(&reader, &key)) {
        struct text value;
        if (json_read_raw(&reader, &value))
            take(self, key, value, arena);
    }
}

static uint8_t
read_elicitation(struct text raw)
{
    if (!jsonrpc_is_object(raw))
        return 0;
    struct json_reader reader;
    struct text key;
    uint8_t bits = 0;
    json_reader_init(&reader, raw);
    json_object_begin(&reader);
    while (json_object_next(&reader, &key)) {
        if (text_is(key, "form"))
            bits |= CLIENT_ELICITATION_FORM;
        if (text_is(key, "url"))
            bits |= CLIENT_ELICITATION_URL;
        json_skip(&reader);
    }
    /* An empty object is the older way to say: forms. */
    return bits ? bits : CLIENT_ELICITATION_FORM;
}

uint8_t
mcp_capabilities_read(struct text raw)
{
    if (!jsonrpc_is_object(raw))
        return 0;
    struct json_reader reader;
    struct text key;
    uint8_t bits = 0;
    json_reader_init(&reader, raw);
    json_object_begin(&reader);
    while (json_object_next(&reader, &key)) {
        bool roots = text_is(key, "roots");
        bool sampling = text_is(key, "sampling");
        bool elicitation = text_is(key, "elicitation");
        struct text value;
        if (!json_read_raw(&reader, &value) || !jsonrpc_is_object(value))
            continue;
        bits |= (uint8_t)((roots ? CLIENT_ROOTS : 0) | (sampling ? CLIENT_SAMPLING : 0));
        if (elicitation)
            bits |= read_elicitation(value);
    }
    return bits;
}

struct text
mcp_implementation_name(struct text raw, struct arena *arena)
{
    struct text name = TEXT("");
    if (!jsonrpc_is_object(raw))
        return name;
    struct json_reader reader;
    struct text key;
    json_reader_init(&reader, raw);
    json_object_begin(&reader);
    while (json_object_next(&reader, &key)) {
        struct text value;
        bool is_name = text_is(key, "name");
        if (json_read_raw(&reader, &value) && is_name && !jsonrpc_string(value, arena, &name))
            name = TEXT("");
    }
    return name;
}

/* Lower-case hexadecimal digits, not all of them zero unless `zeros` is fine. */
static bool
is_hex(struct text value, size_t at, size_t count, bool zeros)
{
    bool only_zeros = true;
    for (size_t i = at; i < at + count; i++) {
        char c = value.data[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
        only_zeros = only_zeros && c == '0';
    }
    return zeros || !only_zeros;
}

bool
mcp_traceparent_is_valid(struct text value)
{
    return value.length == 55 && memcmp(value.data, "00-", 3) == 0 && value.data[35] == '-' &&
           value.data[52] == '-' && is_hex(value, 3, 32, false) && is_hex(value, 36, 16, false) &&
           is_hex(value, 53, 2, true);
}
