/* backends_repeat: one call that is made again while its service restarts.
 *
 * Keeps the packed request, so that it can be sent again after the caller's message is gone. Only a
 * call that nobody answered is repeated, only within its deadline, for at most 2 s after its first
 * failure, and a write only under an idempotency key (design: effectively once).
 */
#pragma once

#include <protobuf-c/protobuf-c.h>

#include "common/rpc/call.h"

struct backends_repeat;

/* How the owner sends a call now, and when it wants a failed one back. */
struct backends_repeat_owner {
    /* A bound service for one attempt. */
    ProtobufCService *(*attempt)(
        struct backends_repeat_owner *self, struct backends_repeat *repeat);
    /* True when waiting for the service makes sense: it answered not long ago. */
    bool (*worth_waiting)(struct backends_repeat_owner *self, struct backends_repeat *repeat);
    struct backends_repeat *waiting; /* the owner's list of calls to try again */
    struct backends_repeat *spare;   /* objects for reuse */
};

/* A service object whose next invocation is the call. */
ProtobufCService *backends_repeat_bind(struct backends_repeat_owner *owner, unsigned backend,
    const ProtobufCServiceDescriptor *descriptor, struct rpc_call *call);

unsigned backends_repeat_backend(const struct backends_repeat *self);
const ProtobufCServiceDescriptor *backends_repeat_descriptor(const struct backends_repeat *self);
struct rpc_call *backends_repeat_call(const struct backends_repeat *self);

/* Ends a call that waits for its next attempt with STATUS_CANCELLED; false when it does not wait.
 */
bool backends_repeat_cancel(struct backends_repeat_owner *owner, const struct rpc_call *call);
/* Tries every waiting call again. Called by the owner's timer while there are any. */
void backends_repeat_run(struct backends_repeat_owner *owner);
/* Ends every waiting call with the failure it has, and frees what is spare. */
void backends_repeat_end(struct backends_repeat_owner *owner);
