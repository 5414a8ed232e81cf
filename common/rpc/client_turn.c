/* What happens in one turn of a client; see client_parts.h. */
#include "common/base/clock.h"
#include "common/rpc/client_parts.h"

enum {
    ROUNDS_MAX = 8,
    RECEIVE_MAX = 256, /* messages a round */
    TRAVEL_MS = 20,    /* of a call's time is kept back for the way */
    UNPACK_FACTOR = 8, /* memory that a reply may take, by its size on the wire */
    UNPACK_EXTRA = 64 * 1024,
    UNPACK_MAX = 16 * 1024 * 1024,
    ARENA_KEPT = 256 * 1024,
};

void
rpc_client_end(struct rpc_client *self, struct rpc_open_call *open, const struct rpc_reply *reply,
    const ProtobufCMessage *message)
{
    struct rpc_open_call ended;
    rpc_calls_close(&self->calls, open, &ended);
    self->peer.open_calls = self->calls.open;
    ended.call->reply = *reply;
    ended.closure(message, ended.closure_data);
}

/* Ends a call that got no reply. */
static void
end_unanswered(
    struct rpc_client *self, struct rpc_open_call *open, enum status status, const char *detail)
{
    struct rpc_reply reply = {
        .status = status,
        .detail = text_of(detail),
        .outcome = open->sent ? OUTCOME_UNKNOWN : OUTCOME_NOT_COMMITTED,
    };
    rpc_client_end(self, open, &reply, NULL);
}

void
rpc_client_end_all(struct rpc_client *self, bool sent_only, enum status status, const char *detail)
{
    for (uint32_t slot = 0; self->calls.open && slot < self->calls.capacity; slot++) {
        struct rpc_open_call *open = rpc_calls_at(&self->calls, slot);
        if (open && (open->sent || !sent_only))
            end_unanswered(self, open, status, detail);
    }
}

const ProtobufCMessage *
rpc_client_unpack(
    struct rpc_client *self, const ProtobufCMessageDescriptor *descriptor, struct text body)
{
    if (self->arena.used_bytes > ARENA_KEPT)
        arena_release(&self->arena);
    arena_reset(&self->arena);
    size_t max_bytes = body.length * UNPACK_FACTOR + UNPACK_EXTRA;
    self->arena.max_bytes = max_bytes < UNPACK_MAX ? max_bytes : UNPACK_MAX;
    return protobuf_c_message_unpack(
        descriptor, &self->arena.allocator, body.length, (const uint8_t *)body.data);
}

static void
take_reply(struct rpc_client *self, struct text header_bytes, struct text body)
{
    struct rpc_reply_header header;
    if (!rpc_header_read_reply(header_bytes, &header) ||
        rpc_client_peer_answer(self, header.call_id, body))
        return;
    struct rpc_open_call *open = rpc_calls_find(&self->calls, header.call_id);
    if (!open || !open->sent)
        return;
    const ProtobufCMessage *message = NULL;
    if (header.reply.status == STATUS_OK) {
        message = rpc_client_unpack(self, open->output, body);
        if (!message) {
            header.reply.status = STATUS_INTERNAL;
            header.reply.detail = TEXT("the service's reply cannot be read");
        }
    }
    rpc_client_end(self, open, &header.reply, message);
}

static void
take_message(struct rpc_client *self, zmq_msg_t *message, int64_t now_ms)
{
    struct rpc_wire wire;
    enum rpc_wire_fault fault = rpc_wire_open(&wire, zmq_msg_data(message), zmq_msg_size(message));
    if (fault == RPC_WIRE_UNKNOWN_VERSION) {
        self->unknown_version = true;
        rpc_client_end_all(
            self, false, STATUS_UNIMPLEMENTED, "the service speaks another version of the wire");
    }
    if (fault != RPC_WIRE_GOOD)
        return;
    rpc_client_peer_heard(self, now_ms);
    if (wire.kind == RPC_WIRE_GOODBYE)
        self->peer.draining = true;
    struct text header;
    struct text body;
    while (wire.kind == RPC_WIRE_REPLY && rpc_wire_next(&wire, &header, &body))
        take_reply(self, header, body);
}

/* Returns how many messages there were; RECEIVE_MAX: there may be more. */
static unsigned
receive(struct rpc_client *self, int64_t now_ms)
{
    unsigned count = 0;
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (count < RECEIVE_MAX && rpc_link_receive(self->link, &message)) {
        take_message(self, &message, now_ms);
        count++;
    }
    zmq_msg_close(&message);
    return count;
}

