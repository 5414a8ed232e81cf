/* context_service: contexts, work sessions and search, behind one endpoint.
 *
 * An object without globals: several may live in one process. The thread that creates it is its
 * router and runs its loop; it answers point reads. Reader threads answer searches and lists over
 * views; one writer thread changes the store, with group commit. It owns its store alone.
 *
 * Use counts reach the store seconds later, without a sync of their own, and the last ones are lost
 * when the program is killed; everything else that was acknowledged is durable.
 */
#pragma once

#include <czmq.h>

#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/process/metrics.h"
#include "common/rpc/actor.h"
#include "common/store/store.h"

struct context_service;

/* Copied by create. */
struct context_service_options {
    const char *endpoint;
    const char *instance;
    enum store_engine engine;
    const char *store_path;
    bool require_existing;        /* refuse to initialise an empty folder */
    size_t cache_bytes;           /* 0: the store's default */
    uint64_t min_free_bytes;      /* 0: the store's default */
    unsigned readers;             /* search threads; 0: 1 */
    const char *metrics_endpoint; /* metrics-svc's; NULL or empty: nothing is pushed */
};

enum { CONTEXT_STORE_FORMAT = 1 };

/* Opens the store, loads the indexes, binds the endpoint. On failure *problem says what to change.
 */
enum status context_service_create(const struct context_service_options *options,
    struct context_service **self_p, struct problem *problem) MUST_CHECK;
/* Fails open calls with UNAVAILABLE, lets running ones end, closes the store. */
void context_service_destroy(struct context_service **self_p);

/* Run it with zloop_start in the thread that created the service. */
zloop_t *context_service_loop(struct context_service *self);
const char *context_service_endpoint(const struct context_service *self);
/* Its own registry, which any thread may collect. */
struct metrics *context_service_metrics(struct context_service *self);

/* From now on pings say so, and new calls are refused. */
void context_service_drain(struct context_service *self);

/* The same as a row, whose options are a struct context_service_options. */
extern const struct rpc_actor context_actor;
