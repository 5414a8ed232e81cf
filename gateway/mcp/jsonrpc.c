#include "gateway/mcp/jsonrpc.h"

#include "common/json/reader.h"

static const char *const param_names[PARAM_COUNT] = {
    [PARAM_META] = "_meta",
    [PARAM_NAME] = "name",
    [PARAM_ARGUMENTS] = "arguments",
    [PARAM_URI] = "uri",
    [PARAM_CURSOR] = "cursor",
    [PARAM_PROTOCOL_VERSION] = "protocolVersion",
    [PARAM_CAPABILITIES] = "capabilities",
    [PARAM_CLIENT_INFO] = "clientInfo",
    [PARAM_REF] = "ref",
    [PARAM_ARGUMENT] = "argument",
};

/* What a message held besides method and params. */
struct shape {
    bool version; /* "jsonrpc":"2.0" */
    bool id;
    bool answer; /* result or error */
};

static void
invalidate(struct jsonrpc_message *message, const char *problem)
{
    if (message->kind != JSONRPC_INVALID)
        message->problem = problem;
    message->kind = JSONRPC_INVALID;
}

static void
read_id(struct json_reader *reader, struct jsonrpc_message *message)
{
    enum json_type type = json_peek(reader);
    struct text raw;
    if (!json_read_raw(reader, &raw))
        return;
    bool whole = type == JSON_NUMBER && !memchr(raw.data, '.', raw.length) &&
                 !memchr(raw.data, 'e', raw.length) && !memchr(raw.data, 'E', raw.length);
    if (type != JSON_STRING && !whole)
        invalidate(message, "id must be a string or an integer");
    else if (raw.length > JSONRPC_ID_BYTES_MAX)
        invalidate(message, "id is longer than 512 bytes");
    else
        message->id = raw;
}

static void
read_params(struct json_reader *reader, struct jsonrpc_message *message)
{
    if (json_peek(reader) != JSON_OBJECT) {
        invalidate(message, "params must be an object");
        json_skip(reader);
        return;
    }
    struct text name;
    json_object_begin(reader);
    while (json_object_next(reader, &name)) {
        unsigned param = 0;
        while (param < PARAM_COUNT && !text_is(name, param_names[param]))
            param++;
        if (param < PARAM_COUNT)
            json_read_raw(reader, &message->params[param]);
        else
            json_skip(reader);
    }
}

static void
read_method(struct json_reader *reader, struct arena *arena, struct jsonrpc_message *message)
{
    if (json_peek(reader) == JSON_STRING) {
        json_read_string(reader, arena, &message->method);
        return;
    }
    invalidate(message, "method must be a string");
    json_skip(reader);
}

static void
read_member(struct json_reader *reader, struct arena *arena, struct text name,
    struct jsonrpc_message *message, struct shape *shape)
{
    if (text_is(name, "method")) {
        read_method(reader, arena, message);
    } else if (text_is(name, "params")) {
        read_params(reader, message);
    } else if (text_is(name, "id")) {
        shape->id = true;
        read_id(reader, message);
    } else if (text_is(name, "jsonrpc")) {
        struct text raw;
        if (json_read_raw(reader, &raw))
            shape->version = text_is(raw, "\"2.0\"");
    } else {
        shape->answer = shape->answer || text_is(name, "result") || text_is(name, "error");
        json_skip(reader);
    }
}

static void
classify(struct jsonrpc_message *message, const struct shape *shape)
{
    if (!shape->version)
        invalidate(message, "\"jsonrpc\":\"2.0\" is missing");
    if (message->kind == JSONRPC_INVALID)
        return;
    if (message->method.length)
        message->kind = shape->id ? JSONRPC_REQUEST : JSONRPC_NOTIFICATION;
    else if (shape->answer)
        message->kind = JSONRPC_RESPONSE;
    else
        invalidate(message, "method is missing");
}

bool
jsonrpc_is_batch(struct text document)
{
    size_t at = 0;
    while (at < document.length && strchr(" \t\r\n", document.data[at]) && document.data[at])
        at++;
    return at < document.length && document.data[at] == '[';
}

bool
jsonrpc_read(struct text document, struct arena *arena, struct jsonrpc_message *message,
    struct problem *problem)
{
    struct json_reader reader;
    json_reader_init(&reader, document);
    *message = (struct jsonrpc_message){.kind = JSONRPC_REQUEST};
    struct shape shape = {0};
    if (json_peek(&reader) == JSON_OBJECT) {
        struct text name;
        json_object_begin(&reader);
        while (json_object_next(&reader, &name))
            read_member(&reader, arena, name, message, &shape);
        classify(message, &shape);
    } else {
        json_skip(&reader);
        invalidate(message, "a message must be a JSON object");
    }
    if (json_reader_end(&reader))
        return true;
    problem_set(problem, "the body is not valid JSON: %s (at byte %zu)",
        json_reader_problem(&reader), json_reader_offset(&reader));
    return false;
}

bool
jsonrpc_split(struct text document, struct text elements[JSONRPC_BATCH_MAX + 1], size_t *count,
    struct problem *problem)
{
    struct json_reader reader;
    json_reader_init(&reader, document);
    size_t found = 0;
    if (json_array_begin(&reader))
        while (json_array_next(&reader)) {
            struct text raw;
            if (json_read_raw(&reader, &raw) && found <= JSONRPC_BATCH_MAX)
                elements[found++] = raw;
        }
    if (!json_reader_end(&reader)) {
        problem_set(problem, "the body is not valid JSON: %s (at byte %zu)",
            json_reader_problem(&reader), json_reader_offset(&reader));
        return false;
    }
    *count = found;
    return true;
}

bool
jsonrpc_string(struct text raw, struct arena *arena, struct text *value)
{
    if (!raw.length || raw.data[0] != '"')
        return false;
    struct json_reader reader;
    json_reader_init(&reader, raw);
    return json_read_string(&reader, arena, value);
}

bool
jsonrpc_is_object(struct text raw)
{
    return raw.length && raw.data[0] == '{';
}

enum jsonrpc_code
jsonrpc_code_of(enum status status)
{
    switch (status) {
    case STATUS_INVALID_ARGUMENT:
    case STATUS_NOT_FOUND:
    case STATUS_OUT_OF_RANGE: return JSONRPC_INVALID_PARAMS;
    case STATUS_UNIMPLEMENTED: return JSONRPC_METHOD_NOT_FOUND;
    default: return JSONRPC_INTERNAL_ERROR;
    }
}