static void
read_events(struct rpc_client *self, int64_t now_ms)
{
    enum rpc_link_event event;
    while ((event = rpc_link_next_event(self->link)) != RPC_LINK_NOTHING) {
        if (event == RPC_LINK_UP) {
            rpc_client_peer_up(self, now_ms);
            continue;
        }
        /* Replies that came before the connection broke still count. */
        receive(self, now_ms);
        rpc_client_peer_down(self);
    }
}

static void
expire(struct rpc_client *self, int64_t now_ms)
{
    struct rpc_deadline *first;
    while ((first = rpc_deadlines_first(&self->calls.deadlines)) && first->at_ms <= now_ms) {
        struct rpc_open_call *open = (struct rpc_open_call *)first;
        if (open->cancelled)
            end_unanswered(self, open, STATUS_CANCELLED, "cancelled before it was sent");
        else
            end_unanswered(self, open, STATUS_DEADLINE_EXCEEDED, "no answer in time");
    }
}

static uint32_t
remaining(int64_t deadline_ms, int64_t now_ms)
{
    int64_t left_ms = deadline_ms - now_ms;
    if (left_ms > TRAVEL_MS)
        left_ms -= TRAVEL_MS;
    if (left_ms > RPC_REMAINING_MAX_MS)
        left_ms = RPC_REMAINING_MAX_MS;
    return left_ms < 1 ? 1 : (uint32_t)left_ms;
}

/* Writes into each call how much time it has left; 0, which no service executes, into those that
 * ended meanwhile. Returns how many are still open. */
static unsigned
stamp(struct rpc_client *self, struct rpc_outbox_message *message, int64_t now_ms)
{
    unsigned open_calls = 0;
    for (unsigned i = 0; i < message->batch.count; i++) {
        struct rpc_open_call *open = rpc_calls_find(&self->calls, message->call_ids[i]);
        bool wanted = open && !open->cancelled;
        rpc_header_set_remaining(rpc_batch_at(&message->batch, message->remaining_at[i]),
            wanted ? remaining(open->deadline.at_ms, now_ms) : 0);
        open_calls += wanted;
    }
    return open_calls;
}

static void
send_calls(struct rpc_client *self, struct rpc_outbox_message *message, int64_t now_ms)
{
    unsigned count = message->batch.count;
    if (!stamp(self, message, now_ms))
        return;
    bool sent = false;
    if (rpc_client_takes_calls(self)) {
        zmq_msg_t frame;
        rpc_batch_seal(&message->batch, RPC_WIRE_REQUEST, &frame);
        sent = rpc_client_send(self, &frame);
        if (!sent)
            rpc_client_peer_down(self);
    }
    for (unsigned i = 0; i < count; i++) {
        struct rpc_open_call *open = rpc_calls_find(&self->calls, message->call_ids[i]);
        if (open && sent)
            open->sent = true;
        else if (open)
            end_unanswered(self, open, STATUS_UNAVAILABLE, "the connection to the service broke");
    }
}

void
rpc_client_send_cancels(struct rpc_client *self)
{
    if (!self->cancels.count)
        return;
    zmq_msg_t frame;
    rpc_batch_seal(&self->cancels, RPC_WIRE_CANCEL, &frame);
    /* When it cannot leave, nobody is there to work on the calls. */
    (void)rpc_client_send(self, &frame);
}

static void
flush(struct rpc_client *self, int64_t now_ms)
{
    struct rpc_outbox_message *message;
    while (!self->holding && (message = rpc_outbox_take(&self->outbox))) {
        send_calls(self, message, now_ms);
        rpc_outbox_recycle(&self->outbox, message);
    }
    rpc_client_send_cancels(self);
}

void
rpc_client_turn(struct rpc_client *self)
{
    if (self->turning)
        return;
    self->turning = true;
    read_events(self, clock_monotonic_ms());
    bool more = true;
    for (unsigned round = 0; more && round < ROUNDS_MAX; round++) {
        int64_t now_ms = clock_monotonic_ms();
        unsigned received = receive(self, now_ms);
        /* Every send may swallow the descriptor's signal for input, so a receive comes last. */
        self->sent = false;
        expire(self, now_ms);
        rpc_client_peer_watch(self, now_ms);
        flush(self, now_ms);
        more = self->sent || received == RECEIVE_MAX;
    }
    self->busy = more;
    self->turning = false;
}
