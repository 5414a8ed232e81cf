/* metrics_service: every program's numbers, behind one endpoint.
 *
 * An object without globals: several may live in one process. The thread that creates it is its
 * router and runs its loop; it keeps each program's newest push in memory and answers Expose and
 * Status from there, whatever the disk does. One writer thread stores a row per program and 15 s;
 * one reader thread answers queries.
 *
 * What an answered Push means: its numbers are what Expose and Status show. The first push of each
 * 15 s is answered only after its row was synced, and its reply says COMMITTED; the others are
 * not stored, and their replies claim nothing. So a crash of the machine costs at most 15 s of
 * history, and nothing is synced for pushes that are not kept.
 *
 * The service's own numbers go the same way, through its own endpoint.
 */
#pragma once

#include <czmq.h>

#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/process/metrics.h"
#include "common/rpc/actor.h"
#include "common/store/store.h"

struct metrics_service;

struct metrics_service_options {
    const char *endpoint;
    const char *instance;
    enum store_engine engine;
    const char *store_path;
    bool require_existing;    /* refuse to initialise an empty folder */
    size_t cache_bytes;       /* 0: the store's default */
    uint64_t min_free_bytes;  /* 0: the store's default */
    uint32_t retention_hours; /* 0: 48 */
    struct metrics *metrics;  /* borrowed for life */
};

/* Opens the store, binds the endpoint. On failure *problem says what to change. */
enum status metrics_service_create(const struct metrics_service_options *options,
    struct metrics_service **self_p, struct problem *problem) MUST_CHECK;
/* Fails open calls with UNAVAILABLE, lets running ones end, closes the store. */
void metrics_service_destroy(struct metrics_service **self_p);

/* Run it with zloop_start in the thread that created the service. */
zloop_t *metrics_service_loop(struct metrics_service *self);
const char *metrics_service_endpoint(const struct metrics_service *self);

/* From now on pings say so, and new calls are refused. */
void metrics_service_drain(struct metrics_service *self);

/* The same as a row for rpc_actor; options: struct metrics_service_options. */
extern const struct rpc_actor metrics_service_actor;
