/* backup_service: forge.Backup and forge.Health of one backup folder.
 *
 * Calls arrive at one endpoint; all run in two worker threads: the long works one at a time (a
 * second is refused at once), lists and probes beside them. The service is a client of the services
 * whose stores it keeps. Without globals: several may live in one process.
 */
#pragma once

#include <stdint.h>

#include <czmq.h>

#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/process/metrics.h"
#include "common/rpc/actor.h"

struct backup_service;

/* Copied. */
struct backup_service_options {
    const char *endpoint; /* its own */
    const char *instance;
    const char *folder;           /* of the backups; made when it is missing */
    const char *context_endpoint; /* whose stores are backed up */
    const char *metrics_endpoint; /* the same, and where its own numbers go */
    uint64_t min_free_bytes;      /* that the folder's disk must keep */
};

/* FAILED_PRECONDITION: the folder cannot be had; UNAVAILABLE: the endpoint cannot. */
enum status backup_service_create(const struct backup_service_options *options,
    struct backup_service **self_p, struct problem *problem) MUST_CHECK;
/* A work that is under way is broken off. */
void backup_service_destroy(struct backup_service **self_p);

/* Run it with zloop_start in the thread that created the service. */
zloop_t *backup_service_loop(struct backup_service *self);
const char *backup_service_endpoint(const struct backup_service *self);
/* Its own registry, which any thread may collect. */
struct metrics *backup_service_metrics(struct backup_service *self);

/* From now on pings say so, and new calls are refused. */
void backup_service_drain(struct backup_service *self);

/* The same as a row, whose options are a struct backup_service_options. */
extern const struct rpc_actor backup_actor;
