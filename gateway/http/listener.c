#include "gateway/http/listener.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/base/uuid.h"
#include "common/process/log.h"
#include "gateway/http/connection.h"
#include "gateway/http/socket.h"

/* SWEEP_MS: the shortest time between two looks at all connections. */
enum { BACKLOG = 1024, SWEEP_MS = 250, ACCEPT_WARN_MS = 10000, HEAD_BYTES_MAX = 64 * 1024 };

/* Exchanges that are kept for the next requests; about as many as are answered at one time. */
enum { SPARES_MAX = 64 };

static struct http_limits
with_defaults(struct http_limits limits)
{
    const struct http_limits initial = {.head_bytes = 16384,
        .headers = 64,
        .uri_bytes = 8192,
        .body_bytes = 1048576,
        .connections = 4096,
        .head_ms = 5000,
        .body_ms = 10000,
        .idle_ms = 60000,
        .send_ms = 30000};
#define FILL(field) limits.field = limits.field ? limits.field : initial.field
    FILL(head_bytes);
    FILL(headers);
    FILL(uri_bytes);
    FILL(body_bytes);
    FILL(connections);
    FILL(head_ms);
    FILL(body_ms);
    FILL(idle_ms);
    FILL(send_ms);
#undef FILL
    if (limits.head_bytes > HEAD_BYTES_MAX)
        limits.head_bytes = HEAD_BYTES_MAX;
    return limits;
}

/* Looks at every connection whose deadline has passed, and sleeps until the next one. */
static void
on_timer(uv_timer_t *timer)
{
    struct http_listener *self = timer->data;
    uint64_t now_ms = uv_now(timer->loop);
    uint64_t next_ms = UINT64_MAX;
    self->wake_ms = 0; /* New deadlines are seen below and need not set the timer each. */
    for (struct http_connection *each = self->first; each; each = each->next) {
        if (each->deadline_ms <= now_ms)
            http_connection_on_deadline(each, now_ms);
        if (each->deadline_ms < next_ms)
            next_ms = each->deadline_ms;
    }
    self->wake_ms = UINT64_MAX;
    if (next_ms != UINT64_MAX)
        http_listener_wake(self, next_ms > now_ms + SWEEP_MS ? next_ms : now_ms + SWEEP_MS);
}

void
http_listener_wake(struct http_listener *self, uint64_t deadline_ms)
{
    if (deadline_ms >= self->wake_ms || self->is_closing)
        return;
    uint64_t now_ms = uv_now(self->timer.loop);
    self->wake_ms = deadline_ms;
    uv_timer_start(&self->timer, on_timer, deadline_ms > now_ms ? deadline_ms - now_ms : 0, 0);
}

struct http_exchange *
http_listener_lend(struct http_listener *self)
{
    struct http_exchange *exchange = self->spares;
    if (!exchange)
        return http_exchange_create();
    self->spares = exchange->next_spare;
    self->spare_count--;
    return exchange;
}

void
http_listener_take_back(struct http_listener *self, struct http_exchange *exchange)
{
    if (self->spare_count == SPARES_MAX) {
        http_exchange_destroy(&exchange);
        return;
    }
    exchange->connection = NULL;
    buffer_clear(&exchange->input);
    buffer_clear(&exchange->ahead);
    http_exchange_reset(exchange);
    exchange->next_spare = self->spares;
    self->spares = exchange;
    self->spare_count++;
}

static void
end_if_over(struct http_listener *self)
{
    if (!self->is_closing || self->open_handles || self->first)
        return;
    void (*on_closed)(void *argument) = self->on_closed;
    void *argument = self->closed_argument;
    while (self->spares) {
        struct http_exchange *exchange = http_listener_lend(self);
        http_exchange_destroy(&exchange);
    }
    http_guard_destroy(&self->guard);
    free(self->cors_headers);
    free(self);
    if (on_closed)
        on_closed(argument);
}

void
http_listener_forget(struct http_listener *self, struct http_connection *connection)
{
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        self->first = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    if (!self->first && !self->is_closing) {
        self->wake_ms = UINT64_MAX;
        uv_timer_stop(&self->timer);
    }
    end_if_over(self);
}

