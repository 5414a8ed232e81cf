/* rpc_worker: one thread of a lane, and the router's hold on it.
 *
 * Router and worker speak over a PAIR: the router gives a batch when the worker is idle, the worker
 * sends the same batch back when its handlers and its commit ran. All signals are blocked in the
 * thread. Functions are the router's, except rpc_worker_note.
 */
#pragma once

#include "common/rpc/request.h"

struct rpc_worker;

enum rpc_worker_event {
    RPC_WORKER_NOTHING,
    RPC_WORKER_READY,  /* worker_create ran */
    RPC_WORKER_FAILED, /* worker_create gave NULL; the thread ended */
    RPC_WORKER_DONE,   /* `batch` is answered */
    RPC_WORKER_NOTE,   /* `note` */
    RPC_WORKER_STOPPED,
};

struct rpc_worker_message {
    enum rpc_worker_event event;
    struct rpc_request *batch; /* linked by next */
    struct text note;          /* borrowed until the next receive */
};

/* Starts the thread; its first message is READY or FAILED. lane is borrowed until destroy. */
struct rpc_worker *rpc_worker_create(const struct rpc_lane *lane, unsigned number);

/* The router's end, for its loop. */
zsock_t *rpc_worker_socket(const struct rpc_worker *self);

bool rpc_worker_is_idle(const struct rpc_worker *self);

/* Only to an idle one. */
void rpc_worker_give(struct rpc_worker *self, struct rpc_request *batch);

/* Without waiting; NOTHING when there is none. */
struct rpc_worker_message rpc_worker_receive(struct rpc_worker *self);

/* To the lane's on_note; false when too many wait. */
bool rpc_worker_tell(struct rpc_worker *self, struct text note);

/* The thread ends after what it has; its messages go on until STOPPED. */
void rpc_worker_stop(struct rpc_worker *self);
/* Waits for a message; for the time between stop and STOPPED, and for READY. */
struct rpc_worker_message rpc_worker_await(struct rpc_worker *self);

/* After STOPPED or FAILED. */
void rpc_worker_destroy(struct rpc_worker **self_p);
