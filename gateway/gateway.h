/* gateway: the HTTP and MCP front of the cluster, MAX_WORKERS identical event loops.
 *
 * The object holds what the loops share: session keys, the session registry, the counter of open
 * connections, the metrics registry. Everything else belongs to one loop. Loop 0 runs in the
 * caller's thread and also answers the signals.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/problem.h"
#include "common/base/status.h"
#include "gateway/backends/pool.h"

struct gateway;

enum { GATEWAY_LOOPS_MAX = 64 };

struct gateway_options {
    const char *address;       /* of the public port; loopback only until tokens exist */
    uint16_t port;             /* MCP and probes */
    const char *admin_address; /* of the operators' port */
    uint16_t admin_port;       /* tools over plain HTTP, and probes */
    unsigned loops;
    const char *endpoints[BACKEND_COUNT];
    const char *key_file;
    const char *access_log; /* NULL: none */
    unsigned access_log_per_second;
    const char *const *origins;
    size_t origin_count;
    const char *const *hosts;
    size_t host_count;
    unsigned connections_max; /* per loop and port */
    unsigned call_timeout_ms;
    const char *instance;
    const char *version;
    bool embedded;
    bool coalescing;
};

/* Binds both ports on every loop. UNAVAILABLE: a port is in use (the problem names it). */
enum status gateway_create(const struct gateway_options *options, struct gateway **self_p,
    struct problem *problem) MUST_CHECK;

/* Serves until SIGTERM or SIGINT comes from the descriptor; a second one ends at once. */
void gateway_run(struct gateway *self, int signal_fd);

void gateway_destroy(struct gateway **self_p);
