#include "common/rpc/telemetry_server.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"

enum { COUNTERS = 6 };

struct telemetry_server {
    struct rpc_server_counts seen;
    struct metrics_counter *counters[COUNTERS];
    struct metrics_gauge *parked, *held_bytes;
    struct metrics_gauge *queued[RPC_LANES_MAX + 1];
};

static const char *const counter_names[COUNTERS][2] = {
    {"forge_rpc_calls_total", "Calls that reached a handler or a queue."},
    {"forge_rpc_refused_total", "Calls that were refused before they reached a handler."},
    {"forge_rpc_expired_total", "Calls whose time ended in a queue."},
    {"forge_rpc_cancelled_total", "Calls that their callers called off."},
    {"forge_rpc_dropped_messages_total", "Messages that were foreign or broken."},
    {"forge_rpc_dropped_replies_total", "Replies whose callers were gone or did not read."},
};

struct telemetry_server *
telemetry_server_create(struct metrics *metrics)
{
    struct telemetry_server *self = memory_new(sizeof *self);
    for (size_t i = 0; i < COUNTERS; i++)
        self->counters[i] =
            metrics_counter(metrics, counter_names[i][0], NULL, counter_names[i][1]);
    self->parked = metrics_gauge(metrics, "forge_rpc_parked", NULL, "Calls that wait for news.");
    self->held_bytes = metrics_gauge(
        metrics, "forge_rpc_held_bytes", NULL, "Bytes of messages whose calls are open.");
    for (unsigned lane = 1; lane <= RPC_LANES_MAX; lane++) {
        char labels[32];
        snprintf(labels, sizeof labels, "lane=\"%u\"", lane);
        self->queued[lane] = metrics_gauge(
            metrics, "forge_rpc_queued", labels, "Calls that wait for a worker of the lane.");
    }
    return self;
}

void
telemetry_server_destroy(struct telemetry_server **self_p)
{
    memory_free(self_p);
}

void
telemetry_server_update(const struct rpc_server *server, struct telemetry_server *self)
{
    struct rpc_server_counts now = {0};
    rpc_server_count(server, &now);
    const struct rpc_server_counts *seen = &self->seen;
    const uint64_t increases[COUNTERS] = {now.calls - seen->calls, now.refused - seen->refused,
        now.expired - seen->expired, now.cancelled - seen->cancelled,
        now.dropped_messages - seen->dropped_messages, now.dropped_replies - seen->dropped_replies};
    for (size_t i = 0; i < COUNTERS; i++)
        metrics_add(self->counters[i], increases[i]);
    metrics_set(self->parked, now.parked);
    metrics_set(self->held_bytes, (double)now.held_bytes);
    for (unsigned lane = 1; lane <= RPC_LANES_MAX; lane++)
        metrics_set(self->queued[lane], now.queued[lane]);
    self->seen = now;
}
