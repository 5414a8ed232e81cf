#include "gateway/loop.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/process/program.h"
#include "gateway/admin/performance.h"
#include "gateway/admin/push.h"
#include "gateway/admin/routes.h"
#include "gateway/http/access_log.h"
#include "gateway/http/listener.h"

enum {
    PORT_PUBLIC,
    PORT_OPERATORS,
    PORT_COUNT,
    TICK_MS = 1000,
    DRAIN_MS = 5000,
    DRAIN_TICK_MS = 20
};

struct gateway_loop {
    uv_loop_t uv;
    struct gateway_shared *shared;
    unsigned number;
    struct http_listener *listeners[PORT_COUNT];
    unsigned open_listeners;
    struct backends_pool *pool;
    struct mcp *mcp;
    struct health *health;
    struct routes *routes;
    struct access_log *access_log;
    struct performance *performance; /* loop 0 */
    struct push *push;               /* loop 0 */
    uv_timer_t tick;
    uv_async_t wake;
    atomic_uint stops; /* how often it was asked to */
    atomic_bool reopen;
    int64_t drain_until_ms; /* 0: not draining */
    bool closing;
    uv_poll_t signals;
    bool has_signals;
    int signal_fd;
    void (*on_signal)(void *argument, int signal);
    void *signal_argument;
};

static void
on_handle_closed(uv_handle_t *handle)
{
    (void)handle;
}

static void
on_listener_closed(void *argument)
{
    struct gateway_loop *self = argument;
    if (--self->open_listeners)
        return;
    performance_destroy(&self->performance);
    push_destroy(&self->push);
    health_destroy(&self->health);
    backends_pool_destroy(&self->pool);
    uv_close((uv_handle_t *)&self->tick, on_handle_closed);
    uv_close((uv_handle_t *)&self->wake, on_handle_closed);
    if (self->has_signals)
        uv_close((uv_handle_t *)&self->signals, on_handle_closed);
}

static void
close_listeners(struct gateway_loop *self)
{
    if (self->closing)
        return;
    self->closing = true;
    for (int i = 0; i < PORT_COUNT; i++)
        http_listener_close(self->listeners[i], on_listener_closed, self);
}

static unsigned
open_connections(const struct gateway_loop *self)
{
    return http_listener_open_count(self->listeners[PORT_PUBLIC]) +
           http_listener_open_count(self->listeners[PORT_OPERATORS]);
}

static void
on_tick(uv_timer_t *timer)
{
    struct gateway_loop *self = timer->data;
    if (self->drain_until_ms) {
        if (!open_connections(self) || clock_monotonic_ms() >= self->drain_until_ms)
            close_listeners(self);
        return;
    }
    access_log_flush(self->access_log);
}

static void
start_drain(struct gateway_loop *self)
{
    self->drain_until_ms = clock_monotonic_ms() + DRAIN_MS;
    health_drain(self->health);
    for (int i = 0; i < PORT_COUNT; i++)
        http_listener_drain(self->listeners[i]);
    uv_timer_start(&self->tick, on_tick, 0, DRAIN_TICK_MS);
}

static void
on_wake(uv_async_t *wake)
{
    struct gateway_loop *self = wake->data;
    unsigned stops = atomic_load(&self->stops);
    if (stops > 1)
        close_listeners(self);
    else if (stops && !self->drain_until_ms)
        start_drain(self);
    if (atomic_exchange(&self->reopen, false))
        access_log_reopen(self->access_log);
}

static enum status
listen_on(struct gateway_loop *self, int port, struct problem *problem)
{
    const struct gateway_options *options = self->shared->options;
    bool is_public = port == PORT_PUBLIC;
    struct http_listener_options listener = {
        .loop = &self->uv,
        .address = is_public ? options->address : options->admin_address,
        .port = is_public ? options->port : options->admin_port,
        .joins = self->number > 0,
        .limits = {.connections = options->connections_max},
        .hosts = options->host_count ? options->hosts : NULL,
        .host_count = options->host_count,
        .origins = options->origins,
        .origin_count = options->origin_count,
        .cors_headers = "mcp-param-project",
        .refuse_forwarded = true,
        .handler = is_public ? routes_public : routes_operators,
        .argument = self->routes,
        .access_log = self->access_log,
        .metrics = self->shared->metrics,
        .connections = is_public ? &self->shared->connections : NULL,
    };
    enum status status = http_listener_create(&listener, &self->listeners[port], problem);
    self->open_listeners += status == STATUS_OK;
    return status;
}

static void
write_health(void *argument, struct json_writer *writer)
{
    health_write(argument, writer);
}

