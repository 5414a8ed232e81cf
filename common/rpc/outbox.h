/* rpc_outbox: a client's packed calls on their way to the link, several to a message.
 *
 * A call is packed when its stub runs, since its parts are borrowed only until then. How much time
 * it has left is written when its message leaves (rpc_header_set_remaining).
 */
#pragma once

#include <sys/queue.h>

#include <protobuf-c/protobuf-c.h>

#include "common/rpc/header.h"
#include "common/rpc/wire.h"

struct rpc_outbox_message {
    TAILQ_ENTRY(rpc_outbox_message) next;
    struct rpc_batch batch;
    uint64_t call_ids[RPC_WIRE_CALLS_MAX];
    size_t remaining_at[RPC_WIRE_CALLS_MAX]; /* for rpc_batch_at */
};

TAILQ_HEAD(rpc_outbox_messages, rpc_outbox_message);

struct rpc_outbox {
    struct rpc_outbox_messages waiting;
    struct rpc_outbox_messages spare;
    unsigned spare_count;
    size_t bytes; /* of all that waits */
    bool coalesce;
};

void rpc_outbox_init(struct rpc_outbox *self);
void rpc_outbox_release(struct rpc_outbox *self);

/* Packs a call. header->call_id is the id by which the caller finds it again. */
void rpc_outbox_add(struct rpc_outbox *self, const struct rpc_request_header *header,
    const ProtobufCMessage *body, size_t body_size);

/* Takes the oldest message out, or NULL. Hand it to rpc_outbox_recycle afterwards. */
struct rpc_outbox_message *rpc_outbox_take(struct rpc_outbox *self);
void rpc_outbox_recycle(struct rpc_outbox *self, struct rpc_outbox_message *message);
