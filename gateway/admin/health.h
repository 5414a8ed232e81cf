/* health: what this loop of the gateway has proved about itself and the services.
 *
 * Every 5 s each service does its real work once (forge.Health/Prove: write, sync, read back) by
 * the same sockets and queues as requests. A proof older than 15 s proves nothing: the module is
 * then `unknown`, which is not operational. States are operations' words: ok, degraded, read_only,
 * starting, draining, down, unknown. A module's state is what was proved, never what was hoped.
 */
#pragma once

#include <uv.h>

#include "common/base/problem.h"
#include "common/json/writer.h"
#include "gateway/backends/pool.h"

struct health;

enum health_status { HEALTH_HEALTHY, HEALTH_DEGRADED, HEALTH_UNHEALTHY };

struct health_options {
    uv_loop_t *loop;
    struct backends_pool *pool;
    const char *endpoints[BACKEND_COUNT]; /* for the words of a reason */
    const char *key_file;                 /* the security module looks after it */
    const char *version;
    bool embedded;
};

struct health *health_create(const struct health_options *options);
/* The memory goes when the loop has closed the timer. */
void health_destroy(struct health **self_p);

/* From now on the gateway module says draining and nothing is ready. */
void health_drain(struct health *self);

enum health_status health_status(struct health *self);
/* "healthy", "degraded", "unhealthy". */
const char *health_status_name(enum health_status status);
/* True when this gateway can serve reads (or writes); `reason` gets words otherwise. */
bool health_is_ready(struct health *self, bool for_write, struct problem *reason);

/* {"status":…,"summary":"5/5 modules operational","version":…,"uptime_s":…,"modules":{…}} */
void health_write(struct health *self, struct json_writer *writer);
