/* session_id: sessions of the revisions before 2026-07-28, as signed, self-contained ids.
 *
 *     HOME.KEY.PAYLOAD.MAC     all visible ASCII, at most 160 characters
 *
 * HOME names the gateway that made it, so that a balancer can pin by the prefix; KEY names the key
 * of the ring; PAYLOAD is base64 of what the session is; MAC is HMAC-SHA256, cut to 128 bits, of
 * everything before it. So every gateway with the ring accepts every id, after any restart, and
 * nothing is stored. An id is no credential: it counts only for the principal it was made for.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/text.h"
#include "common/rpc/call.h"
#include "gateway/mcp/mcp.h"
#include "gateway/mcp/version.h"

enum {
    MCP_SESSION_ID_BYTES = 160,
    MCP_SESSION_CLIENT_BYTES = 24,
    MCP_SESSION_HOME_BYTES = 32,
    MCP_SESSION_DAYS = 30,
};

struct mcp_session {
    enum mcp_version version;
    uint8_t capabilities; /* CLIENT_… of envelope.h */
    int64_t issued_at_ms; /* wall clock, whole seconds */
    int64_t expires_at_ms;
    uint64_t principal;                        /* mcp_session_principal of whom it belongs to */
    char client[MCP_SESSION_CLIENT_BYTES + 1]; /* the client's name, [A-Za-z0-9._-] only */
};

/* Who a session belongs to, as a number: a hash of tenant and name. */
uint64_t mcp_session_principal(const struct rpc_principal *principal);

/* Keeps of a client's name what an id can carry. */
void mcp_session_set_client(struct mcp_session *session, struct text name);

/* Writes a fresh id and its NUL; returns its length. home: characters other than letters, digits
 * and '-' become '-'. */
size_t mcp_session_id_make(const struct mcp_session_keys *keys, const char *home,
    const struct mcp_session *session, char out[MCP_SESSION_ID_BYTES]);

/* False when the id was not made with a key of the ring, or has expired by now_ms. */
bool mcp_session_id_read(const struct mcp_session_keys *keys, struct text id, int64_t now_ms,
    struct mcp_session *session) MUST_CHECK;
