#include "gateway/mcp/ladder.h"

#include "common/json/reader.h"
#include "gateway/mcp/header_value.h"

/* keys: a JSON array of the members of _meta that are missing or wrong. */
static bool
refuse_envelope(struct mcp_request *request, const char *what, const char *keys)
{
    struct arena *arena = mcp_request_arena(request);
    const char *data = arena_format(arena, "{\"%s\":%s}", what, keys);
    const char *words = arena_format(arena,
        "params._meta must hold \"" META_KEY "protocolVersion\" (a string) and \"" META_KEY
        "clientCapabilities\" (an object); %s here: %s",
        what, keys);
    mcp_error_with(request, 400, JSONRPC_INVALID_PARAMS, text_of(data), words);
    return false;
}

static bool
check_envelope(struct mcp_request *request)
{
    const struct mcp_envelope *envelope = &request->envelope;
    bool capabilities = envelope->capabilities_given || envelope->capabilities_malformed;
    if (!envelope->claims && !capabilities)
        return refuse_envelope(request, "missing",
            "[\"" META_KEY "protocolVersion\",\"" META_KEY "clientCapabilities\"]");
    if (!envelope->claims)
        return refuse_envelope(request, "missing", "[\"" META_KEY "protocolVersion\"]");
    if (!capabilities)
        return refuse_envelope(request, "missing", "[\"" META_KEY "clientCapabilities\"]");
    if (!envelope->version_is_string)
        return refuse_envelope(request, "invalid", "[\"" META_KEY "protocolVersion\"]");
    if (envelope->capabilities_malformed)
        return refuse_envelope(request, "invalid", "[\"" META_KEY "clientCapabilities\"]");
    if (envelope->log_level_is_bad)
        return refuse_envelope(request, "invalid", "[\"" META_KEY "logLevel\"]");
    return true;
}

static bool
refuse_header(struct mcp_request *request, const char *header, struct text got, struct text body)
{
    if (!got.data)
        mcp_error(request, JSONRPC_HEADER_MISMATCH, TEXT(""),
            "the header %s is missing; it must repeat \"%.*s\" from the body", header,
            TEXT_FORMAT(text_cut(body, 128)));
    else
        mcp_error(request, JSONRPC_HEADER_MISMATCH, TEXT(""),
            "the header %s says \"%.*s\", the body says \"%.*s\"; both must be the same", header,
            TEXT_FORMAT(text_cut(got, 128)), TEXT_FORMAT(text_cut(body, 128)));
    return false;
}

static bool
check_version(struct mcp_request *request)
{
    struct text claimed = request->envelope.version;
    struct text header = http_exchange_header(request->exchange, "mcp-protocol-version");
    if (!header.data || !text_equals(header, claimed))
        return refuse_header(request, "MCP-Protocol-Version", header, claimed);
    enum mcp_version version;
    if (mcp_version_parse(claimed, &version) && version == MCP_2026_07_28)
        return true;
    CLEANUP(buffer_release) struct buffer data = {0};
    struct json_writer writer;
    json_writer_init(&writer, &data);
    json_write_object_begin(&writer);
    json_write_key(&writer, "supported");
    json_write_raw(&writer, text_of(mcp_version_list()));
    json_write_key(&writer, "requested");
    json_write_text(&writer, claimed);
    json_write_object_end(&writer);
    mcp_error(request, JSONRPC_UNSUPPORTED_VERSION, buffer_text(&data),
        "version \"%.*s\" is not one that takes requests of this form; 2026-07-28 is",
        TEXT_FORMAT(text_cut(claimed, 64)));
    return false;
}

static bool
check_method(struct mcp_request *request)
{
    struct text header = http_exchange_header(request->exchange, "mcp-method");
    if (header.data && text_equals(header, request->message.method))
        return true;
    return refuse_header(request, "Mcp-Method", header, request->message.method);
}

/* Which member of params Mcp-Name repeats; PARAM_COUNT: none. */
static enum jsonrpc_param
named_param(struct text method)
{
    if (text_is(method, "tools/call") || text_is(method, "prompts/get"))
        return PARAM_NAME;
    return text_is(method, "resources/read") ? PARAM_URI : PARAM_COUNT;
}

static bool
check_name(struct mcp_request *request)
{
    enum jsonrpc_param param = named_param(request->message.method);
    struct arena *arena = mcp_request_arena(request);
    struct text name;
    /* Where the body has no name, the missing name is the method's business. */
    if (param == PARAM_COUNT || !jsonrpc_string(request->message.params[param], arena, &name))
        return true;
    struct text header = http_exchange_header(request->exchange, "mcp-name");
    struct text decoded;
    if (header.data && mcp_header_value_decode(header, arena, &decoded) &&
        text_equals(decoded, name))
        return true;
    return refuse_header(request, "Mcp-Name", header, name);
}

bool
mcp_ladder_climb(struct mcp_request *request)
{
    return check_envelope(request) && check_version(request) && check_method(request) &&
           check_name(request);
}

/* The string value of a member of the arguments; false when it is absent or null. */
static bool
argument_of(struct text arguments, const char *name, struct arena *arena, struct text *value)
{
    if (!jsonrpc_is_object(arguments))
        return false;
    struct json_reader reader;
    struct text key;
    bool found = false;
    json_reader_init(&reader, arguments);
    json_object_begin(&reader);
    while (json_object_next(&reader, &key)) {
        bool wanted = text_is(key, name);
        struct text raw;
        if (json_read_raw(&reader, &raw) && wanted && !text_is(raw, "null")) {
            found = true;
            if (!jsonrpc_string(raw, arena, value))
                *value = raw;
        }
    }
    return found;
}

bool
mcp_ladder_check_params(struct mcp_request *request)
{
    struct arena *arena = mcp_request_arena(request);
    struct text name;
    if (!jsonrpc_string(request->message.params[PARAM_NAME], arena, &name))
        return true;
    const struct tool *tool = tool_find(name);
    const struct argument *argument = tool ? tool_header_argument(tool) : NULL;
    struct text value;
    if (!argument ||
        !argument_of(request->message.params[PARAM_ARGUMENTS], argument->name, arena, &value))
        return true;
    struct text header = http_exchange_header(request->exchange, "mcp-param-" TOOL_HEADER_LOWER);
    struct text decoded;
    if (header.data && mcp_header_value_decode(header, arena, &decoded) &&
        text_equals(decoded, value))
        return true;
    return refuse_header(request, "Mcp-Param-" TOOL_HEADER, header, value);
}
