/* embedded: the three services inside the gateway's process, for laptops, tests and drills.
 *
 * Same objects, same messages, same stores as the programs of their own; only the endpoints are
 * inproc://. This is the one file of the gateway that knows a service.
 */
#pragma once

#include "backup-svc/settings.h"
#include "context-svc/settings.h"
#include "gateway/backends/pool.h"
#include "metrics-svc/settings.h"

struct embedded;

/* Rows of the gateway's table that matter with --embedded only. */
#define EMBEDDED_FIELDS                                                                            \
    {"embedded", "FORGE_EMBEDDED", "--embedded", CONFIG_BOOLEAN, "false", 0, 0, NULL, 0,           \
        "run the three services in this process; the rows below are theirs"},                      \
        CONTEXT_FIELDS, METRICS_FIELDS, BACKUP_FIELDS, STORE_FIELDS("8")

/* Starts the services in threads of their own and points `endpoints` at them. A service that cannot
 * start ends those that did, and the problem says why. */
enum status embedded_start(const struct config *config, const char *endpoints[BACKEND_COUNT],
    struct embedded **self_p, struct problem *problem) MUST_CHECK;

/* Drains and ends them, the last first. */
void embedded_stop(struct embedded **self_p);
