/* rpc_server's inside, for the files that make it up: server.c holds its life and its loop,
 * intake.c what comes in, lanes.c where requests wait and run. All of it is the router's. */
#pragma once

#include "common/rpc/callers.h"
#include "common/rpc/server.h"
#include "common/rpc/worker.h"

/* A message whose calls are open; they borrow from it. */
struct rpc_inbound {
    zmq_msg_t message;
    size_t size;
    unsigned users;
};

/* A lane at run time. Number 0 is the router's own and has no workers. */
struct rpc_lane_state {
    struct rpc_lane lane;
    struct rpc_line queue;
    uint32_t queued;
    struct rpc_worker **workers;
    unsigned worker_count;
};

struct rpc_server {
    struct rpc_methods *methods;
    struct rpc_callers *callers;
    zsock_t *router;
    void *router_handle;
    zloop_t *loop;
    char *endpoint;
    char *instance;
    void *router_state;
    void (*on_note)(void *router_state, struct text note);
    struct rpc_lane_state lanes[RPC_LANES_MAX + 1];
    unsigned lane_count; /* with the router's */
    struct rpc_line parked;
    struct rpc_line spare;
    unsigned spare_count;
    struct rpc_deadlines deadlines; /* of what is queued or parked */
    struct arena arena;             /* for handlers on the router's lane */
    struct rpc_server_counts counts;
    size_t held_max_bytes;
    int64_t started_at_ms; /* wall clock */
    int64_t armed_ms;      /* when the timer fires; 0: it does not run */
    int timer;
    int64_t complained_ms;
    uint64_t complained_count;
    bool draining;
    bool turning;
};

/* server.c */

/* Everything that is due: collects, expires, hands out, sends. Nothing when one is under way. */
void rpc_server_turn(struct rpc_server *self);

/* intake.c */

/* Takes one message, whose bytes move into an rpc_inbound when calls of it stay open. */
void rpc_server_take(
    struct rpc_server *self, const void *routing_id, size_t routing_size, zmq_msg_t *message);

/* Counts a message that is not of this protocol, and logs at most once a second. */
void rpc_server_complain(struct rpc_server *self, const char *fault);

/* lanes.c */

/* A zeroed request of this caller, which holds the inbound message. */
struct rpc_request *rpc_server_open(
    struct rpc_server *self, struct rpc_caller *caller, struct rpc_inbound *inbound);
/* One user of the message less; it goes with the last. */
void rpc_server_release(struct rpc_server *self, struct rpc_inbound *inbound);
/* Sends the answer and forgets the request. */
void rpc_server_finish(struct rpc_server *self, struct rpc_request *request);
/* Forgets it without an answer. */
void rpc_server_forget(struct rpc_server *self, struct rpc_request *request);
/* Runs it here or queues it. */
void rpc_server_start(struct rpc_server *self, struct rpc_request *request, unsigned lane);
/* Takes it out of the queue or from the parked ones; false when it is running. */
bool rpc_server_withdraw(struct rpc_server *self, struct rpc_request *request);
/* Ends one that waits, with this status. */
void rpc_server_end_waiting(
    struct rpc_server *self, struct rpc_request *request, enum status status, const char *detail);

/* What workers sent back; `readable` is the socket that woke the loop. */
void rpc_server_collect(struct rpc_server *self, const zsock_t *readable);
void rpc_server_settle(struct rpc_server *self, struct rpc_request *batch); /* a worker's batch */
void rpc_server_expire(struct rpc_server *self, int64_t now_ms);
void rpc_server_dispatch(struct rpc_server *self); /* what waits, to who is idle */
