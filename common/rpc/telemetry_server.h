/* telemetry_server: an rpc_server's counts as instruments of a registry. Only telemetry uses it. */
#pragma once

#include "common/process/metrics.h"
#include "common/rpc/server.h"

struct telemetry_server;

struct telemetry_server *telemetry_server_create(struct metrics *metrics);
void telemetry_server_destroy(struct telemetry_server **self_p);

/* In the server's thread. */
void telemetry_server_update(const struct rpc_server *server, struct telemetry_server *self);
