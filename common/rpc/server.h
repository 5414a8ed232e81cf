/* rpc_server: one service instance's endpoint, its queues and its threads.
 *
 * The thread that created the server is its router: it owns the ROUTER socket and a zloop, reads
 * calls, checks them against the rules, and either runs the handler itself (lane LANE_ROUTER, for
 * point reads) or hands the call to the worker threads of a lane. Handlers are the functions of
 * protobuf-c's generated service struct; one struct serves all threads, so it holds nothing that
 * changes. A handler's closure_data is its `struct rpc_request *`, through which it learns who asks
 * and refuses; it calls the closure with a reply, or rpc_request_fail, exactly once.
 *
 * The router keeps each lane's queue and gives a worker only what it can do now, so expired and
 * cancelled calls never start, and a worker with a commit function gets everything that queued up
 * while it synced: that is the group commit. In such a lane the closures pack their replies at
 * once, but nothing is sent before commit() returned.
 */
#pragma once

#include <czmq.h>
#include <protobuf-c/protobuf-c.h>

#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/rpc/call.h"

struct rpc_server;
struct rpc_request;
struct rpc_worker;

enum { LANE_ROUTER = 0, RPC_LANES_MAX = 4 };

/* Every method of every service has one row; a method without a row does not start the server. */
struct rpc_rule {
    const ProtobufCServiceDescriptor *service;
    const char *method;
    unsigned lane;
    uint32_t roles; /* the caller needs one of these bits */
};

/* The threads behind one lane number (1 and up; the index in the options plus one). */
struct rpc_lane {
    const char *name; /* thread name and metric label */
    unsigned threads; /* 1 where commit is set */
    /* Calls; 0: 1024. Above it: RESOURCE_EXHAUSTED at once. Sheddable calls find half of it, probes
     * and critical ones an eighth more. */
    unsigned queue_max;
    unsigned batch_max; /* calls given to a worker at a time; 0: 1, with commit 256 */
    void *argument;     /* for worker_create */
    /* In the new thread; NULL: it cannot work, and the server does not start. Without this
     * function the argument itself is the state. */
    void *(*worker_create)(struct rpc_worker *worker, void *argument);
    void (*worker_destroy)(void **state_p); /* in the same thread */
    /* After the handlers of a batch ran, when at least one staged something. STATUS_OK lets the
     * staged replies go as COMMITTED; any other status replaces every staged reply by itself, with
     * `outcome` of the last argument (preset to OUTCOME_UNKNOWN) and the problem's words. */
    enum status (*commit)(void *state, struct problem *problem, enum rpc_outcome *outcome);
    /* What rpc_server_tell sent, between batches. */
    void (*on_note)(void *state, struct text note);
};

struct rpc_server_options {
    const char *endpoint;
    const char *instance; /* name in served_by and pings */
    ProtobufCService *const *services;
    size_t service_count;
    const struct rpc_rule *rules;
    size_t rule_count;
    const struct rpc_lane *lanes;
    size_t lane_count;
    size_t queue_max_bytes; /* of all queued calls; 0: 64 MiB */
    void *router_state;     /* rpc_request_state of handlers on LANE_ROUTER */
    /* A worker's note, in the router's thread. */
    void (*on_note)(void *router_state, struct text note);
};

/* Binds the endpoint and starts the workers; forge.Health/Ping is answered by the server itself.
 * On failure *problem says what to change (address in use, bad endpoint, rule missing). */
enum status rpc_server_create(const struct rpc_server_options *options, struct rpc_server **self_p,
    struct problem *problem) MUST_CHECK;
/* Fails queued and parked calls with UNAVAILABLE, lets running ones end, joins the threads, and
 * gives callers over ipc and tcp 100 ms to read the last replies. In the router's thread, after its
 * loop ended. */
void rpc_server_destroy(struct rpc_server **self_p);

/* The router's loop, for timers and readers of the service's own. Run it with zloop_start. */
zloop_t *rpc_server_loop(struct rpc_server *self);

