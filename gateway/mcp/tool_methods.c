#include "common/base/clock.h"
#include "gateway/mcp/ladder.h"
#include "gateway/mcp/methods.h"
#include "gateway/mcp/query.h"

void
mcp_method_tools_list(struct mcp_request *request)
{
    struct text name = mcp_query_value(http_exchange_query(request->exchange), "profile");
    enum tool_profile profile;
    if (!tool_profile_parse(name, &profile)) {
        mcp_error(request, JSONRPC_INVALID_PARAMS, TEXT(""),
            "there is no profile \"%.*s\"; profiles are core, ops and all",
            TEXT_FORMAT(text_cut(name, 64)));
        return;
    }
    if (!mcp_method_has_no_cursor(request))
        return;
    struct json_writer *writer = mcp_result_begin(request);
    json_write_key(writer, "tools");
    json_write_raw(writer, buffer_text(&request->mcp->tool_lists[profile]));
    mcp_result_end(request, CACHE_PUBLIC);
}

static void
write_text_block(struct json_writer *writer, struct text text)
{
    json_write_key(writer, "content");
    json_write_array_begin(writer);
    json_write_object_begin(writer);
    json_write_key(writer, "type");
    json_write_string(writer, "text");
    json_write_key(writer, "text");
    json_write_text(writer, text);
    json_write_object_end(writer);
    json_write_array_end(writer);
}

static void
on_called(struct mcp_request *request)
{
    const struct tool_call *call = &request->call;
    struct text result = buffer_text(&request->mcp->scratch);
    mcp_counts_tool(request->mcp->counts, call->tool, call->failed,
        clock_monotonic_us() - http_exchange_started_us(request->exchange));
    struct json_writer *writer = mcp_result_begin(request);
    write_text_block(writer, call->failed ? text_of(call->words) : result);
    json_write_key(writer, "structuredContent");
    json_write_raw(writer, result);
    if (call->failed) {
        json_write_key(writer, "isError");
        json_write_boolean(writer, true);
    }
    mcp_result_end(request, CACHE_NONE);
}

static void
refuse_tool(struct mcp_request *request, struct text name)
{
    const struct tool *nearest = tool_nearest(name);
    mcp_error(request, JSONRPC_INVALID_PARAMS, TEXT(""),
        "there is no tool \"%.*s\"%s%s%s; tools/list shows all", TEXT_FORMAT(text_cut(name, 128)),
        nearest ? ", did you mean \"" : "", nearest ? nearest->name : "", nearest ? "\"?" : "");
}

void
mcp_method_tools_call(struct mcp_request *request)
{
    const struct text *params = request->message.params;
    struct text name;
    if (request->modern && !mcp_ladder_check_params(request))
        return;
    if (!jsonrpc_string(params[PARAM_NAME], mcp_request_arena(request), &name)) {
        mcp_error(request, JSONRPC_INVALID_PARAMS, TEXT(""),
            "tools/call: params.name must be the name of a tool; tools/list shows all");
        return;
    }
    struct text arguments = params[PARAM_ARGUMENTS];
    if (text_is(arguments, "null"))
        arguments = TEXT("");
    if (arguments.length && !jsonrpc_is_object(arguments)) {
        mcp_error(request, JSONRPC_INVALID_PARAMS, TEXT(""),
            "tools/call: params.arguments must be an object");
        return;
    }
    const struct tool *tool = tool_find(name);
    if (tool)
        mcp_request_run_tool(request, tool, arguments, on_called);
    else
        refuse_tool(request, name);
}
