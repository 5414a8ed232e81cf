/* session_registry: reports of active sessions, from the loops to the registry's thread. */
#pragma once

#include <stdint.h>

#include "gateway/mcp/mcp.h"

/* One loop's way to the registry. */
struct mcp_session_reporter;

struct mcp_session_reporter *mcp_session_reporter_create(
    const struct mcp_session_registry *registry);
void mcp_session_reporter_destroy(struct mcp_session_reporter **self_p);

/* A session was just used. Never blocks; a report that finds the queue full is dropped. */
void mcp_session_reporter_report(struct mcp_session_reporter *self, uint64_t session);
