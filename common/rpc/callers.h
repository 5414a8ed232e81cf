/* rpc_callers: who has calls at a server, and the replies that wait to go to them.
 *
 * A caller is known by the routing id that the ROUTER gave its connection (5 bytes, the first 0;
 * callers that chose their own id are refused). The replies of one turn for one caller travel
 * together. Nothing here ever waits: a reply that cannot go is counted and dropped.
 */
#pragma once

#include "common/rpc/request.h"
#include "common/rpc/wire.h"

struct rpc_callers;

struct rpc_caller {
    struct rpc_line requests; /* all that are open */
    /* The rest is rpc_callers' own. */
    TAILQ_ENTRY(rpc_caller) in_bucket;
    TAILQ_ENTRY(rpc_caller) waiting; /* in the list of those with replies */
    struct rpc_batch replies;
    int64_t heard_ms;
    uint32_t id;
};

/* The handle of the ROUTER is borrowed. */
struct rpc_callers *rpc_callers_create(void *router_handle);
void rpc_callers_destroy(struct rpc_callers **self_p);

/* The caller with this routing id, new or known; NULL when the id is not automatic. */
struct rpc_caller *rpc_callers_find(
    struct rpc_callers *self, const void *routing_id, size_t size, int64_t now_ms);

/* Queues a reply. Its message is the body, or, where `packed` is not NULL and not empty, what
 * stands there behind RPC_WIRE_HEADROOM bytes; big ones take that memory along. */
void rpc_callers_reply(struct rpc_callers *self, struct rpc_caller *caller,
    const struct rpc_reply_header *header, struct buffer *packed);

/* Sends what is queued. */
void rpc_callers_flush(struct rpc_callers *self);

/* Tells one that this server does not understand it, or all that it is leaving. */
void rpc_callers_goodbye(struct rpc_callers *self, struct rpc_caller *caller);
void rpc_callers_goodbye_all(struct rpc_callers *self);

/* Forgets those without open calls that were not heard for a while. */
void rpc_callers_sweep(struct rpc_callers *self, int64_t now_ms);

/* How many are known. */
unsigned rpc_callers_count(const struct rpc_callers *self);

/* Messages that could not be sent. */
uint64_t rpc_callers_dropped(const struct rpc_callers *self);
