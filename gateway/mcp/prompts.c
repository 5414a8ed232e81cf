#include "common/json/reader.h"
#include "gateway/mcp/methods.h"
#include "gateway/mcp/prompt_texts.h"

/* One string argument of the request by name; empty when absent. False when it is no string. */
static bool
argument_of(struct mcp_request *request, const char *name, struct text *value)
{
    struct text raw_arguments = request->message.params[PARAM_ARGUMENTS];
    *value = TEXT("");
    if (!raw_arguments.length || text_is(raw_arguments, "null"))
        return true;
    if (!jsonrpc_is_object(raw_arguments))
        return false;
    struct json_reader reader;
    struct text key;
    bool good = true;
    json_reader_init(&reader, raw_arguments);
    json_object_begin(&reader);
    while (json_object_next(&reader, &key)) {
        bool wanted = text_is(key, name);
        struct text raw;
        if (json_read_raw(&reader, &raw) && wanted && !text_is(raw, "null"))
            good = jsonrpc_string(raw, mcp_request_arena(request), value);
    }
    return good;
}

static void
write_argument(struct json_writer *writer, const struct mcp_prompt_argument *argument)
{
    json_write_object_begin(writer);
    json_write_key(writer, "name");
    json_write_string(writer, argument->name);
    json_write_key(writer, "description");
    json_write_string(writer, argument->description);
    json_write_key(writer, "required");
    json_write_boolean(writer, argument->required);
    json_write_object_end(writer);
}

void
mcp_method_prompts_list(struct mcp_request *request)
{
    if (!mcp_method_has_no_cursor(request))
        return;
    struct json_writer *writer = mcp_result_begin(request);
    json_write_key(writer, "prompts");
    json_write_array_begin(writer);
    for (size_t i = 0; i < mcp_prompt_count; i++) {
        const struct mcp_prompt *prompt = &mcp_prompts[i];
        json_write_object_begin(writer);
        json_write_key(writer, "name");
        json_write_string(writer, prompt->name);
        json_write_key(writer, "title");
        json_write_string(writer, prompt->title);
        json_write_key(writer, "description");
        json_write_string(writer, prompt->description);
        json_write_key(writer, "arguments");
        json_write_array_begin(writer);
        for (size_t j = 0; j < MCP_PROMPT_ARGUMENTS && prompt->arguments[j].name; j++)
            write_argument(writer, &prompt->arguments[j]);
        json_write_array_end(writer);
        json_write_object_end(writer);
    }
    json_write_array_end(writer);
    mcp_result_end(request, CACHE_PUBLIC);
}

static void
answer(struct mcp_request *request, const struct mcp_prompt *prompt, const struct text *values)
{
    struct buffer *text = &request->mcp->scratch;
    buffer_clear(text);
    prompt->write(text, values);
    struct json_writer *writer = mcp_result_begin(request);
    json_write_key(writer, "description");
    json_write_string(writer, prompt->description);
    json_write_key(writer, "messages");
    json_write_array_begin(writer);
    json_write_object_begin(writer);
    json_write_key(writer, "role");
    json_write_string(writer, "user");
    json_write_key(writer, "content");
    json_write_object_begin(writer);
    json_write_key(writer, "type");
    json_write_string(writer, "text");
    json_write_key(writer, "text");
    json_write_text(writer, buffer_text(text));
    json_write_object_end(writer);
    json_write_object_end(writer);
    json_write_array_end(writer);
    mcp_result_end(request, CACHE_NONE);
}

void
mcp_method_prompts_get(struct mcp_request *request)
{
    struct text name;
    if (!jsonrpc_string(request->message.params[PARAM_NAME], mcp_request_arena(request), &name)) {
        mcp_error(request, JSONRPC_INVALID_PARAMS, TEXT(""),
            "prompts/get: params.name must be the name of a prompt");
        return;
    }
    const struct mcp_prompt *prompt = mcp_prompt_find(name);
    if (!prompt) {
        mcp_error(request, JSONRPC_INVALID_PARAMS, TEXT(""),
            "there is no prompt \"%.*s\"; prompts/list shows all",
            TEXT_FORMAT(text_cut(name, 128)));
        return;
    }
    struct text values[MCP_PROMPT_ARGUMENTS] = {{0}};
    for (size_t i = 0; i < MCP_PROMPT_ARGUMENTS && prompt->arguments[i].name; i++) {
        const struct mcp_prompt_argument *argument = &prompt->arguments[i];
        bool good = argument_of(request, argument->name, &values[i]);
        if (good && (values[i].length || !argument->required))
            continue;
        mcp_error(request, JSONRPC_INVALID_PARAMS, TEXT(""), "%s: the argument \"%s\" %s",
            prompt->name, argument->name, good ? "is missing" : "must be a string");
        return;
    }
    answer(request, prompt, values);
}