void
http_listener_request_id(struct http_listener *self, char out[REQUEST_ID_LENGTH])
{
    static const char digits[] = "0123456789abcdef";
    /* SplitMix64: a permutation, so that no two numbers give one id. */
    uint64_t id = self->request_seed + ++self->request_count * 0x9E3779B97F4A7C15u;
    id = (id ^ (id >> 30)) * 0xBF58476D1CE4E5B9u;
    id = (id ^ (id >> 27)) * 0x94D049BB133111EBu;
    id ^= id >> 31;
    for (int i = REQUEST_ID_LENGTH - 1; i >= 0; i--) {
        out[i] = digits[id & 15];
        id >>= 4;
    }
}

static void
on_connection(uv_stream_t *stream, int status)
{
    struct http_listener *self = stream->data;
    if (status == 0) {
        http_connection_accept(self);
        return;
    }
    /* libuv has a spare descriptor for EMFILE and turns away what it cannot accept. */
    http_instruments_refused(&self->instruments, REFUSED_CONNECTIONS);
    uint64_t now_ms = uv_now(stream->loop);
    if (now_ms - self->accept_warned_ms >= ACCEPT_WARN_MS) {
        self->accept_warned_ms = now_ms;
        log_warn("Connections cannot be accepted reason=%s", uv_strerror(status));
    }
}

static struct http_listener *
create(const struct http_listener_options *options)
{
    struct http_listener *self = memory_new(sizeof *self);
    self->limits = with_defaults(options->limits);
    self->head_limits = (struct http_head_limits){.head_bytes = self->limits.head_bytes,
        .headers = self->limits.headers,
        .uri_bytes = self->limits.uri_bytes,
        .body_bytes = self->limits.body_bytes};
    self->guard = http_guard_create(
        options->hosts, options->host_count, options->origins, options->origin_count);
    self->refuse_forwarded = options->refuse_forwarded;
    if (options->cors_headers)
        self->cors_headers = text_copy(text_of(options->cors_headers));
    self->handler = options->handler;
    self->argument = options->argument;
    self->access_log = options->access_log;
    http_instruments_init(&self->instruments, options->metrics);
    self->connections = options->connections;
    self->wake_ms = UINT64_MAX;
    uuid_random(&self->request_seed, sizeof self->request_seed);
    uv_tcp_init(options->loop, &self->tcp);
    uv_timer_init(options->loop, &self->timer);
    self->open_handles = 2;
    self->tcp.data = self->timer.data = self;
    return self;
}

enum status
http_listener_create(const struct http_listener_options *options, struct http_listener **self_p,
    struct problem *problem)
{
    int fd;
    enum status status =
        http_socket_open(options->address, options->port, options->joins, &fd, problem);
    if (status)
        return status;
    struct http_listener *self = create(options);
    int error = uv_tcp_open(&self->tcp, fd);
    if (error)
        close(fd);
    else
        error = uv_listen((uv_stream_t *)&self->tcp, BACKLOG, on_connection);
    if (error) {
        problem_set(problem, "cannot listen on %s port %u: %s", options->address, options->port,
            uv_strerror(error));
        http_listener_close(self, NULL, NULL);
        return STATUS_UNAVAILABLE;
    }
    *self_p = self;
    return STATUS_OK;
}

uint16_t
http_listener_port(const struct http_listener *self)
{
    struct sockaddr_storage address;
    int length = sizeof address;
    int error = uv_tcp_getsockname(&self->tcp, (struct sockaddr *)&address, &length);
    assert(!error);
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

void
http_listener_drain(struct http_listener *self)
{
    self->is_draining = true;
    for (struct http_connection *each = self->first; each; each = each->next)
        if (http_connection_is_idle(each))
            http_connection_close(each);
}

static void
on_handle_closed(uv_handle_t *handle)
{
    struct http_listener *self = handle->data;
    self->open_handles--;
    end_if_over(self);
}

unsigned
http_listener_open_count(const struct http_listener *self)
{
    return self->open;
}

void
http_listener_close(struct http_listener *self, void (*on_closed)(void *argument), void *argument)
{
    self->is_closing = true;
    self->on_closed = on_closed;
    self->closed_argument = argument;
    uv_close((uv_handle_t *)&self->tcp, on_handle_closed);
    uv_close((uv_handle_t *)&self->timer, on_handle_closed);
    for (struct http_connection *each = self->first; each; each = each->next)
        http_connection_close(each);
}
