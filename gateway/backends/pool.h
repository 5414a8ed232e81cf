/* backends_pool: the real backends of one loop, a ZeroMQ client per service instance on libuv.
 *
 * Owns the clients, their poll handles and the timer that drives them. Calls queued during a loop
 * turn leave together at its end. One instance per service.
 */
#pragma once

#include <uv.h>

#include "common/rpc/client.h"
#include "gateway/backends/backends.h"

struct backends_pool;

enum backend { BACKEND_CONTEXT, BACKEND_METRICS, BACKEND_BACKUP, BACKEND_COUNT };

struct backends_pool_options {
    uv_loop_t *loop;
    const char *endpoints[BACKEND_COUNT];
    bool coalescing; /* false: a message per call, for measurements */
};

/* Connects in the background. Never NULL. */
struct backends_pool *backends_pool_create(const struct backends_pool_options *options);

/* What the gateway's rooms use; lives as long as the pool. */
struct backends *backends_pool_backends(struct backends_pool *self);

/* "context", "metrics", "backup". */
const char *backend_name(enum backend which);

/* A service for one call to a given backend, without repetition: for proofs. */
ProtobufCService *backends_pool_bind(struct backends_pool *self, enum backend which,
    const ProtobufCServiceDescriptor *descriptor, struct rpc_call *call);

const struct rpc_peer *backends_pool_peer(const struct backends_pool *self, enum backend which);

/* Ends every open call (their closures run with UNAVAILABLE), then closes the handles; the memory
 * goes when libuv has let go of them, so run the loop until it is empty. */
void backends_pool_destroy(struct backends_pool **self_p);
