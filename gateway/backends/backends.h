/* backends: how the gateway's rooms reach the services.
 *
 * One per loop. A room asks for a service by its descriptor and binds one call; which instance
 * answers, whether the call is repeated while a service restarts, and what is known of the peers is
 * decided here. An interface, so that a test hands the rooms a service of its own making:
 *
 *     ProtobufCService *context = backends->bind(backends, &forge__context__descriptor,
 * &call->rpc); forge__context__get(context, &request, on_got, call);
 *
 * The closure's contract is rpc_client's, but the texts of the call are borrowed until the closure
 * ran, as it may be made again. Reads (and writes with an idempotency key) that meet a service in
 * restart are repeated within their deadline for at most 2 s, then fail UNAVAILABLE.
 */
#pragma once

#include <protobuf-c/protobuf-c.h>

#include "common/rpc/call.h"

struct backends {
    ProtobufCService *(*bind)(
        struct backends *self, const ProtobufCServiceDescriptor *descriptor, struct rpc_call *call);
    void (*cancel)(struct backends *self, struct rpc_call *call);
};
