#include "gateway/mcp/session_registry.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <czmq.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "gateway/mcp/session_table.h"

enum { ACTIVE_MS = 60000 };

struct mcp_session_registry {
    zactor_t *actor;
    atomic_long active;
    char endpoint[64];
};

struct mcp_session_reporter {
    zsock_t *socket;
};

/* The thread's own; nobody else touches the table. */
struct keeper {
    struct mcp_session_registry *registry;
    struct session_table *table;
    zsock_t *reports;
};

static void
take_reports(struct keeper *keeper)
{
    uint64_t session;
    while (zmq_recv(zsock_resolve(keeper->reports), &session, sizeof session, ZMQ_DONTWAIT) ==
           (int)sizeof session)
        session_table_touch(keeper->table, session, clock_monotonic_ms());
}

/* Milliseconds until the oldest session stops counting; -1: there is none. */
static int
patience(const struct keeper *keeper)
{
    int64_t oldest_ms = session_table_oldest(keeper->table);
    if (oldest_ms < 0)
        return -1;
    int64_t left_ms = oldest_ms + ACTIVE_MS - clock_monotonic_ms();
    /* In steps of at least a second: the count need not be finer. */
    return left_ms < 1000 ? 1000 : (int)left_ms;
}

static void
keep(zsock_t *pipe, void *argument)
{
    struct keeper keeper = {.registry = argument, .table = session_table_create()};
    keeper.reports = zsock_new(ZMQ_PULL);
    zsock_set_rcvhwm(keeper.reports, 10000);
    if (zsock_bind(keeper.reports, "%s", keeper.registry->endpoint) < 0) {
        fputs("the session registry cannot bind\n", stderr);
        abort();
    }
    zpoller_t *poller = zpoller_new(pipe, keeper.reports, NULL);
    zsock_signal(pipe, 0);
    for (;;) {
        const void *ready = zpoller_wait(poller, patience(&keeper));
        if (ready == pipe || (!ready && zpoller_terminated(poller)))
            break;
        take_reports(&keeper);
        session_table_expire(keeper.table, clock_monotonic_ms() - ACTIVE_MS);
        atomic_store_explicit(&keeper.registry->active, (long)session_table_count(keeper.table),
            memory_order_relaxed);
    }
    zpoller_destroy(&poller);
    zsock_destroy(&keeper.reports);
    session_table_destroy(&keeper.table);
}

struct mcp_session_registry *
mcp_session_registry_create(void)
{
    struct mcp_session_registry *self = memory_new(sizeof *self);
    snprintf(self->endpoint, sizeof self->endpoint, "inproc://mcp-sessions-%p", (void *)self);
    self->actor = zactor_new(keep, self);
    if (!self->actor) {
        fputs("the session registry's thread cannot start\n", stderr);
        abort();
    }
    return self;
}

void
mcp_session_registry_destroy(struct mcp_session_registry **self_p)
{
    if (!*self_p)
        return;
    zactor_destroy(&(*self_p)->actor);
    free(*self_p);
    *self_p = NULL;
}

long
mcp_session_registry_active(const struct mcp_session_registry *self)
{
    return atomic_load_explicit(&self->active, memory_order_relaxed);
}

struct mcp_session_reporter *
mcp_session_reporter_create(const struct mcp_session_registry *registry)
{
    struct mcp_session_reporter *self = memory_new(sizeof *self);
    self->socket = zsock_new(ZMQ_PUSH);
    zsock_set_sndhwm(self->socket, 1000);
    zsock_set_linger(self->socket, 0);
    if (zsock_connect(self->socket, "%s", registry->endpoint) < 0) {
        fputs("a loop cannot reach the session registry\n", stderr);
        abort();
    }
    return self;
}

void
mcp_session_reporter_destroy(struct mcp_session_reporter **self_p)
{
    if (!*self_p)
        return;
    zsock_destroy(&(*self_p)->socket);
    free(*self_p);
    *self_p = NULL;
}

void
mcp_session_reporter_report(struct mcp_session_reporter *self, uint64_t session)
{
    (void)zmq_send(zsock_resolve(self->socket), &session, sizeof session, ZMQ_DONTWAIT);
}
