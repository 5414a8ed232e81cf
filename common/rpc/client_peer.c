/* What a client knows of its peer: connected, answering, silent; see client_parts.h. */
#include <inttypes.h>
#include <stdio.h>

#include "health.pb-c.h"

#include "common/base/clock.h"
#include "common/rpc/client_parts.h"

/* The slot of ping ids; no open call has it. */
static const uint32_t ping_slot = UINT32_MAX;

bool
rpc_client_send(struct rpc_client *self, zmq_msg_t *message)
{
    self->sent = true;
    if (rpc_link_send(self->link, message))
        return true;
    zmq_msg_close(message);
    return false;
}

void
rpc_client_peer_up(struct rpc_client *self, int64_t now_ms)
{
    self->up = true;
    self->holding = false;
    self->silent = false;
    self->unknown_version = false;
    self->unanswered_since_ms = 0;
    self->next_ping_ms = now_ms;
    self->peer.connected = true;
    self->peer.draining = false;
}

void
rpc_client_peer_heard(struct rpc_client *self, int64_t now_ms)
{
    if (!self->up)
        rpc_client_peer_up(self, now_ms);
    self->silent = false;
    self->unanswered_since_ms = 0;
    self->peer.answered_ms = now_ms;
}

void
rpc_client_peer_down(struct rpc_client *self)
{
    self->up = false;
    self->silent = false;
    self->unanswered_since_ms = 0;
    self->peer.connected = false;
    self->peer.answering = false;
    rpc_client_end_all(self, true, STATUS_UNAVAILABLE, "the connection to the service broke");
    if (rpc_link_is_inproc(self->link))
        rpc_link_reconnect(self->link);
}

bool
rpc_client_peer_answer(struct rpc_client *self, uint64_t call_id, struct text body)
{
    if ((uint32_t)call_id != ping_slot)
        return false;
    const Forge__PingReply *reply =
        (const Forge__PingReply *)rpc_client_unpack(self, &forge__ping_reply__descriptor, body);
    if (!reply)
        return true;
    self->peer.answering = true;
    self->peer.started_at_ms = reply->started_at_ms;
    self->peer.draining = reply->draining;
    snprintf(self->peer.instance, sizeof self->peer.instance, "%s", reply->instance);
    return true;
}

/* Pings do not wait in the outbox: over inproc their answer is what ends the holding of calls. */
static void
send_ping(struct rpc_client *self, int64_t now_ms)
{
    Forge__PingRequest ping = FORGE__PING_REQUEST__INIT;
    struct rpc_request_header header = {
        .call_id = ping_slot | (uint64_t)++self->pings << 32,
        .service = text_of(forge__health__descriptor.name),
        .method = TEXT("Ping"),
        .remaining_ms = self->options.silent_ms < RPC_REMAINING_MAX_MS ? self->options.silent_ms
                                                                       : RPC_REMAINING_MAX_MS,
        .principal = {TEXT("ping"), TEXT("cluster"), ROLE_PROGRAM},
        .criticality = CRITICALITY_PROBE,
    };
    struct rpc_outbox outbox;
    rpc_outbox_init(&outbox);
    rpc_outbox_add(&outbox, &header, &ping.base, 0);
    struct rpc_outbox_message *waiting = rpc_outbox_take(&outbox);
    zmq_msg_t message;
    rpc_batch_seal(&waiting->batch, RPC_WIRE_REQUEST, &message);
    rpc_outbox_recycle(&outbox, waiting);
    rpc_outbox_release(&outbox);
    if (!rpc_client_send(self, &message))
        rpc_client_peer_down(self);
    else if (!self->unanswered_since_ms)
        self->unanswered_since_ms = now_ms;
}

void
rpc_client_peer_watch(struct rpc_client *self, int64_t now_ms)
{
    if (self->holding && now_ms >= self->hold_until_ms) {
        self->holding = false;
        rpc_client_end_all(self, false, STATUS_UNAVAILABLE, "the service is not connected");
    }
    if (self->up && !self->silent && self->unanswered_since_ms &&
        now_ms - self->unanswered_since_ms >= self->options.silent_ms) {
        self->silent = true;
        self->peer.answering = false;
        rpc_client_end_all(self, false, STATUS_UNAVAILABLE, "the service does not answer");
    }
    if (now_ms >= self->next_ping_ms) {
        self->next_ping_ms = now_ms + self->options.ping_ms;
        send_ping(self, now_ms);
    }
}
