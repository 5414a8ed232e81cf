/* rpc_request's inside, and how a handler is run on it.
 *
 * A request belongs to one thread at a time: to the router, or, between rpc_worker_give and the
 * worker's answer, to that worker. It borrows header and body from the message it came in.
 */
#pragma once

#include <sys/queue.h>

#include "common/base/arena.h"
#include "common/base/buffer.h"
#include "common/rpc/deadlines.h"
#include "common/rpc/header.h"
#include "common/rpc/methods.h"

struct rpc_caller;
struct rpc_inbound;

enum rpc_place { RPC_PLACE_NONE, RPC_PLACE_QUEUED, RPC_PLACE_PARKED, RPC_PLACE_RUNNING };

struct rpc_request {
    struct rpc_deadline deadline;     /* first; set while queued or parked */
    TAILQ_ENTRY(rpc_request) in_line; /* a lane's queue, the parked calls, or the spare ones */
    TAILQ_ENTRY(rpc_request) of_caller;
    struct rpc_request *next; /* in the batch that a worker has */
    struct rpc_caller *caller;
    struct rpc_inbound *inbound;
    struct rpc_method *method;
    struct rpc_request_header header;
    struct text body;
    int64_t deadline_ms;
    int64_t wake_ms; /* parked: when the handler wants to run again; 0: not by itself */
    int64_t received_us;
    int64_t started_us;
    uint64_t resumes_seen;
    enum rpc_place place;
    unsigned lane; /* where it runs or waits */
    bool commits;  /* its lane has a commit function */

    /* Of the run. */
    void *state;
    bool answered;
    bool staged;
    bool park;
    struct rpc_reply reply;
    char detail[RPC_DETAIL_MAX + 1];
    struct buffer packed; /* the reply's message stands behind RPC_WIRE_HEADROOM bytes; or empty */
};

TAILQ_HEAD(rpc_line, rpc_request);

/* Runs the handler: checks the deadline, unpacks into the arena, and sees to it that afterwards the
 * request is either answered or wants to be parked. */
void rpc_request_run(struct rpc_request *self, struct arena *arena, void *state);

/* Ends a request that has no handler running. */
void rpc_request_refuse(struct rpc_request *self, enum status status, const char *detail);

/* Replaces a staged answer after the commit failed. */
void rpc_request_uncommit(struct rpc_request *self, enum status status, enum rpc_outcome outcome,
    const struct problem *problem);
