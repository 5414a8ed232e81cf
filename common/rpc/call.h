/* call: what travels beside the body of one call, on both sides.
 *
 * The envelope of WIRE.md as plain values: who asks, until when, under which key. A caller embeds
 * a struct rpc_call in its own request object; the client fills `reply` before the closure runs.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/status.h"
#include "common/base/text.h"

/* Bits of rpc_principal.roles. */
enum {
    ROLE_READER = 1,
    ROLE_WRITER = 2,
    ROLE_OPERATOR = 4,
    ROLE_PROGRAM = 8, /* a program of this cluster, for its own calls */
};

enum rpc_outcome {
    OUTCOME_NONE = 0,
    OUTCOME_COMMITTED = 1,
    OUTCOME_NOT_COMMITTED = 2,
    OUTCOME_UNKNOWN = 3,
};

enum rpc_criticality {
    CRITICALITY_NORMAL = 0,
    CRITICALITY_PROBE = 1,
    CRITICALITY_CRITICAL = 2,
    CRITICALITY_SHEDDABLE = 3,
};

enum { RPC_KEY_SIZE = 16 };

/* Who a call is made for. The texts are borrowed. */
struct rpc_principal {
    struct text name;   /* 1 to 64 bytes */
    struct text tenant; /* 1 to 64 bytes */
    uint32_t roles;
};

/* How a call ended. The texts are borrowed until the closure returns. */
struct rpc_reply {
    enum status status; /* UNAVAILABLE when no peer answered, DEADLINE_EXCEEDED when it was late */
    struct text detail;
    enum rpc_outcome outcome;
    uint64_t commit_sequence;
    struct text served_by;
    uint32_t queue_us;
    uint32_t work_us;
};

struct rpc_call {
    /* Set by the caller before rpc_client_bind; borrowed until the stub returns. */
    int64_t deadline_ms; /* clock_monotonic_ms; at most 60 s ahead */
    struct rpc_principal principal;
    struct text project;
    const uint8_t *idempotency_key; /* RPC_KEY_SIZE bytes, or NULL */
    struct text traceparent;
    enum rpc_criticality criticality;
    uint32_t attempt;
    uint32_t route; /* free for the caller, who may note which client it used */

    /* Set by the client before the closure runs. */
    struct rpc_reply reply;

    /* The client's own. */
    uint64_t call_id; /* 0: not open */
};
