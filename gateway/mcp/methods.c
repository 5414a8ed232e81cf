#include "gateway/mcp/methods.h"

static const struct mcp_method methods[] = {
    {"tools/call", true, true, mcp_method_tools_call},
    {"tools/list", true, true, mcp_method_tools_list},
    {"initialize", true, false, mcp_method_initialize},
    {"ping", true, false, mcp_method_ping},
    {"server/discover", false, true, mcp_method_discover},
    {"resources/list", true, true, mcp_method_resources_list},
    {"resources/templates/list", true, true, mcp_method_resources_templates_list},
    {"resources/read", true, true, mcp_method_resources_read},
    {"prompts/list", true, true, mcp_method_prompts_list},
    {"prompts/get", true, true, mcp_method_prompts_get},
    {"completion/complete", true, true, mcp_method_completion_complete},
};

const struct mcp_method *
mcp_method_find(struct text name, bool modern)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (text_is(name, methods[i].name) && (modern ? methods[i].modern : methods[i].legacy))
            return &methods[i];
    return NULL;
}

bool
mcp_method_has_no_cursor(struct mcp_request *request)
{
    struct text cursor = request->message.params[PARAM_CURSOR];
    if (!cursor.length || text_is(cursor, "null"))
        return true;
    mcp_error(request, JSONRPC_INVALID_PARAMS, TEXT(""),
        "this list has one page and never gave a cursor; leave cursor out");
    return false;
}
