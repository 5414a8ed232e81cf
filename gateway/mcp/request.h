/* request: one JSON-RPC request on its way to an answer.
 *
 * Lives in its exchange's arena, so it ends with the answer; a method touches nothing of it after
 * mcp_result_end or mcp_error. Requests of one batch share the exchange, which is answered when
 * the last of them is done.
 */
#pragma once

#include "common/json/writer.h"
#include "gateway/http/exchange.h"
#include "gateway/mcp/envelope.h"
#include "gateway/mcp/jsonrpc.h"
#include "gateway/mcp/server.h"
#include "gateway/mcp/version.h"
#include "gateway/tools/call.h"

/* The requests of one array. */
struct mcp_batch {
    struct http_exchange *exchange;
    size_t open; /* not yet answered, and one while the array is still being read */
    bool any;    /* an answer was written */
};

struct mcp_request {
    struct mcp *mcp;
    struct http_exchange *exchange;
    struct mcp_batch *batch; /* NULL: a request of its own */
    unsigned batch_place;    /* from 1; 0: none */
    struct jsonrpc_message message;
    struct mcp_envelope envelope;
    bool modern;
    bool gone; /* the client went away; nothing more is sent */
    enum mcp_version version;
    struct text client_name;
    struct json_writer writer;

    /* Whatever work goes on behind it. */
    struct tool_call call; /* tools/call, and what is made of tools */
    struct rpc_call rpc;   /* a call of a method's own */
    bool calling;          /* call is under way */
    bool waiting;          /* rpc is under way */
    void (*on_tool_done)(struct mcp_request *request);
    struct text subject; /* the resource's URI, the completion's prefix */
    const void *state;   /* what a method keeps from one call to its next */
};

/* How long an answer may be kept, and by whom (2026-07-28 only). */
enum mcp_cache {
    CACHE_NONE,   /* says nothing */
    CACHE_PUBLIC, /* five minutes, anyone */
    CACHE_NEVER,  /* its caller alone, and stale at once */
};

/* Opens {"jsonrpc":…,"id":…,"result":{ … and returns the writer that stands in it. */
struct json_writer *mcp_result_begin(struct mcp_request *self);
/* Closes it and answers. */
void mcp_result_end(struct mcp_request *self, enum mcp_cache cache);

/* Answers with an error; data is JSON or empty. The HTTP status is the code's own. */
void mcp_error(struct mcp_request *self, enum jsonrpc_code code, struct text data,
    const char *format, ...) PRINTF_LIKE(4, 5);
/* The same with another HTTP status. */
void mcp_error_with(struct mcp_request *self, int http_status, enum jsonrpc_code code,
    struct text data, const char *words);

/* Answers after self->rpc's service refused or did not answer: the service is named. */
void mcp_error_of_service(struct mcp_request *self, const char *service);

/* Fills call's principal, trace and deadline from the request. */
void mcp_request_set_call(struct mcp_request *self, struct rpc_call *call);

/* The stub's service for self->rpc; the closure calls mcp_request_answered first. */
ProtobufCService *mcp_request_bind(
    struct mcp_request *self, const ProtobufCServiceDescriptor *descriptor);
/* False, and the request is answered, when the service did not answer with OK. */
bool mcp_request_answered(
    struct mcp_request *self, const void *reply, const char *service) MUST_CHECK;

/* Runs a tool for this request; on_done answers it. */
void mcp_request_run_tool(struct mcp_request *self, const struct tool *tool, struct text arguments,
    void (*on_done)(struct mcp_request *request));

/* For a modern request: from now on a client that goes away stops the work. False when it is gone
 * already, and the request is over. */
bool mcp_request_watch(struct mcp_request *self) MUST_CHECK;

/* The arena of the request's own memory. */
static inline struct arena *
mcp_request_arena(struct mcp_request *self)
{
    return http_exchange_arena(self->exchange);
}

/* An array was read whole, or one of its requests was answered. */
void mcp_batch_one_less(struct mcp_batch *self);
