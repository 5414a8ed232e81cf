/* Whatever comes in a frame: the message is read, and each header both ways. */
#include <assert.h>
#include <stdint.h>

#include "common/rpc/header.h"
#include "common/rpc/wire.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Makes the sanitizer look at every byte of a borrowed text. */
static void
touch(struct text text)
{
    static volatile unsigned sum;
    for (size_t i = 0; i < text.length; i++)
        sum = sum + (uint8_t)text.data[i];
}

/* A header that keeps its limits is the same after it was written and read again. */
static void
check_request(struct text bytes)
{
    struct rpc_request_header header;
    if (!rpc_header_read_request(bytes, &header))
        return;
    touch(header.method);
    touch(header.traceparent);
    if (rpc_header_problem(&header) || header.remaining_ms > RPC_REMAINING_MAX_MS)
        return;
    uint8_t written[RPC_HEADER_SIZE];
    size_t size = rpc_header_write_request(&header, written);
    assert(size <= sizeof written);
    struct rpc_request_header again;
    bool readable = rpc_header_read_request(text_from(written, size), &again);
    assert(readable);
    assert(again.call_id == header.call_id && again.remaining_ms == header.remaining_ms &&
           again.attempt == header.attempt && again.criticality == header.criticality &&
           again.principal.roles == header.principal.roles);
    assert(text_equals(again.method, header.method) &&
           text_equals(again.principal.name, header.principal.name) &&
           text_equals(again.principal.tenant, header.principal.tenant) &&
           text_equals(again.project, header.project) && text_equals(again.key, header.key) &&
           text_equals(again.traceparent, header.traceparent));
}

static void
check_reply(struct text bytes)
{
    struct rpc_reply_header header;
    if (!rpc_header_read_reply(bytes, &header))
        return;
    touch(header.reply.detail);
    touch(header.reply.served_by);
    uint8_t written[RPC_HEADER_SIZE];
    size_t size = rpc_header_write_reply(&header, written);
    assert(size <= sizeof written);
    struct rpc_reply_header again;
    bool readable = rpc_header_read_reply(text_from(written, size), &again);
    assert(readable);
    assert(again.call_id == header.call_id && again.reply.status == header.reply.status &&
           again.reply.outcome == header.reply.outcome);
}

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rpc_wire wire;
    struct text header;
    struct text body;
    if (rpc_wire_open(&wire, data, size) == RPC_WIRE_GOOD) {
        unsigned calls = 0;
        for (; rpc_wire_next(&wire, &header, &body); calls++) {
            touch(body);
            check_request(header);
            check_reply(header);
        }
        assert(calls == wire.count);
    }
    /* And as bare headers, so that the fuzzer need not find the lengths first. */
    check_request(text_from(data, size));
    check_reply(text_from(data, size));
    return 0;
}