/* What was really bound (tcp://127.0.0.1:* gets a port). */
const char *rpc_server_endpoint(const struct rpc_server *self);

/* From now on pings say so, and new calls are refused with UNAVAILABLE; callers are told. */
void rpc_server_drain(struct rpc_server *self);

/* Counted since the start; for metrics. In the router's thread. */
struct rpc_server_counts {
    uint64_t calls;   /* that reached a handler or a queue */
    uint64_t refused; /* by the checks before that */
    uint64_t expired; /* in a queue or parked */
    uint64_t cancelled;
    uint64_t dropped_messages;          /* foreign, broken, of too many frames */
    uint64_t dropped_replies;           /* the caller was gone or does not read */
    uint32_t parked;                    /* now */
    uint32_t queued[RPC_LANES_MAX + 1]; /* now, by lane */
    size_t held_bytes;                  /* of messages whose calls are open now */
};

void rpc_server_count(const struct rpc_server *self, struct rpc_server_counts *counts);

/* For handlers, in the thread that runs them. */
void *rpc_request_state(const struct rpc_request *self); /* worker's state, or router_state */
const struct rpc_principal *rpc_request_principal(const struct rpc_request *self);
struct text rpc_request_project(const struct rpc_request *self);
int64_t rpc_request_deadline_ms(const struct rpc_request *self);
int64_t rpc_request_received_ms(const struct rpc_request *self); /* clock_monotonic_ms */
unsigned rpc_request_lane(const struct rpc_request *self);       /* in which it runs now */
const uint8_t *rpc_request_key(const struct rpc_request *self);  /* RPC_KEY_SIZE bytes, or NULL */
struct text rpc_request_traceparent(const struct rpc_request *self);
struct text rpc_request_method(const struct rpc_request *self); /* "forge.Context/Save" */
struct text rpc_request_body(const struct rpc_request *self);   /* as received */

/* Ends the call without a reply message. The words are for the caller's user. */
void rpc_request_fail(struct rpc_request *self, enum status status, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* In a lane with commit, before the closure: the reply waits for the commit and carries this
 * sequence. Without it the reply goes out as it is (refusals, replays of a known key). */
void rpc_request_stage(struct rpc_request *self, uint64_t commit_sequence);

/* Before the closure: the reply's outcome and sequence, for a replay of a known key. */
void rpc_request_set_outcome(
    struct rpc_request *self, enum rpc_outcome outcome, uint64_t commit_sequence);

/* Ends the call with the packed bytes of a reply (a stored one), instead of the closure. */
void rpc_request_reply_packed(struct rpc_request *self, struct text packed);

/* The packed bytes of the reply that the closure just made, borrowed until the handler returns.
 * Empty before the closure ran. For the dedupe record. */
struct text rpc_request_packed(const struct rpc_request *self);

/* Instead of an answer, in lanes without commit: keeps the call. It goes on by rpc_server_resume,
 * and ends by its deadline, by CANCEL, or with the server. A call that is parked in a worker while
 * its method is resumed runs again at once, so no wake-up is lost. */
void rpc_request_park(struct rpc_request *self);
/* The same, and at wake_ms (clock_monotonic_ms) its handler runs again in the rule's lane, as for
 * an empty answer after a wait_ms counted from rpc_request_received_ms. */
void rpc_request_park_until(struct rpc_request *self, int64_t wake_ms);
/* Sends every parked call of this method ("forge.Context/Changes") through a lane's queue (or, with
 * LANE_ROUTER, through its handler again). In the router's thread. */
void rpc_server_resume(struct rpc_server *self, const char *method, unsigned lane);

/* From the router's thread to on_note of each worker of a lane, in order with the batches it gets.
 * A note is dropped when a worker has a thousand untaken ones. */
void rpc_server_tell(struct rpc_server *self, unsigned lane, struct text note);

/* From a worker's thread to on_note in the router's. Notes of worker_create arrive during
 * rpc_server_create; those of the time of rpc_server_destroy are dropped. */
void rpc_worker_note(struct rpc_worker *self, struct text note);
