#include "gateway/http/connection.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "common/base/memory.h"

enum {
    PIPELINE_BYTES = 64 * 1024,      /* what may wait behind the request that is answered */
    LINGER_BYTES = 16 * 1024 * 1024, /* what is thrown away at most */
    RESERVE = 64,                    /* connections over the limit, for probes */
};

static const struct http_refusal refusal_slow_head = {
    408, REFUSED_SLOW_HEAD, "The head of the request came too slowly."};
static const struct http_refusal refusal_slow_body = {
    408, REFUSED_SLOW_BODY, "The body of the request came too slowly."};
bool
http_connection_is_idle(const struct http_connection *self)
{
    return self->state == READING_HEAD && !self->exchange;
}

void
http_connection_begin(struct http_connection *self)
{
    if (self->exchange)
        return;
    self->exchange = http_listener_lend(self->listener);
    self->exchange->connection = self;
}

void
http_connection_rest(struct http_connection *self)
{
    if (self->exchange)
        http_listener_take_back(self->listener, TAKE(self->exchange));
}

void
http_connection_set_deadline(struct http_connection *self, uint64_t deadline_ms)
{
    self->deadline_ms = deadline_ms;
    http_listener_wake(self->listener, deadline_ms);
}

void
http_connection_free_if_over(struct http_connection *self)
{
    if (!self->is_freeable || self->is_answering)
        return;
    http_connection_rest(self);
    http_listener_forget(self->listener, self);
    free(self);
}

static void
on_closed(uv_handle_t *handle)
{
    struct http_connection *self = handle->data;
    self->is_freeable = true;
    http_connection_free_if_over(self);
}

void
http_connection_close(struct http_connection *self)
{
    if (self->state == CLOSED)
        return;
    self->state = CLOSED;
    self->deadline_ms = UINT64_MAX;
    self->listener->open--;
    if (self->listener->connections)
        atomic_fetch_sub_explicit(self->listener->connections, 1, memory_order_relaxed);
    uv_close((uv_handle_t *)&self->tcp, on_closed);
    if (self->is_answering)
        http_exchange_tell_gone(self->exchange, false);
}

/* A slow reader may take its time as long as it takes something. */
static void
check_progress(struct http_connection *self, uint64_t now_ms)
{
    uint64_t send_ms = self->listener->limits.send_ms;
    size_t queued = uv_stream_get_write_queue_size((uv_stream_t *)&self->tcp);
    if (queued < self->queued_bytes) {
        self->queued_bytes = queued;
        self->progress_ms = now_ms;
    }
    if (now_ms - self->progress_ms >= send_ms) {
        http_instruments_refused(&self->listener->instruments, REFUSED_SLOW_READER);
        http_connection_close(self);
        return;
    }
    http_connection_set_deadline(self, now_ms + send_ms / 4 + 1);
}

void
http_connection_on_deadline(struct http_connection *self, uint64_t now_ms)
{
    self->deadline_ms = UINT64_MAX;
    if (self->state == READING_HEAD && self->is_over_limit)
        http_connection_refuse(self, &http_refusal_connections);
    else if (http_connection_is_idle(self) || self->state == LINGERING)
        http_connection_close(self);
    else if (self->state == READING_HEAD)
        http_connection_refuse(self, &refusal_slow_head);
    else if (self->state == READING_BODY)
        http_connection_refuse(self, &refusal_slow_body);
    else if (self->state == SENDING)
        check_progress(self, now_ms);
}

static void
on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    struct http_connection *self = handle->data;
    buffer->base = self->listener->scratch;
    buffer->len = sizeof self->listener->scratch;
}

/* The client sends no more; it may still read. */
static void
on_end(struct http_connection *self)
{
    self->has_ended = true;
    if (self->state == ANSWERING)
        http_exchange_tell_gone(self->exchange, true);
    else if (self->state == LINGERING)
        http_connection_close(self);
    else
        http_connection_advance(self);
}

static void
take_bytes(struct http_connection *self, struct text bytes)
{
    switch (self->state) {
    case READING_HEAD:
    case READING_BODY:
        http_connection_begin(self);
        buffer_add_text(&self->exchange->input, bytes);
        http_connection_advance(self);
        break;
    case ANSWERING:
    case SENDING:
        if (self->exchange->ahead.length + bytes.length > PIPELINE_BYTES) {
            http_instruments_refused(&self->listener->instruments, REFUSED_PIPELINE);
            http_connection_close(self);
            break;
        }
        buffer_add_text(&self->exchange->ahead, bytes);
        break;
    case LINGERING:
        self->lingering_bytes += bytes.length;
        if (self->lingering_bytes > LINGER_BYTES)
            http_connection_close(self);
        break;
    case CLOSED: break;
    }
}

static void
on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct http_connection *self = stream->data;
    if (count > 0)
        take_bytes(self, text_from(buffer->base, (size_t)count));
    else if (count == UV_EOF)
        on_end(self);
    else if (count < 0)
        http_connection_close(self);
}

static bool
read_address(struct http_connection *self)
{
    struct sockaddr_storage peer;
    int length = sizeof peer;
    if (uv_tcp_getpeername(&self->tcp, (struct sockaddr *)&peer, &length) != 0)
        return false;
    const void *address = peer.ss_family == AF_INET6
                              ? (const void *)&((struct sockaddr_in6 *)&peer)->sin6_addr
                              : (const void *)&((struct sockaddr_in *)&peer)->sin_addr;
    return inet_ntop(peer.ss_family, address, self->address, sizeof self->address) != NULL;
}

static struct http_connection *
create(struct http_listener *listener)
{
    struct http_connection *self = memory_new(sizeof *self);
    uv_tcp_init(listener->tcp.loop, &self->tcp);
    self->tcp.data = self;
    self->listener = listener;
    self->deadline_ms = UINT64_MAX;
    self->next = listener->first;
    if (self->next)
        self->next->previous = self;
    listener->first = self;
    listener->open++;
    if (listener->connections)
        atomic_fetch_add_explicit(listener->connections, 1, memory_order_relaxed);
    return self;
}

void
http_connection_accept(struct http_listener *listener)
{
    struct http_connection *self = create(listener);
    unsigned most = listener->limits.connections;
    self->is_over_limit = listener->open > most;
    if (uv_accept((uv_stream_t *)&listener->tcp, (uv_stream_t *)&self->tcp) != 0 ||
        !read_address(self) || listener->open > most + RESERVE ||
        uv_read_start((uv_stream_t *)&self->tcp, on_alloc, on_read) != 0) {
        http_instruments_refused(&listener->instruments, REFUSED_CONNECTIONS);
        http_connection_close(self);
        return;
    }
    http_connection_advance(self);
}
