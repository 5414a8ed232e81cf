#include "gateway/backends/repeat.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/memory.h"

enum { WAIT_MAX_MS = 2000, DEADLINE_MARGIN_MS = 20 };

struct backends_repeat {
    ProtobufCService service; /* first: the stub hands it back to invoke */
    struct backends_repeat_owner *owner;
    struct backends_repeat *next; /* in waiting or spare */
    unsigned backend;
    const ProtobufCServiceDescriptor *descriptor;
    unsigned method;
    struct rpc_call *call;
    struct buffer packed;
    ProtobufCClosure closure;
    void *closure_data;
    int64_t first_failed_ms; /* 0: not yet */
    uint8_t key[RPC_KEY_SIZE];
    bool has_key;
};

static const char *const writing[] = {
    "Save", "Update", "Forget", "Start", "Checkpoint", "End", "Run", "Restore", "Import", "Push"};

static bool
is_write(const struct backends_repeat *self)
{
    const char *name = self->descriptor->methods[self->method].name;
    for (size_t i = 0; i < sizeof writing / sizeof *writing; i++)
        if (text_is(text_of(name), writing[i]))
            return true;
    return false;
}

static void
finish(struct backends_repeat *self, const ProtobufCMessage *message)
{
    ProtobufCClosure closure = self->closure;
    void *closure_data = self->closure_data;
    struct backends_repeat_owner *owner = self->owner;
    buffer_clear(&self->packed);
    self->next = owner->spare;
    owner->spare = self;
    closure(message, closure_data);
}

/* Nobody answered: no peer, or the connection broke. A service that refuses is an answer. */
static bool
may_repeat(const struct backends_repeat *self)
{
    const struct rpc_reply *reply = &self->call->reply;
    if (reply->status != STATUS_UNAVAILABLE || reply->served_by.length)
        return false;
    if (is_write(self) && !self->has_key && reply->outcome != OUTCOME_NOT_COMMITTED)
        return false;
    int64_t now = clock_monotonic_ms();
    return now + DEADLINE_MARGIN_MS < self->call->deadline_ms &&
           (!self->first_failed_ms || now - self->first_failed_ms < WAIT_MAX_MS);
}

static void
on_attempt(const ProtobufCMessage *message, void *closure_data)
{
    struct backends_repeat *self = closure_data;
    if (!may_repeat(self) || !self->owner->worth_waiting(self->owner, self)) {
        finish(self, message);
        return;
    }
    if (!self->first_failed_ms)
        self->first_failed_ms = clock_monotonic_ms();
    self->next = self->owner->waiting;
    self->owner->waiting = self;
}

static void
invoke(ProtobufCService *service, unsigned method, const ProtobufCMessage *input,
    ProtobufCClosure closure, void *closure_data)
{
    struct backends_repeat *self = (struct backends_repeat *)(void *)service;
    self->method = method;
    self->closure = closure;
    self->closure_data = closure_data;
    size_t size = protobuf_c_message_get_packed_size(input);
    buffer_clear(&self->packed);
    self->packed.length =
        protobuf_c_message_pack(input, (uint8_t *)buffer_reserve(&self->packed, size));
    ProtobufCService *attempt = self->owner->attempt(self->owner, self);
    attempt->invoke(attempt, method, input, on_attempt, self);
}

ProtobufCService *
backends_repeat_bind(struct backends_repeat_owner *owner, unsigned backend,
    const ProtobufCServiceDescriptor *descriptor, struct rpc_call *call)
{
    struct backends_repeat *self = owner->spare;
    if (self)
        owner->spare = self->next;
    else
        self = memory_new(sizeof *self);
    struct buffer packed = self->packed;
    *self = (struct backends_repeat){
        .service = {.descriptor = descriptor, .invoke = invoke},
        .owner = owner,
        .backend = backend,
        .descriptor = descriptor,
        .call = call,
        .packed = packed,
        .has_key = call->idempotency_key != NULL,
    };
    if (call->idempotency_key)
        memcpy(self->key, call->idempotency_key, RPC_KEY_SIZE);
    return &self->service;
}

unsigned
backends_repeat_backend(const struct backends_repeat *self)
{
    return self->backend;
}

const ProtobufCServiceDescriptor *
backends_repeat_descriptor(const struct backends_repeat *self)
{
    return self->descriptor;
}

struct rpc_call *
backends_repeat_call(const struct backends_repeat *self)
{
    return self->call;
}

static void
try_again(struct backends_repeat *self)
{
    const ProtobufCMessageDescriptor *type = self->descriptor->methods[self->method].input;
    ProtobufCMessage *input = protobuf_c_message_unpack(
        type, NULL, self->packed.length, (const uint8_t *)self->packed.data);
    assert(input); /* our own bytes */
    self->call->attempt++;
    if (self->has_key)
        self->call->idempotency_key = self->key;
    ProtobufCService *attempt = self->owner->attempt(self->owner, self);
    attempt->invoke(attempt, self->method, input, on_attempt, self);
    protobuf_c_message_free_unpacked(input, NULL);
}

bool
backends_repeat_cancel(struct backends_repeat_owner *owner, const struct rpc_call *call)
{
    for (struct backends_repeat **at = &owner->waiting; *at; at = &(*at)->next) {
        struct backends_repeat *self = *at;
        if (self->call != call)
            continue;
        *at = self->next;
        self->call->reply = (struct rpc_reply){.status = STATUS_CANCELLED};
        finish(self, NULL);
        return true;
    }
    return false;
}

void
backends_repeat_run(struct backends_repeat_owner *owner)
{
    struct backends_repeat *list = owner->waiting;
    owner->waiting = NULL;
    while (list) {
        struct backends_repeat *self = list;
        list = self->next;
        try_again(self);
    }
}

void
backends_repeat_end(struct backends_repeat_owner *owner)
{
    while (owner->waiting) {
        struct backends_repeat *self = owner->waiting;
        owner->waiting = self->next;
        self->call->reply = (struct rpc_reply){
            .status = STATUS_UNAVAILABLE, .detail = TEXT("the gateway is going away")};
        finish(self, NULL);
    }
    while (owner->spare) {
        struct backends_repeat *self = owner->spare;
        owner->spare = self->next;
        buffer_release(&self->packed);
        free(self);
    }
}
