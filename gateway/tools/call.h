/* tool_call: one run of one tool.
 *
 * The caller (mcp's tools/call, the plain HTTP API, forge://status) fills the upper part, starts
 * it, and gets exactly one on_done: with the result's JSON in `out`, or with failed set, the words
 * for the model in `words` and {"error":…} in `out`. It lives in the request's arena; everything it
 * made ends with that.
 */
#pragma once

#include "common/base/arena.h"
#include "common/json/writer.h"
#include "common/rpc/call.h"
#include "gateway/backends/backends.h"
#include "gateway/tools/tool.h"

struct status_round;

struct tool_call {
    /* Set by the caller: principal, traceparent; deadline_ms (0: the tool's own time). */
    struct rpc_call rpc;
    struct backends *backends;
    struct arena *arena;
    struct buffer *out;          /* used only between the reply and on_done's return */
    struct text idempotency_key; /* of the HTTP header; empty: the argument, or a fresh one */
    unsigned batch_place;        /* keeps the keys of one batch apart; 0 for a single request */
    struct text client;          /* the assistant's program, as it calls itself; may be empty */
    unsigned default_timeout_ms;
    /* Writes what the gateway knows of its peers as one JSON value; may be NULL. */
    void (*write_health)(void *argument, struct json_writer *writer);
    void *health_argument;
    /* May run before tool_call_start returns, and may free the arena. */
    void (*on_done)(struct tool_call *call);
    void *argument;

    /* The result, for on_done. */
    bool failed;
    enum status status;
    const char *words;

    /* The tools' own. */
    const struct tool *tool;
    struct argument_value *values; /* in the order of the tool's table */
    const char *key_words;         /* the key as text, shown when the outcome is unknown */
    uint8_t key[RPC_KEY_SIZE];
    struct status_round *round; /* forge_status' several calls */
    bool waiting;               /* a service has yet to answer rpc */
};

/* arguments: a JSON object, or empty for none. */
void tool_call_start(struct tool_call *self, const struct tool *tool, struct text arguments);

/* Tells the services to stop; on_done still comes. */
void tool_call_cancel(struct tool_call *self);

/* --- for the tools --- */

/* The stub's service for the call's one request. */
ProtobufCService *tool_call_bind(
    struct tool_call *self, const ProtobufCServiceDescriptor *descriptor);

/* First in every closure: false, and the call is over, when the service refused or never answered;
 * else the writer stands in the result's open object. */
bool tool_call_answered(
    struct tool_call *self, const void *reply, struct json_writer *writer) MUST_CHECK;

/* Closes the result's object and ends the call. The last thing a closure does. */
void tool_call_finish(struct tool_call *self, struct json_writer *writer);

/* Ends the call with words for the model and, unless NULL, the argument that is to blame. */
void tool_call_refuse(struct tool_call *self, enum status status, const char *argument,
    const char *format, ...) PRINTF_LIKE(4, 5);

/* A value of the call's arguments by its place in the table. */
static inline const struct argument_value *
tool_call_value(const struct tool_call *self, unsigned place)
{
    return &self->values[place];
}
