/* mcp_live: MCP behind a real listener on loopback, with fake services behind it.
 *
 * A test posts messages and looks at status, headers and JSON; everything runs in its thread.
 */
#pragma once

#include "gateway/mcp/mcp.h"
#include "tests/gateway/fakes/fake_backends.h"
#include "tests/gateway/http/live.h"

struct mcp_live {
    struct fake_backends fake; /* first */
    struct live live;
    struct mcp_session_keys *keys;
    struct mcp_session_registry *registry;
    struct mcp *mcp;
    struct mcp *other; /* a second object with the same keys, for another principal: sam */
    bool use_other;
    bool use_api; /* requests go to tool_api_handle with the last part of the path */
    char folder[64];
    struct client client;
    bool connected;
    /* The last answer. */
    int status;
    struct buffer head; /* NUL-terminated */
    struct buffer body;
};

/* cmocka's setup and teardown; *state is the object. */
int mcp_live_setup(void **state);
int mcp_live_teardown(void **state);

/* Sends a request and waits for its answer; headers are lines that end in \r\n. Returns the status.
 * body NULL: none. */
int mcp_live_ask(struct mcp_live *self, const char *method, const char *target, const char *headers,
    const char *body);

/* POST /mcp with Content-Type: application/json and more headers. */
int mcp_live_post(struct mcp_live *self, const char *headers, const char *body);

/* The same without waiting; mcp_live_answer waits. */
void mcp_live_send(struct mcp_live *self, const char *method, const char *target,
    const char *headers, const char *body);
int mcp_live_answer(struct mcp_live *self);

/* Ends the client's connection, or only its sending side. */
void mcp_live_hang_up(struct mcp_live *self, bool half);

/* Turns the loop until `count` calls have reached the services. */
void mcp_live_wait_calls(struct mcp_live *self, size_t count);

/* The raw JSON at a path of the last body; NULL when there is none. */
const char *mcp_live_json(struct mcp_live *self, const char *path);

/* Fails the test unless the raw JSON at the path is this. */
void assert_json(struct mcp_live *self, const char *path, const char *expected);

/* The value of a header of the last answer; "" when it is absent. Valid until the next call. */
const char *mcp_live_header(struct mcp_live *self, const char *name);

/* Sends initialize for a version and returns the session's id as a header line. */
const char *mcp_live_session(struct mcp_live *self, const char *version);

/* The headers and the _meta member of a modern request. */
#define MODERN_META                                                                                \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                       \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"
#define MODERN_HEADERS(method) "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " method "\r\n"
