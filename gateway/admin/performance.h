/* performance: the one log line a second that says how the gateway does.
 *
 *   Performance score=0.95 rps=12.0 errors=0 p50=0.0004 p99=0.0021 Context relevance=0.21
 *   sessions=5 entries=4312 Response time: 0.0045                              (one line)
 *
 * score is the Apdex with T = 0.1 s; the line ends with the mean in seconds, 4 decimals, never
 * under 0.0001, because the procedures add up the last field. A line for every second with traffic,
 * at least one in 15 s. No other line contains "Response time".
 */
#pragma once

#include <uv.h>

#include "common/process/metrics.h"
#include "gateway/backends/backends.h"
#include "gateway/mcp/mcp.h"

struct performance;

struct performance_options {
    uv_loop_t *loop;
    struct metrics *metrics; /* holds forge_http_request_duration_seconds of all loops */
    struct backends *backends;
    const struct mcp_session_registry *sessions;
};

struct performance *performance_create(const struct performance_options *options);
/* The memory goes when the loop has closed the timer and the open call ended. */
void performance_destroy(struct performance **self_p);
