/* Any bytes as a body of /mcp and as arguments of every tool: no crash, and each tool call ends. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/buffer.h"
#include "gateway/mcp/envelope.h"
#include "gateway/mcp/jsonrpc.h"
#include "gateway/tools/call.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 8 << 20 };

/* A service that is never there. */
struct absent {
    struct backends backends;
    ProtobufCService service;
    struct rpc_call *bound;
};

static void
invoke(ProtobufCService *service, unsigned method_index, const ProtobufCMessage *input,
    ProtobufCClosure closure, void *closure_data)
{
    (void)method_index;
    struct absent *self = (struct absent *)((char *)service - offsetof(struct absent, service));
    /* What is sent must at least be packable. */
    size_t size = protobuf_c_message_get_packed_size(input);
    uint8_t *bytes = malloc(size + 1);
    protobuf_c_message_pack(input, bytes);
    free(bytes);
    self->bound->reply = (struct rpc_reply){.status = STATUS_UNAVAILABLE};
    closure(NULL, closure_data);
}

static ProtobufCService *
bind_call(
    struct backends *backends, const ProtobufCServiceDescriptor *descriptor, struct rpc_call *call)
{
    struct absent *self = (struct absent *)backends;
    self->service = (ProtobufCService){.descriptor = descriptor, .invoke = invoke};
    self->bound = call;
    return &self->service;
}

static void
on_done(struct tool_call *call)
{
    unsigned *done = call->argument;
    ++*done;
    if (!call->failed || !call->words)
        abort();
}

static void
run_tools(struct text arguments, struct arena *arena)
{
    struct absent absent = {.backends = {.bind = bind_call}};
    CLEANUP(buffer_release) struct buffer out = {0};
    for (size_t i = 0; i < tool_count; i++) {
        unsigned done = 0;
        struct tool_call call = {
            .rpc.principal = {TEXT("local"), TEXT("default"),
                ROLE_READER | ROLE_WRITER | ROLE_OPERATOR},
            .backends = &absent.backends,
            .arena = arena,
            .out = &out,
            .default_timeout_ms = 1000,
            .on_done = on_done,
            .argument = &done,
        };
        /* forge_status succeeds when nothing is there: that is its answer. */
        if (strcmp(tools[i]->name, "forge_status") == 0)
            continue;
        tool_call_start(&call, tools[i], arguments);
        if (done != 1)
            abort();
        arena_reset(arena);
    }
}

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text body = text_from(data, size);
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    struct text elements[JSONRPC_BATCH_MAX + 1];
    size_t count = 1;
    elements[0] = body;
    if (jsonrpc_is_batch(body) && !jsonrpc_split(body, elements, &count, NULL))
        return 0;
    for (size_t i = 0; i < count; i++) {
        struct jsonrpc_message message;
        struct mcp_envelope envelope;
        if (!jsonrpc_read(elements[i], &arena, &message, NULL))
            continue;
        mcp_envelope_read(&envelope, message.params[PARAM_META], &arena);
        mcp_capabilities_read(message.params[PARAM_CAPABILITIES]);
        mcp_implementation_name(message.params[PARAM_CLIENT_INFO], &arena);
        arena_reset(&arena);
        struct text arguments = message.params[PARAM_ARGUMENTS];
        run_tools(arguments, &arena);
    }
    run_tools(body, &arena);
    return 0;
}
