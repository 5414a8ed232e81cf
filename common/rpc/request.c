#include "common/rpc/request.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "common/base/clock.h"
#include "common/rpc/wire.h"

enum {
    UNPACK_FACTOR = 8, /* memory that a request may take, by its size on the wire */
    UNPACK_EXTRA = 64 * 1024,
    UNPACK_MAX = 16 * 1024 * 1024,
    ARENA_KEPT = 256 * 1024,
};

void *
rpc_request_state(const struct rpc_request *self)
{
    return self->state;
}

unsigned
rpc_request_lane(const struct rpc_request *self)
{
    return self->lane;
}

const struct rpc_principal *
rpc_request_principal(const struct rpc_request *self)
{
    return &self->header.principal;
}

struct text
rpc_request_project(const struct rpc_request *self)
{
    return self->header.project;
}

int64_t
rpc_request_deadline_ms(const struct rpc_request *self)
{
    return self->deadline_ms;
}

int64_t
rpc_request_received_ms(const struct rpc_request *self)
{
    return self->received_us / 1000;
}

const uint8_t *
rpc_request_key(const struct rpc_request *self)
{
    return self->header.key.length ? (const uint8_t *)self->header.key.data : NULL;
}

struct text
rpc_request_traceparent(const struct rpc_request *self)
{
    return self->header.traceparent;
}

struct text
rpc_request_method(const struct rpc_request *self)
{
    return self->header.method;
}

struct text
rpc_request_body(const struct rpc_request *self)
{
    return self->body;
}

/* One answer only: a second one is a handler's mistake. */
static void
end(struct rpc_request *self, enum status status)
{
    assert(!self->answered && !self->park);
    self->answered = true;
    self->reply.status = status;
    if (status != STATUS_OK && self->commits && self->reply.outcome == OUTCOME_NONE)
        self->reply.outcome = OUTCOME_NOT_COMMITTED;
}

/* Ends it without a message; the words are in place. */
static void
end_failed(struct rpc_request *self, enum status status)
{
    assert(status != STATUS_OK);
    self->reply.detail = text_of(self->detail);
    self->staged = false;
    buffer_clear(&self->packed);
    end(self, status);
}

void
rpc_request_fail(struct rpc_request *self, enum status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(self->detail, sizeof self->detail, format, arguments);
    va_end(arguments);
    end_failed(self, status);
}

void
rpc_request_refuse(struct rpc_request *self, enum status status, const char *detail)
{
    snprintf(self->detail, sizeof self->detail, "%s", detail);
    end_failed(self, status);
}

void
rpc_request_stage(struct rpc_request *self, uint64_t commit_sequence)
{
    assert(self->commits && !self->answered);
    self->staged = true;
    self->reply.outcome = OUTCOME_COMMITTED;
    self->reply.commit_sequence = commit_sequence;
}

void
rpc_request_set_outcome(
    struct rpc_request *self, enum rpc_outcome outcome, uint64_t commit_sequence)
{
    assert(!self->answered);
    self->reply.outcome = outcome;
    self->reply.commit_sequence = commit_sequence;
}

/* Room for a reply message of `size` bytes; NULL when none so large may be sent. */
static uint8_t *
reply_place(struct rpc_request *self, size_t size)
{
    if (size > RPC_WIRE_BODY_MAX)
        return NULL;
    buffer_clear(&self->packed);
    buffer_reserve(&self->packed, RPC_WIRE_HEADROOM + size);
    self->packed.length = RPC_WIRE_HEADROOM + size;
    return (uint8_t *)self->packed.data + RPC_WIRE_HEADROOM;
}

static void
answer_too_large(struct rpc_request *self)
{
    rpc_request_refuse(self, STATUS_RESOURCE_EXHAUSTED, "the reply is too large; ask for less");
}

void
rpc_request_reply_packed(struct rpc_request *self, struct text packed)
{
    uint8_t *place = reply_place(self, packed.length);
    if (!place) {
        answer_too_large(self);
        return;
    }
    if (packed.length)
        memcpy(place, packed.data, packed.length);
    end(self, STATUS_OK);
}

struct text
rpc_request_packed(const struct rpc_request *self)
{
    if (!self->packed.length)
        return TEXT("");
    return text_from(
        self->packed.data + RPC_WIRE_HEADROOM, self->packed.length - RPC_WIRE_HEADROOM);
}

void
rpc_request_park(struct rpc_request *self)
{
    assert(!self->answered && !self->commits);
    self->park = true;
    self->wake_ms = 0;
}

void
rpc_request_park_until(struct rpc_request *self, int64_t wake_ms)
{
    rpc_request_park(self);
    self->wake_ms = wake_ms;
}

void
rpc_request_uncommit(struct rpc_request *self, enum status status, enum rpc_outcome outcome,
    const struct problem *problem)
{
    self->answered = false;
    self->reply = (struct rpc_reply){.outcome = outcome};
    rpc_request_refuse(self, status, problem->text);
}

/* What a handler gets as its closure. */
static void
on_reply(const ProtobufCMessage *message, void *closure_data)
{
    struct rpc_request *self = closure_data;
    if (!message) {
        rpc_request_refuse(self, STATUS_INTERNAL, "no reply was made");
        return;
    }
    uint8_t *place = reply_place(self, protobuf_c_message_get_packed_size(message));
    if (!place) {
        answer_too_large(self);
        return;
    }
    protobuf_c_message_pack(message, place);
    end(self, STATUS_OK);
}

static ProtobufCMessage *
unpack(const struct rpc_request *self, struct arena *arena)
{
    if (arena->used_bytes > ARENA_KEPT)
        arena_release(arena);
    arena_reset(arena);
    size_t max_bytes = self->body.length * UNPACK_FACTOR + UNPACK_EXTRA;
    arena->max_bytes = max_bytes < UNPACK_MAX ? max_bytes : UNPACK_MAX;
    return protobuf_c_message_unpack(self->method->input, &arena->allocator, self->body.length,
        (const uint8_t *)self->body.data);
}

void
rpc_request_run(struct rpc_request *self, struct arena *arena, void *state)
{
    self->state = state;
    self->started_us = clock_monotonic_us();
    self->park = false;
    if (self->started_us / 1000 >= self->deadline_ms) {
        rpc_request_refuse(self, STATUS_DEADLINE_EXCEEDED, "the time ended in the queue");
        return;
    }
    ProtobufCMessage *input = unpack(self, arena);
    if (!input) {
        rpc_request_refuse(self, STATUS_INVALID_ARGUMENT, "the request cannot be read");
        return;
    }
    self->method->service->invoke(
        self->method->service, self->method->index, input, on_reply, self);
    if (!self->answered && !self->park)
        rpc_request_refuse(self, STATUS_INTERNAL, "the method gave no answer");
    self->reply.work_us = (uint32_t)(clock_monotonic_us() - self->started_us);
}
