#include "common/rpc/callers.h"

#include <stdlib.h>

#include "common/base/memory.h"

enum {
    ROUTING_ID_SIZE = 5,
    BUCKETS = 256, /* a power of two */
    FORGET_MS = 30000,
    ALONE_BYTES = 64 * 1024, /* a reply of this size travels alone, uncopied */
    SPARE_BYTES = 16 * 1024, /* of reply memory that a caller keeps */
};

TAILQ_HEAD(caller_list, rpc_caller);

struct rpc_callers {
    void *router;
    struct caller_list buckets[BUCKETS];
    struct caller_list waiting;
    uint64_t dropped;
    unsigned count;
};

struct rpc_callers *
rpc_callers_create(void *router_handle)
{
    struct rpc_callers *self = memory_new(sizeof *self);
    self->router = router_handle;
    TAILQ_INIT(&self->waiting);
    for (size_t i = 0; i < BUCKETS; i++)
        TAILQ_INIT(&self->buckets[i]);
    return self;
}

static void
forget(struct rpc_callers *self, struct rpc_caller *caller)
{
    TAILQ_REMOVE(&self->buckets[caller->id % BUCKETS], caller, in_bucket);
    self->count--;
    rpc_batch_release(&caller->replies);
    free(caller);
}

void
rpc_callers_destroy(struct rpc_callers **self_p)
{
    struct rpc_callers *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        while (!TAILQ_EMPTY(&self->buckets[i]))
            forget(self, TAILQ_FIRST(&self->buckets[i]));
    memory_free(self_p);
}

struct rpc_caller *
rpc_callers_find(struct rpc_callers *self, const void *routing_id, size_t size, int64_t now_ms)
{
    const uint8_t *bytes = routing_id;
    if (size != ROUTING_ID_SIZE || bytes[0] != 0)
        return NULL;
    /* libzmq counts it up in network byte order, so neighbours share no bucket. */
    uint32_t id = (uint32_t)bytes[1] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 8 |
                  (uint32_t)bytes[4];
    struct caller_list *bucket = &self->buckets[id % BUCKETS];
    struct rpc_caller *caller = TAILQ_FIRST(bucket);
    while (caller && caller->id != id)
        caller = TAILQ_NEXT(caller, in_bucket);
    if (!caller) {
        caller = memory_new(sizeof *caller);
        caller->id = id;
        TAILQ_INIT(&caller->requests);
        TAILQ_INSERT_HEAD(bucket, caller, in_bucket);
        self->count++;
    }
    caller->heard_ms = now_ms;
    return caller;
}

/* Sends one message behind the caller's routing id. */
static void
send_to(struct rpc_callers *self, const struct rpc_caller *caller, zmq_msg_t *message)
{
    const uint8_t id[ROUTING_ID_SIZE] = {0, (uint8_t)(caller->id >> 24),
        (uint8_t)(caller->id >> 16), (uint8_t)(caller->id >> 8), (uint8_t)caller->id};
    if (zmq_send(self->router, id, sizeof id, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0 &&
        zmq_msg_send(message, self->router, ZMQ_DONTWAIT) >= 0)
        return;
    zmq_msg_close(message);
    self->dropped++;
}

static void
send_replies(struct rpc_callers *self, struct rpc_caller *caller)
{
    zmq_msg_t message;
    rpc_batch_seal(&caller->replies, RPC_WIRE_REPLY, &message);
    if (caller->replies.bytes.capacity > SPARE_BYTES)
        rpc_batch_release(&caller->replies);
    send_to(self, caller, &message);
}

static void
reply_alone(struct rpc_callers *self, struct rpc_caller *caller,
    const struct rpc_reply_header *header, struct buffer *packed)
{
    uint8_t bytes[RPC_HEADER_SIZE];
    size_t size = rpc_header_write_reply(header, bytes);
    zmq_msg_t message;
    rpc_wire_seal_single(RPC_WIRE_REPLY, text_from(bytes, size), packed, &message);
    send_to(self, caller, &message);
}

void
rpc_callers_reply(struct rpc_callers *self, struct rpc_caller *caller,
    const struct rpc_reply_header *header, struct buffer *packed)
{
    struct text body = TEXT("");
    if (packed && packed->length)
        body = text_from(packed->data + RPC_WIRE_HEADROOM, packed->length - RPC_WIRE_HEADROOM);
    if (body.length >= ALONE_BYTES) {
        reply_alone(self, caller, header, packed);
        return;
    }
    struct rpc_batch *replies = &caller->replies;
    if (!rpc_batch_fits(replies, RPC_HEADER_SIZE, body.length))
        send_replies(self, caller);
    else if (!replies->count)
        TAILQ_INSERT_TAIL(&self->waiting, caller, waiting);
    uint8_t *place = rpc_batch_place(replies, RPC_HEADER_SIZE + body.length);
    size_t header_size = rpc_header_write_reply(header, place);
    if (body.length)
        memcpy(place + header_size, body.data, body.length);
    rpc_batch_add(replies, header_size, body.length);
}

void
rpc_callers_flush(struct rpc_callers *self)
{
    struct rpc_caller *caller;
    while ((caller = TAILQ_FIRST(&self->waiting))) {
        TAILQ_REMOVE(&self->waiting, caller, waiting);
        send_replies(self, caller);
    }
}

void
rpc_callers_goodbye(struct rpc_callers *self, struct rpc_caller *caller)
{
    zmq_msg_t message;
    rpc_wire_seal_goodbye(&message);
    send_to(self, caller, &message);
}

void
rpc_callers_goodbye_all(struct rpc_callers *self)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct rpc_caller *caller = TAILQ_FIRST(&self->buckets[i]); caller;
             caller = TAILQ_NEXT(caller, in_bucket))
            rpc_callers_goodbye(self, caller);
}

void
rpc_callers_sweep(struct rpc_callers *self, int64_t now_ms)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        struct rpc_caller *caller = TAILQ_FIRST(&self->buckets[i]);
        while (caller) {
            struct rpc_caller *next = TAILQ_NEXT(caller, in_bucket);
            if (TAILQ_EMPTY(&caller->requests) && !caller->replies.count &&
                now_ms - caller->heard_ms > FORGET_MS)
                forget(self, caller);
            caller = next;
        }
    }
}

unsigned
rpc_callers_count(const struct rpc_callers *self)
{
    return self->count;
}

uint64_t
rpc_callers_dropped(const struct rpc_callers *self)
{
    return self->dropped;
}
