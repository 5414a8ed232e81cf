/* routes: which path does what, on the gateway's two ports.
 *
 * Both ports: /livez /readyz /health /metrics /metrics/context_score /sessions/count
 * /connections/count. 8051 also has /mcp; 8181 has /api/v1/tools. One object per loop.
 */
#pragma once

#include <stdatomic.h>

#include "gateway/admin/health.h"
#include "gateway/mcp/mcp.h"

struct routes;

struct routes_options {
    struct mcp *mcp;
    struct health *health;
    struct backends *backends;
    struct metrics *metrics;        /* the gateway's own, when metrics-svc is away */
    const atomic_long *connections; /* open on the public port, all loops */
    const struct mcp_session_registry *sessions;
    const char *instance;
};

struct routes *routes_create(const struct routes_options *options);
void routes_destroy(struct routes **self_p);

/* http_handler of the public port (8051) and of the operators' port (8181); argument: the routes.
 */
void routes_public(void *argument, struct http_exchange *exchange);
void routes_operators(void *argument, struct http_exchange *exchange);
