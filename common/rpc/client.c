#include "common/rpc/client.h"

#include <assert.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/rpc/client_parts.h"

enum {
    DEFAULT_OPEN_CALLS = 4096,
    DEFAULT_PING_MS = 500,
    DEFAULT_SILENT_MS = 2000,
    DEFAULT_CONNECT_WAIT_MS = 250,
    OUTBOX_MAX_BYTES = 64 * 1024 * 1024,
    UNPACK_MAX_BYTES = 16 * 1024 * 1024,
};

static uint32_t
or_default(uint32_t value, uint32_t initial)
{
    return value ? value : initial;
}

static void invoke(ProtobufCService *service, unsigned method_index, const ProtobufCMessage *input,
    ProtobufCClosure closure, void *closure_data);

struct rpc_client *
rpc_client_create(const struct rpc_client_options *options)
{
    struct rpc_client *self = memory_new(sizeof *self);
    self->options = (struct rpc_client_options){
        .max_open_calls = or_default(options->max_open_calls, DEFAULT_OPEN_CALLS),
        .ping_ms = or_default(options->ping_ms, DEFAULT_PING_MS),
        .silent_ms = or_default(options->silent_ms, DEFAULT_SILENT_MS),
        .connect_wait_ms = or_default(options->connect_wait_ms, DEFAULT_CONNECT_WAIT_MS),
    };
    rpc_calls_init(&self->calls, self->options.max_open_calls);
    rpc_outbox_init(&self->outbox);
    arena_init(&self->arena, UNPACK_MAX_BYTES);
    self->binding = (struct rpc_binding){.base = {.invoke = invoke}, .client = self};
    self->link = rpc_link_create(options->endpoint, (int)self->options.max_open_calls * 2 + 64);
    self->holding = true;
    self->hold_until_ms = clock_monotonic_ms() + self->options.connect_wait_ms;
    return self;
}

void
rpc_client_destroy(struct rpc_client **self_p)
{
    struct rpc_client *self = *self_p;
    if (!self)
        return;
    assert(!self->turning);
    self->closing = true;
    rpc_client_end_all(self, false, STATUS_UNAVAILABLE, "the client was closed");
    zmq_msg_t message;
    rpc_wire_seal_goodbye(&message);
    if (!rpc_link_send(self->link, &message))
        zmq_msg_close(&message);
    rpc_link_destroy(&self->link);
    arena_release(&self->arena);
    rpc_batch_release(&self->cancels);
    rpc_outbox_release(&self->outbox);
    rpc_calls_release(&self->calls);
    memory_free(self_p);
}

ProtobufCService *
rpc_client_bind(
    struct rpc_client *self, const ProtobufCServiceDescriptor *descriptor, struct rpc_call *call)
{
    self->binding.base.descriptor = descriptor;
    self->binding.call = call;
    return &self->binding.base;
}

/* Fills a refusal and returns true when the call cannot even be queued. */
static bool
refuse(struct rpc_client *self, const struct rpc_request_header *header, size_t body_size,
    struct rpc_reply *reply)
{
    *reply = (struct rpc_reply){.outcome = OUTCOME_NOT_COMMITTED};
    const char *problem = rpc_header_problem(header);
    if (problem || body_size > RPC_WIRE_BODY_MAX) {
        reply->status = STATUS_INVALID_ARGUMENT;
        reply->detail = text_of(problem ? problem : "the request is too large");
    } else if (self->unknown_version) {
        reply->status = STATUS_UNIMPLEMENTED;
        reply->detail = TEXT("the service speaks another version of the wire");
    } else if (!rpc_client_takes_calls(self)) {
        reply->status = STATUS_UNAVAILABLE;
        reply->detail = self->closing  ? TEXT("the client was closed")
                        : self->silent ? TEXT("the service does not answer")
                                       : TEXT("the service is not connected");
    } else if (self->outbox.bytes + body_size > OUTBOX_MAX_BYTES) {
        reply->status = STATUS_RESOURCE_EXHAUSTED;
        reply->detail = TEXT("too many bytes wait to be sent");
    }
    return reply->status != STATUS_OK;
}

static void
answer(struct rpc_call *call, const struct rpc_reply *reply, ProtobufCClosure closure, void *data)
{
    call->reply = *reply;
    closure(NULL, data);
}

static struct rpc_request_header
describe(const struct rpc_binding *binding, unsigned method_index)
{
    const ProtobufCServiceDescriptor *service = binding->base.descriptor;
    const struct rpc_call *call = binding->call;
    return (struct rpc_request_header){
        .service = text_of(service->name),
        .method = text_of(service->methods[method_index].name),
        .attempt = call->attempt,
        .principal = call->principal,
        .project = call->project,
        .key = text_from(call->idempotency_key, call->idempotency_key ? RPC_KEY_SIZE : 0),
        .traceparent = call->traceparent,
        .criticality = call->criticality,
    };
}

/* What a stub calls. */
static void
invoke(ProtobufCService *service, unsigned method_index, const ProtobufCMessage *input,
    ProtobufCClosure closure, void *closure_data)
{
    struct rpc_binding *binding = (struct rpc_binding *)service;
    struct rpc_client *self = binding->client;
    struct rpc_call *call = binding->call;
    struct rpc_request_header header = describe(binding, method_index);
    size_t body_size = protobuf_c_message_get_packed_size(input);
    struct rpc_reply reply;
    call->call_id = 0;
    if (refuse(self, &header, body_size, &reply)) {
        answer(call, &reply, closure, closure_data);
        return;
    }
    struct rpc_open_call *open = rpc_calls_open(&self->calls, call);
    if (!open) {
        reply.status = STATUS_RESOURCE_EXHAUSTED;
        reply.detail = TEXT("too many calls are open");
        answer(call, &reply, closure, closure_data);
        return;
    }
    open->closure = closure;
    open->closure_data = closure_data;
    open->output = service->descriptor->methods[method_index].output;
    header.call_id = call->call_id;
    self->peer.open_calls = self->calls.open;
    rpc_outbox_add(&self->outbox, &header, input, body_size);
}

void
rpc_client_cancel(struct rpc_client *self, struct rpc_call *call)
{
    struct rpc_open_call *open = rpc_calls_find(&self->calls, call->call_id);
    if (!open || open->call != call)
        return;
    if (!open->sent) {
        open->cancelled = true;
        rpc_deadlines_set(&self->calls.deadlines, &open->deadline, 0);
        return;
    }
    if (!rpc_batch_fits(&self->cancels, RPC_WIRE_CANCEL_SIZE, 0))
        rpc_client_send_cancels(self);
    rpc_batch_add_cancel(&self->cancels, call->call_id);
}

int64_t
rpc_client_due(const struct rpc_client *self)
{
    if (self->busy || self->cancels.count ||
        (!TAILQ_EMPTY(&self->outbox.waiting) && !self->holding))
        return 0;
    const struct rpc_deadline *first = rpc_deadlines_first(&self->calls.deadlines);
    int64_t due_ms = self->next_ping_ms;
    if (first && first->at_ms < due_ms)
        due_ms = first->at_ms;
    if (self->holding && self->hold_until_ms < due_ms)
        due_ms = self->hold_until_ms;
    return due_ms;
}

void
rpc_client_fds(const struct rpc_client *self, int fds[RPC_CLIENT_FDS])
{
    rpc_link_fds(self->link, fds);
}

const struct rpc_peer *
rpc_client_peer(const struct rpc_client *self)
{
    return &self->peer;
}

void
rpc_client_set_coalescing(struct rpc_client *self, bool on)
{
    self->outbox.coalesce = on;
}
