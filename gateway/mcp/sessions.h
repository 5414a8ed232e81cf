/* sessions: one loop's view of sessions: made, recognised, reported as active.
 *
 * What was verified lately is remembered in a small table, so that most requests cost no
 * signature; each session is reported to the registry at most once in ten seconds.
 */
#pragma once

#include "gateway/mcp/session_id.h"

struct mcp_sessions;

/* registry may be NULL. home: the gateway's name in the ids. */
struct mcp_sessions *mcp_sessions_create(const struct mcp_session_keys *keys,
    const struct mcp_session_registry *registry, const char *home);
void mcp_sessions_destroy(struct mcp_sessions **self_p);

/* Writes the id of a new session, which begins now; returns its length. */
size_t mcp_sessions_begin(
    struct mcp_sessions *self, struct mcp_session *session, char out[MCP_SESSION_ID_BYTES]);

/* NULL when the id is forged, expired, or another principal's. Borrowed until the next call. */
const struct mcp_session *mcp_sessions_find(
    struct mcp_sessions *self, struct text id, uint64_t principal);
