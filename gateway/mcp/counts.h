/* counts: what one loop tells the metrics about MCP: requests by method, tool calls by tool. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/process/metrics.h"

struct mcp_counts;
struct tool;

/* metrics may be NULL: nothing is counted. */
struct mcp_counts *mcp_counts_create(struct metrics *metrics);
void mcp_counts_destroy(struct mcp_counts **self_p);

void mcp_counts_request(struct mcp_counts *self, bool modern);
void mcp_counts_refusal(struct mcp_counts *self);
void mcp_counts_tool(
    struct mcp_counts *self, const struct tool *tool, bool failed, int64_t took_us);
