#include "gateway/mcp/version.h"

static const char *const names[MCP_VERSION_COUNT] = {
    [MCP_2024_11_05] = "2024-11-05",
    [MCP_2025_03_26] = "2025-03-26",
    [MCP_2025_06_18] = "2025-06-18",
    [MCP_2025_11_25] = "2025-11-25",
    [MCP_2026_07_28] = "2026-07-28",
};

const char *
mcp_version_name(enum mcp_version version)
{
    return names[version];
}

bool
mcp_version_parse(struct text name, enum mcp_version *version)
{
    for (unsigned i = 0; i < MCP_VERSION_COUNT; i++) {
        if (!text_is(name, names[i]))
            continue;
        *version = (enum mcp_version)i;
        return true;
    }
    return false;
}

const char *
mcp_version_list(void)
{
    return "[\"2026-07-28\",\"2025-11-25\",\"2025-06-18\",\"2025-03-26\",\"2024-11-05\"]";
}
