/* gateway_loop: one event loop with its listeners, its backends and its MCP front.
 *
 * Made in the main thread, run in one thread, destroyed in the main thread after that thread ended.
 */
#pragma once

#include <stdatomic.h>

#include "common/process/metrics.h"
#include "gateway/gateway.h"
#include "gateway/mcp/mcp.h"

struct gateway_loop;

/* What the loops of a gateway share; outlives them. */
struct gateway_shared {
    const struct gateway_options *options;
    const struct mcp_session_keys *session_keys;
    struct mcp_session_registry *sessions;
    struct metrics *metrics;
    atomic_long connections; /* open on the public port */
};

/* number 0 also pushes the program's metrics and writes the Performance line. */
enum status gateway_loop_create(struct gateway_shared *shared, unsigned number,
    struct gateway_loop **self_p, struct problem *problem) MUST_CHECK;

/* Lets a loop that runs in the main thread see the signals: on_signal runs in the loop. */
void gateway_loop_watch_signals(struct gateway_loop *self, int signal_fd,
    void (*on_signal)(void *argument, int signal), void *argument);

/* Runs until it was asked to stop and everything is closed. */
void gateway_loop_run(struct gateway_loop *self);

/* Any thread: drains (no new requests, those under way end within 5 s), then ends. A second call
 * ends at once. */
void gateway_loop_stop(struct gateway_loop *self);
/* Any thread: opens the log files again. */
void gateway_loop_reopen_logs(struct gateway_loop *self);

void gateway_loop_destroy(struct gateway_loop **self_p);
