#include "tests/gateway/fakes/fake_backends.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/clock.h"

static const char *
last_word(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

static void
answer(struct fake_backends *self, struct fake_call *call)
{
    const struct fake_answer *found = NULL;
    for (size_t i = 0; i < self->answer_count; i++)
        if (strcmp(self->answers[i].method, call->method) == 0)
            found = &self->answers[i];
    call->open = false;
    struct rpc_reply outcome = found ? found->outcome
                                     : (struct rpc_reply){.status = STATUS_UNAVAILABLE,
                                           .detail = TEXT("nothing was prepared")};
    if (call->cancelled)
        outcome = (struct rpc_reply){.status = STATUS_CANCELLED};
    call->bound->reply = outcome;
    call->closure(outcome.status == STATUS_OK && found ? found->reply : NULL, call->closure_data);
}

static ProtobufCMessage *
copy(const ProtobufCMessage *message)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = malloc(size + 1);
    protobuf_c_message_pack(message, bytes);
    ProtobufCMessage *again = protobuf_c_message_unpack(message->descriptor, NULL, size, bytes);
    assert_non_null(again);
    free(bytes);
    return again;
}

static void
invoke(ProtobufCService *service, unsigned method_index, const ProtobufCMessage *input,
    ProtobufCClosure closure, void *closure_data)
{
    struct fake_backends *self =
        (struct fake_backends *)((char *)service - offsetof(struct fake_backends, service));
    assert_true(self->call_count < FAKE_CALLS);
    struct fake_call *call = &self->calls[self->call_count++];
    const ProtobufCServiceDescriptor *descriptor = service->descriptor;
    struct rpc_call *bound = self->bound;
    assert_non_null(bound);
    *call = (struct fake_call){.request = copy(input),
        .rpc = *bound,
        .has_key = bound->idempotency_key != NULL,
        .remaining_ms = bound->deadline_ms - clock_monotonic_ms(),
        .open = true,
        .bound = bound,
        .closure = closure,
        .closure_data = closure_data};
    snprintf(call->service, sizeof call->service, "%s", last_word(descriptor->name));
    snprintf(call->method, sizeof call->method, "%s", descriptor->methods[method_index].name);
    snprintf(call->principal, sizeof call->principal, "%.*s", TEXT_FORMAT(bound->principal.name));
    snprintf(call->project, sizeof call->project, "%.*s", TEXT_FORMAT(bound->project));
    snprintf(call->traceparent, sizeof call->traceparent, "%.*s", TEXT_FORMAT(bound->traceparent));
    if (call->has_key)
        memcpy(call->key, bound->idempotency_key, RPC_KEY_SIZE);
    self->bound = NULL;
    if (!self->hold)
        answer(self, call);
}

static ProtobufCService *
bind_call(
    struct backends *backends, const ProtobufCServiceDescriptor *descriptor, struct rpc_call *call)
{
    struct fake_backends *self = (struct fake_backends *)backends;
    self->service = (ProtobufCService){.descriptor = descriptor, .invoke = invoke};
    self->bound = call;
    return &self->service;
}

static void
cancel(struct backends *backends, struct rpc_call *rpc)
{
    struct fake_backends *self = (struct fake_backends *)backends;
    for (size_t i = 0; i < self->call_count; i++)
        if (self->calls[i].open && self->calls[i].bound == rpc)
            self->calls[i].cancelled = true;
}

void
fake_backends_init(struct fake_backends *self)
{
    *self = (struct fake_backends){.backends = {.bind = bind_call, .cancel = cancel}};
}

void
fake_backends_release_all(struct fake_backends *self)
{
    for (size_t i = 0; i < self->call_count; i++)
        protobuf_c_message_free_unpacked(self->calls[i].request, NULL);
    self->call_count = 0;
}

static struct fake_answer *
add(struct fake_backends *self, const char *method)
{
    assert_true(self->answer_count < FAKE_ANSWERS);
    struct fake_answer *added = &self->answers[self->answer_count++];
    *added = (struct fake_answer){.method = method};
    return added;
}

void
fake_backends_answer(struct fake_backends *self, const char *method, const ProtobufCMessage *reply)
{
    struct fake_answer *added = add(self, method);
    added->reply = reply;
    added->outcome = (struct rpc_reply){.status = STATUS_OK, .outcome = OUTCOME_COMMITTED};
}

void
fake_backends_fail(struct fake_backends *self, const char *method, enum status status,
    enum rpc_outcome outcome, const char *detail)
{
    struct fake_answer *added = add(self, method);
    added->outcome =
        (struct rpc_reply){.status = status, .outcome = outcome, .detail = text_of(detail)};
}

void
fake_backends_release(struct fake_backends *self)
{
    /* Answers may start new calls, which are answered too. */
    for (size_t i = 0; i < self->call_count; i++)
        if (self->calls[i].open)
            answer(self, &self->calls[i]);
}

const struct fake_call *
fake_backends_last(const struct fake_backends *self, const char *method)
{
    assert_true(self->call_count > 0);
    const struct fake_call *last = &self->calls[self->call_count - 1];
    assert_string_equal(last->method, method);
    return last;
}
