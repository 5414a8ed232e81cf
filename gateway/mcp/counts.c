#include "gateway/mcp/counts.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "gateway/tools/tool.h"

enum { TOOLS_MAX = 40 };

struct tool_counts {
    struct metrics_counter *good;
    struct metrics_counter *failed;
    struct metrics_histogram *seconds;
};

struct mcp_counts {
    struct metrics_counter *legacy;
    struct metrics_counter *modern;
    struct metrics_counter *refused;
    struct tool_counts tools[TOOLS_MAX];
};

static struct tool_counts
make_tool(struct metrics *metrics, const char *name)
{
    static const char help[] = "Tool calls by tool and outcome.";
    char good[96];
    char failed[96];
    char tool[96];
    snprintf(good, sizeof good, "tool=\"%s\",outcome=\"ok\"", name);
    snprintf(failed, sizeof failed, "tool=\"%s\",outcome=\"error\"", name);
    snprintf(tool, sizeof tool, "tool=\"%s\"", name);
    return (struct tool_counts){
        .good = metrics_counter(metrics, "forge_tool_calls_total", good, help),
        .failed = metrics_counter(metrics, "forge_tool_calls_total", failed, help),
        .seconds = metrics_histogram(metrics, "forge_tool_duration_seconds", tool,
            "Time from a tool call's arrival to its answer."),
    };
}

struct mcp_counts *
mcp_counts_create(struct metrics *metrics)
{
    if (!metrics)
        return NULL;
    static const char help[] = "MCP requests by era.";
    struct mcp_counts *self = memory_new(sizeof *self);
    self->legacy = metrics_counter(metrics, "forge_mcp_requests_total", "era=\"legacy\"", help);
    self->modern = metrics_counter(metrics, "forge_mcp_requests_total", "era=\"modern\"", help);
    self->refused = metrics_counter(metrics, "forge_mcp_errors_total", NULL,
        "MCP requests that were answered with a JSON-RPC error.");
    for (size_t i = 0; i < tool_count && i < TOOLS_MAX; i++)
        self->tools[i] = make_tool(metrics, tools[i]->name);
    return self;
}

void
mcp_counts_destroy(struct mcp_counts **self_p)
{
    free(*self_p);
    *self_p = NULL;
}

void
mcp_counts_request(struct mcp_counts *self, bool modern)
{
    if (self)
        metrics_add(modern ? self->modern : self->legacy, 1);
}

void
mcp_counts_refusal(struct mcp_counts *self)
{
    if (self)
        metrics_add(self->refused, 1);
}

void
mcp_counts_tool(struct mcp_counts *self, const struct tool *tool, bool failed, int64_t took_us)
{
    for (size_t i = 0; self && i < tool_count && i < TOOLS_MAX; i++) {
        if (tools[i] != tool)
            continue;
        metrics_add(failed ? self->tools[i].failed : self->tools[i].good, 1);
        metrics_observe(self->tools[i].seconds, (double)took_us / 1e6);
        return;
    }
}
