/* mcp: the Model Context Protocol on one HTTP endpoint, both eras.
 *
 * One object per loop. mcp_handle takes a whole HTTP exchange on /mcp and answers it: era, session,
 * ladder, JSON-RPC, then tools, resources and prompts. tool_api_handle answers
 * POST /api/v1/tools/NAME with the same tools as plain HTTP.
 */
#pragma once

#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/process/metrics.h"
#include "gateway/backends/backends.h"
#include "gateway/http/exchange.h"

struct json_writer;
struct mcp;

/* Makes and checks session ids; its keys are shared by all loops. */
struct mcp_session_keys;
/* Counts sessions that were active in the last 60 s; one thread for the gateway. */
struct mcp_session_registry;

struct mcp_options {
    struct backends *backends; /* of the same loop */
    const struct mcp_session_keys *session_keys;
    struct mcp_session_registry *sessions; /* may be NULL */
    struct metrics *metrics;
    const char *server_version;
    /* Who a request of this listener is, when it is open. */
    struct rpc_principal principal;
    unsigned call_timeout_ms; /* 0: 10000 */
    /* The name of this gateway in session ids, for balancers; NULL: "gateway". */
    const char *gateway;
    /* Writes what this gateway knows of the services as one JSON value, for forge_status; may be
     * NULL. */
    void (*status)(void *argument, struct json_writer *writer);
    void *status_argument;
};

struct mcp *mcp_create(const struct mcp_options *options);
void mcp_destroy(struct mcp **self_p);

void mcp_handle(struct mcp *self, struct http_exchange *exchange);
/* name: the last part of the path; empty for the list of tools. */
void tool_api_handle(struct mcp *self, struct http_exchange *exchange, struct text name);

/* Reads the key ring file (made with one key when `create` is set and it is absent; mode 0600).
 * A line a key: id, then 64 hexadecimal digits; the first line signs, all verify. */
enum status mcp_session_keys_open(const char *path, bool create, struct mcp_session_keys **self_p,
    struct problem *problem) MUST_CHECK;
void mcp_session_keys_close(struct mcp_session_keys **self_p);

struct mcp_session_registry *mcp_session_registry_create(void);
void mcp_session_registry_destroy(struct mcp_session_registry **self_p);
/* Any thread. */
long mcp_session_registry_active(const struct mcp_session_registry *self);
