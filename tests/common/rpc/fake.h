/* fake: a small service behind a real rpc_server in a thread of its own.
 *
 * It answers forge.Session: Start on the router's lane, Checkpoint on a writer lane with commit,
 * List on a reader lane of two threads, End parks. What each does is told by its request's fields,
 * see fake_session.c. The counters may be read while it runs.
 */
#pragma once

#include <semaphore.h>
#include <stdatomic.h>

#include "session.pb-c.h"

#include "common/rpc/server.h"

enum { FAKE_BATCHES = 64 };

/* The service's functions. */
Forge__Session_Service fake_session(void);
void *fake_worker_create(struct rpc_worker *worker, void *argument); /* of the fake */
void fake_worker_destroy(void **state_p);
void fake_worker_note(void *argument, struct text note);
enum status fake_commit(void *argument, struct problem *problem, enum rpc_outcome *outcome);

struct fake_options {
    const char *endpoint;
    unsigned reader_queue_max; /* 0: the default */
    bool gated;                /* commits and "slow" lists wait for fake_open_gate */
};

struct fake {
    ProtobufCService *services[1];
    Forge__Session_Service session;
    struct rpc_server *server;
    struct fake_options options;
    char endpoint[512];
    pthread_t thread;
    zsock_t *control; /* the test's end */
    zsock_t *router_end;
    sem_t gate;
    sem_t started;
    atomic_uint commit_fails; /* the status that commits give */
    atomic_uint in_gate;      /* threads that wait there */
    atomic_uint handled;      /* handler runs */
    atomic_uint notes;        /* from workers */
    atomic_uint told;         /* notes to workers */
    atomic_uint batch_count;
    atomic_uint batches[FAKE_BATCHES]; /* calls staged in each commit */
    atomic_uint workers_alive;
    struct rpc_server_counts counts; /* as of the last fake_count */
};

/* Starts it and waits until it listens. Ends the test when it does not. */
struct fake *fake_create(const struct fake_options *options);
void fake_destroy(struct fake **self_p);

/* In the router's thread; they return when it is done. */
void fake_drain(struct fake *self);
void fake_resume(struct fake *self, unsigned lane);
void fake_tell(struct fake *self, unsigned lane);
void fake_count(struct fake *self);

/* So many threads may pass; those that wait, or come later. */
void fake_open_gate(struct fake *self, unsigned passes);

/* Runs the service in the calling thread until *stop_fd is readable; for a process of its own. The
 * endpoint is printed as one line first. */
int fake_serve(const char *endpoint, int stop_fd);

/* An endpoint for "inproc", "ipc" or "tcp" that nobody uses. The folder is removed by the test's
 * process at its end. */
const char *fake_endpoint(const char *transport);
