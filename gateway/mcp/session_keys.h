/* session_keys: the key ring, for session_id.c alone; mcp.h has its file. */
#pragma once

#include "common/base/text.h"
#include "gateway/mcp/mcp.h"

enum { SESSION_KEY_BYTES = 32, SESSION_KEY_NAME_BYTES = 16 };

struct mcp_session_key {
    char name[SESSION_KEY_NAME_BYTES + 1]; /* letters, digits, '-', '_' */
    uint8_t secret[SESSION_KEY_BYTES];
};

/* The key that signs. */
const struct mcp_session_key *mcp_session_keys_first(const struct mcp_session_keys *self);

/* NULL when the ring has no key of that name. */
const struct mcp_session_key *mcp_session_keys_find(
    const struct mcp_session_keys *self, struct text name);
