/* rpc_client's inside, for the files that make it up: client.c holds what callers do, client_peer.c
 * what is known of the peer, client_turn.c what happens in a turn. */
#pragma once

#include "common/base/arena.h"
#include "common/rpc/calls.h"
#include "common/rpc/client.h"
#include "common/rpc/link.h"
#include "common/rpc/outbox.h"

/* What a stub gets as its service object. */
struct rpc_binding {
    ProtobufCService base; /* first */
    struct rpc_client *client;
    struct rpc_call *call;
};

struct rpc_client {
    struct rpc_client_options options;
    struct rpc_link *link;
    struct rpc_calls calls;
    struct rpc_outbox outbox;
    struct rpc_batch cancels;
    struct arena arena; /* of the reply that is being handed out */
    struct rpc_binding binding;
    struct rpc_peer peer;
    bool up;      /* the link has a peer (inproc: it answered) */
    bool holding; /* young and never up: calls wait for the connection */
    bool silent;  /* up, but pings go unanswered */
    bool unknown_version;
    bool turning;
    bool closing;
    bool busy; /* a turn ended with input left */
    bool sent; /* something went out since the last receive */
    int64_t hold_until_ms;
    int64_t next_ping_ms;
    int64_t unanswered_since_ms; /* the oldest ping since the peer was last heard; 0: none */
    uint32_t pings;
};

/* Calls leave, or wait for the connection; else they fail at once. */
static inline bool
rpc_client_takes_calls(const struct rpc_client *self)
{
    return !self->closing && !self->unknown_version &&
           (self->holding || (self->up && !self->silent));
}

/* Closes the call and runs its closure. */
void rpc_client_end(struct rpc_client *self, struct rpc_open_call *open,
    const struct rpc_reply *reply, const ProtobufCMessage *message);

/* Ends every open call (only those that were sent, where `sent_only`) with this status. */
void rpc_client_end_all(
    struct rpc_client *self, bool sent_only, enum status status, const char *detail);

/* The reply's message in the client's arena, until the next one; NULL when the bytes are none. */
const ProtobufCMessage *rpc_client_unpack(
    struct rpc_client *self, const ProtobufCMessageDescriptor *descriptor, struct text body);

/* Takes the message in any case; false when no peer is there. */
bool rpc_client_send(struct rpc_client *self, zmq_msg_t *message);
void rpc_client_send_cancels(struct rpc_client *self);

/* The peer is there, or was heard. */
void rpc_client_peer_up(struct rpc_client *self, int64_t now_ms);
void rpc_client_peer_heard(struct rpc_client *self, int64_t now_ms);
/* The connection broke: ends what was sent. */
void rpc_client_peer_down(struct rpc_client *self);
/* Ends holding, notices silence, and sends a ping when one is due. */
void rpc_client_peer_watch(struct rpc_client *self, int64_t now_ms);
/* True when the id is of a ping; then the answer was taken. */
bool rpc_client_peer_answer(struct rpc_client *self, uint64_t call_id, struct text body);
