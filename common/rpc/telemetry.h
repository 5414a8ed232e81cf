/* telemetry: a program's numbers on their way to metrics-svc, once a second.
 *
 * Owns an rpc_client of its own, so it belongs to one thread; the registry may be fed from all. A
 * push never waits: while metrics-svc is away, or an earlier push is still open, the push is left
 * out and counted (forge_telemetry_dropped_total), and nothing is kept for later, since counters
 * are since the program's start anyway.
 *
 * The core knows no loop. On a zloop telemetry_attach does everything. On another loop: call
 * telemetry_push once a second; call rpc_client_turn(telemetry_client(self)) when one of that
 * client's descriptors is readable and when it is due.
 */
#pragma once

#include <czmq.h>

#include "common/process/metrics.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"

struct telemetry;

/* Copied. */
struct telemetry_options {
    const char *endpoint; /* metrics-svc's */
    const char *program;  /* "context-svc"; the principal of the pushes too */
    const char *instance;
    const char *version;
};

/* metrics: borrowed for life; the telemetry adds instruments of its own to it. */
struct telemetry *telemetry_create(
    const struct telemetry_options *options, struct metrics *metrics);
void telemetry_destroy(struct telemetry **self_p);

/* From now on each push brings the server's counts along (forge_rpc_*). The server must outlive the
 * telemetry, and belong to the same thread. */
void telemetry_watch(struct telemetry *self, const struct rpc_server *server);

/* Collects the registry and sends it. Includes a turn of the client. */
void telemetry_push(struct telemetry *self);

struct rpc_client *telemetry_client(struct telemetry *self);

/* Pushes at once and then every second from this loop, in whose thread all of this runs. Detach
 * before the loop is destroyed; telemetry_destroy detaches too. */
void telemetry_attach(struct telemetry *self, zloop_t *loop);
void telemetry_detach(struct telemetry *self);
