/* version: the revisions of MCP that this gateway speaks. */
#pragma once

#include <stdbool.h>

#include "common/base/text.h"

enum mcp_version {
    MCP_2024_11_05,
    MCP_2025_03_26,
    MCP_2025_06_18,
    MCP_2025_11_25,
    MCP_2026_07_28, /* the modern one: no initialize, no session */
    MCP_VERSION_COUNT,
    MCP_LATEST_LEGACY = MCP_2025_11_25,
    MCP_ASSUMED = MCP_2025_03_26, /* when nobody names one */
};

const char *mcp_version_name(enum mcp_version version);

/* False when we do not speak it. */
bool mcp_version_parse(struct text name, enum mcp_version *version) MUST_CHECK;

/* A JSON array of all of them, the newest first. */
const char *mcp_version_list(void);
