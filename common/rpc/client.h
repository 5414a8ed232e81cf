/* rpc_client: calls to one service instance, from one thread.
 *
 * One DEALER to one endpoint (ipc://, tcp:// or inproc://; nothing else differs). A program makes
 * one client per instance and loop and never shares it between threads. Stubs are protobuf-c's own:
 *
 *     struct request { struct rpc_call call; ... };
 *     ProtobufCService *context =
 *         rpc_client_bind(client, &forge__context__descriptor, &request->call);
 *     forge__context__get(context, &message, on_reply, request);
 *
 * Every call ends in exactly one run of its closure: reply, refusal, deadline, lost peer, or
 * rpc_client_destroy. The closure's message is NULL unless call.reply.status is STATUS_OK; message
 * and reply are borrowed until it returns. It may run before the stub returns (no peer, too many
 * open calls), and it may start new calls. The struct rpc_call must live until then.
 *
 * Calls are queued by the stub and leave with the next rpc_client_turn, several to a message. A
 * call to a peer that is not connected, or that has not answered pings for silent_ms, fails at once
 * with STATUS_UNAVAILABLE and outcome OUTCOME_NOT_COMMITTED; one that was already sent when the
 * connection broke or the peer fell silent fails the same way with OUTCOME_UNKNOWN. Whatever the
 * peer sends ends a silence. Over inproc a peer counts as connected once it answered a ping.
 *
 * Closures run in stubs, in rpc_client_turn and in rpc_client_destroy, never in another function.
 * A closure may bind, call and cancel on the same client; a turn inside it does nothing, and it
 * must not destroy the client.
 */
#pragma once

#include <protobuf-c/protobuf-c.h>

#include "common/rpc/call.h"

struct rpc_client;

struct rpc_client_options {
    const char *endpoint;
    uint32_t max_open_calls; /* 0: 4096; above it a call fails at once with RESOURCE_EXHAUSTED */
    uint32_t ping_ms;        /* 0: 500; how often an idle or busy peer is pinged */
    uint32_t silent_ms;      /* 0: 2000; unanswered for so long counts as gone */
    uint32_t
        connect_wait_ms; /* 0: 250; how long a new client holds calls for its first connection */
};

/* What the client knows of its peer, from its own pings. */
struct rpc_peer {
    bool connected;
    bool answering;         /* a ping was answered within silent_ms */
    int64_t answered_ms;    /* clock_monotonic_ms of the last answer; 0: never */
    uint64_t started_at_ms; /* the peer's own start, wall clock; 0: unknown */
    bool draining;
    char instance[128]; /* "" until the first answer */
    uint32_t open_calls;
};

/* Connects in the background; the endpoint's text is copied. Never NULL. Made and used in one
 * thread, after zsys_init. */
struct rpc_client *rpc_client_create(const struct rpc_client_options *options);
void rpc_client_destroy(struct rpc_client **self_p);

/* The stub's service object for one call; valid until the next bind on this client. */
ProtobufCService *rpc_client_bind(
    struct rpc_client *self, const ProtobufCServiceDescriptor *descriptor, struct rpc_call *call);

/* Tells the service to stop; the closure still runs, at the latest at the deadline. A call that did
 * not leave yet ends in the next turn with STATUS_CANCELLED. Nothing happens when it has ended. */
void rpc_client_cancel(struct rpc_client *self, struct rpc_call *call);

/* Does all that is due: sends what is queued, receives, expires, pings. Call it at the end of every
 * loop turn in which something was called, when a descriptor is readable, and at rpc_client_due.
 * After it no input is left unread, or rpc_client_due is 0 (a busy peer cannot keep a turn from
 * ending); so a loop that obeys it may wait edge-triggered on the descriptors. */
void rpc_client_turn(struct rpc_client *self);

/* clock_monotonic_ms at which the next turn is due without any event; 0: at once. */
int64_t rpc_client_due(const struct rpc_client *self);

enum { RPC_CLIENT_FDS = 2 };

/* Descriptors to watch for reading (ZMQ_FD of the DEALER and of its monitor). They stay the same
 * for the client's life. */
void rpc_client_fds(const struct rpc_client *self, int fds[RPC_CLIENT_FDS]);

const struct rpc_peer *rpc_client_peer(const struct rpc_client *self);

/* Switches the joining of several calls into one message off, for measurements. */
void rpc_client_set_coalescing(struct rpc_client *self, bool on);
