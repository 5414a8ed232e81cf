/* rpc_calls: a client's open calls, found by their id in constant time.
 *
 * A call id is slot | generation << 32; a slot's generation grows with every use, so a late or
 * repeated reply finds nothing. Entries never move while they are open, whatever a closure does.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "common/rpc/call.h"
#include "common/rpc/deadlines.h"

struct rpc_open_call {
    struct rpc_deadline deadline; /* first */
    struct rpc_call *call;        /* NULL: the slot is free */
    ProtobufCClosure closure;
    void *closure_data;
    const ProtobufCMessageDescriptor *output;
    uint32_t slot;
    uint32_t generation;
    uint32_t next_free;
    bool sent;
    bool cancelled; /* before it was sent */
};

struct rpc_calls {
    struct rpc_open_call **chunks;
    struct rpc_deadlines deadlines;
    uint32_t capacity; /* slots in chunks */
    uint32_t max;
    uint32_t open;
    uint32_t first_free;
};

void rpc_calls_init(struct rpc_calls *self, uint32_t max);
void rpc_calls_release(struct rpc_calls *self);

/* A slot for the call, whose call_id it sets, with its deadline running; NULL when all are in
 * use. The caller fills closure, data and output. */
struct rpc_open_call *rpc_calls_open(struct rpc_calls *self, struct rpc_call *call);

/* NULL when no such call is open. */
struct rpc_open_call *rpc_calls_find(const struct rpc_calls *self, uint64_t call_id);

/* The open call in this slot, or NULL; for going through all of them (0 to capacity - 1). */
struct rpc_open_call *rpc_calls_at(const struct rpc_calls *self, uint32_t slot);

/* Frees the slot and sets call_id to 0; the copy in *ended is what the closure needs. */
void rpc_calls_close(
    struct rpc_calls *self, struct rpc_open_call *open, struct rpc_open_call *ended);
