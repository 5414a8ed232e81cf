/* rpc_actor: how a service runs, by itself in a program or beside others in one process.
 *
 * A service describes itself by one row of functions. A standalone main hands the row to
 * rpc_actor_run_here, which runs the service's loop in the calling thread until a signal ends it;
 * the embedded gateway starts one actor thread for each row. Both drain the service before they end
 * it, and both make and destroy it in the thread that runs its loop.
 */
#pragma once

#include <czmq.h>

#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/base/status.h"

struct rpc_actor {
    const char *name; /* "backup-svc": the log's component and the thread's name */
    /* options: the service's own struct, which the service copies. */
    enum status (*create)(const void *options, void **self_p, struct problem *problem);
    void (*destroy)(void **self_p);
    zloop_t *(*loop)(void *self);
    const char *(*endpoint)(const void *self); /* really bound, for the log */
    void (*drain)(void *self);                 /* from now on new calls are refused */
};

/* Starts a thread that makes the service and runs its loop; returns when it is ready, or has failed
 * with its words. zactor_destroy ends it. The actor's socket becomes readable when the loop ended
 * without being asked, so an owner that wants to know polls it. */
enum status rpc_actor_start(const struct rpc_actor *actor, const void *options, zactor_t **thread_p,
    struct problem *problem) MUST_CHECK;

/* Runs the service in this thread until SIGTERM or SIGINT comes by the descriptor (of program.h);
 * the second one does not wait for the drain. Returns an exit code of program.h. */
int rpc_actor_run_here(const struct rpc_actor *actor, const void *options, int signal_fd);