static void
furnish(struct gateway_loop *self)
{
    struct gateway_shared *shared = self->shared;
    const struct gateway_options *options = shared->options;
    struct backends_pool_options pool = {.loop = &self->uv, .coalescing = options->coalescing};
    struct health_options health = {.loop = &self->uv,
        .key_file = options->key_file,
        .version = options->version,
        .embedded = options->embedded};
    for (int i = 0; i < BACKEND_COUNT; i++)
        pool.endpoints[i] = health.endpoints[i] = options->endpoints[i];
    self->pool = backends_pool_create(&pool);
    health.pool = self->pool;
    self->health = health_create(&health);
    struct backends *backends = backends_pool_backends(self->pool);
    self->mcp = mcp_create(&(struct mcp_options){
        .backends = backends,
        .session_keys = shared->session_keys,
        .sessions = shared->sessions,
        .metrics = shared->metrics,
        .server_version = options->version,
        .gateway = options->instance,
        .principal = {TEXT("local"), TEXT("default"), ROLE_READER | ROLE_WRITER | ROLE_OPERATOR},
        .call_timeout_ms = options->call_timeout_ms,
        .status = write_health,
        .status_argument = self->health,
    });
    self->routes = routes_create(&(struct routes_options){
        .mcp = self->mcp,
        .health = self->health,
        .backends = backends,
        .metrics = shared->metrics,
        .connections = &shared->connections,
        .sessions = shared->sessions,
        .instance = options->instance,
    });
    if (self->number)
        return;
    self->push = push_create(&self->uv, shared->metrics,
        &(struct telemetry_options){
            .endpoint = options->endpoints[BACKEND_METRICS],
            .program = "mcp_server",
            .instance = options->instance,
            .version = options->version,
        });
    self->performance = performance_create(&(struct performance_options){
        .loop = &self->uv,
        .metrics = shared->metrics,
        .backends = backends,
        .sessions = shared->sessions,
    });
}

enum status
gateway_loop_create(struct gateway_shared *shared, unsigned number, struct gateway_loop **self_p,
    struct problem *problem)
{
    struct gateway_loop *self = memory_new(sizeof *self);
    self->shared = shared;
    self->number = number;
    int failed = uv_loop_init(&self->uv);
    assert(!failed);
    uv_timer_init(&self->uv, &self->tick);
    uv_async_init(&self->uv, &self->wake, on_wake);
    self->tick.data = self->wake.data = self;
    uv_timer_start(&self->tick, on_tick, TICK_MS, TICK_MS);
    furnish(self);
    enum status status = access_log_create(shared->options->access_log,
        shared->options->access_log_per_second, &self->access_log, problem);
    for (int i = 0; i < PORT_COUNT && status == STATUS_OK; i++)
        status = listen_on(self, i, problem);
    if (status == STATUS_OK)
        *self_p = self;
    else
        gateway_loop_destroy(&self);
    return status;
}

static void
on_signal_readable(uv_poll_t *poll, int status, int events)
{
    struct gateway_loop *self = poll->data;
    (void)status;
    (void)events;
    for (int signal; (signal = program_signal(self->signal_fd)) != 0;)
        self->on_signal(self->signal_argument, signal);
}

void
gateway_loop_watch_signals(struct gateway_loop *self, int signal_fd,
    void (*on_signal)(void *argument, int signal), void *argument)
{
    self->signal_fd = signal_fd;
    self->on_signal = on_signal;
    self->signal_argument = argument;
    self->has_signals = true;
    uv_poll_init(&self->uv, &self->signals, signal_fd);
    self->signals.data = self;
    uv_poll_start(&self->signals, UV_READABLE, on_signal_readable);
}

void
gateway_loop_run(struct gateway_loop *self)
{
    uv_run(&self->uv, UV_RUN_DEFAULT);
}

void
gateway_loop_stop(struct gateway_loop *self)
{
    atomic_fetch_add(&self->stops, 1);
    uv_async_send(&self->wake);
}

void
gateway_loop_reopen_logs(struct gateway_loop *self)
{
    atomic_store(&self->reopen, true);
    uv_async_send(&self->wake);
}

/* A loop that never ran (its port was taken) still has handles to close. */
static void
close_unstarted(struct gateway_loop *self)
{
    self->closing = true;
    self->open_listeners++;
    for (int i = 0; i < PORT_COUNT; i++)
        if (self->listeners[i])
            http_listener_close(self->listeners[i], on_listener_closed, self);
    on_listener_closed(self);
    uv_run(&self->uv, UV_RUN_DEFAULT);
}

void
gateway_loop_destroy(struct gateway_loop **self_p)
{
    struct gateway_loop *self = *self_p;
    if (!self)
        return;
    *self_p = NULL;
    if (!self->closing)
        close_unstarted(self);
    int busy_handles = uv_loop_close(&self->uv);
    assert(!busy_handles);
    routes_destroy(&self->routes);
    mcp_destroy(&self->mcp);
    access_log_destroy(&self->access_log);
    free(self);
}
