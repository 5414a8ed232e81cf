/* rpc_header: forge.RequestHeader and forge.ReplyHeader as plain values.
 *
 * The bytes are those of wire.proto and any protobuf library reads them. They are written and read
 * here by hand because headers travel with every call: reading borrows its texts from the message
 * and allocates nothing, and remaining_ms stands last in a fixed width, so that it can be set at
 * the moment of sending.
 */
#pragma once

#include <stdbool.h>

#include "common/rpc/call.h"

enum {
    RPC_METHOD_MAX = 128,
    RPC_NAME_MAX = 64, /* principal, tenant, traceparent */
    RPC_SERVED_BY_MAX = 127,
    RPC_PROJECT_MAX = 512,
    RPC_DETAIL_MAX = 512,
    RPC_REMAINING_MAX_MS = 60000,
    /* No written header is longer; every limit above fits in. */
    RPC_HEADER_SIZE = 1024,
    RPC_REMAINING_SIZE = 4, /* bytes at the end of a request header that hold remaining_ms */
};

struct rpc_request_header {
    uint64_t call_id;
    struct text service; /* writing: "forge.Context" */
    struct text method;  /* writing: "Save"; reading: "forge.Context/Save" */
    uint32_t attempt;
    uint32_t remaining_ms;
    struct rpc_principal principal;
    struct text project;
    struct text key; /* empty or RPC_KEY_SIZE bytes */
    struct text traceparent;
    enum rpc_criticality criticality;
};

struct rpc_reply_header {
    uint64_t call_id;
    struct rpc_reply reply;
};

/* NULL when every part is within its limits, else what is wrong. */
const char *rpc_header_problem(const struct rpc_request_header *self);

/* Writes at most RPC_HEADER_SIZE bytes (the header has no problem) and returns how many. */
size_t rpc_header_write_request(const struct rpc_request_header *self, uint8_t *out);

/* Sets remaining_ms in the RPC_REMAINING_SIZE last bytes of a written request header. 0 makes the
 * server refuse the call. */
void rpc_header_set_remaining(uint8_t *last_bytes, uint32_t remaining_ms);

/* Cuts detail at RPC_DETAIL_MAX. */
size_t rpc_header_write_reply(const struct rpc_reply_header *self, uint8_t *out);

/* False when the bytes are no such header. Unknown fields are passed over. What was read before
 * the bad place stays set, so that a refusal can name the call. */
bool rpc_header_read_request(struct text bytes, struct rpc_request_header *self);
bool rpc_header_read_reply(struct text bytes, struct rpc_reply_header *self);
