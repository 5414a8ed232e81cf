/* methods: what MCP can be asked here; one function each, found by name in one table. */
#pragma once

#include "gateway/mcp/request.h"

struct mcp_method {
    const char *name;
    bool legacy; /* before 2026-07-28 */
    bool modern;
    void (*run)(struct mcp_request *request);
};

/* NULL when there is no such method in the era. */
const struct mcp_method *mcp_method_find(struct text name, bool modern);

/* Each answers its request, at once or later. */
void mcp_method_initialize(struct mcp_request *request);
void mcp_method_ping(struct mcp_request *request);
void mcp_method_discover(struct mcp_request *request);
void mcp_method_tools_list(struct mcp_request *request);
void mcp_method_tools_call(struct mcp_request *request);
void mcp_method_resources_list(struct mcp_request *request);
void mcp_method_resources_templates_list(struct mcp_request *request);
void mcp_method_resources_read(struct mcp_request *request);
void mcp_method_prompts_list(struct mcp_request *request);
void mcp_method_prompts_get(struct mcp_request *request);
void mcp_method_completion_complete(struct mcp_request *request);

/* For lists of one page: true without a cursor; else the request is answered, as no such list ever
 * gave one. */
bool mcp_method_has_no_cursor(struct mcp_request *request) MUST_CHECK;
