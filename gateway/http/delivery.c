#include <assert.h>
#include <sys/socket.h>

#include "common/base/clock.h"
#include "gateway/http/answer.h"
#include "gateway/http/connection.h"

enum { LINGER_MS = 5000, CLIENT_CLOSED_REQUEST = 499 };

static void
record(struct http_connection *self)
{
    struct http_exchange *exchange = self->exchange;
    struct http_listener *listener = self->listener;
    int64_t took_us = clock_monotonic_us() - exchange->started_us;
    if (self->state == CLOSED)
        exchange->http_status = CLIENT_CLOSED_REQUEST;
    if (self->is_answering)
        http_instruments_request(
            &listener->instruments, exchange->method, exchange->http_status, took_us);
    if (!listener->access_log)
        return;
    bool has_line = exchange->request_head.has_request_line;
    struct access_log_line line = {
        .address = text_of(self->address),
        .principal = exchange->principal,
        .method = has_line ? text_of(http_method_name(exchange->method)) : (struct text){0},
        .path = exchange->path,
        .user_agent = http_exchange_header(exchange, "user-agent"),
        .session = exchange->session,
        .request_id = http_exchange_request_id(exchange),
        .trace = exchange->trace,
        .version_minor = exchange->version_minor,
        .http_status = exchange->http_status,
        .bytes = exchange->sent_bytes,
        .took_us = took_us,
        .auth = exchange->auth,
    };
    access_log_add(listener->access_log, &line);
}

/* Without its query, which may hold what no log should. */
static struct text
path_of(struct text target)
{
    const char *mark = target.length ? memchr(target.data, '?', target.length) : NULL;
    return mark ? text_from(target.data, (size_t)(mark - target.data)) : target;
}

/* The exchange is over, sent or not. It stays when the next request has begun to come. */
static void
end_exchange(struct http_connection *self)
{
    struct http_exchange *exchange = self->exchange;
    record(self);
    self->is_answering = false;
    self->requests++;
    buffer_drop(&exchange->input, exchange->request_length);
    buffer_add_text(&exchange->input, buffer_text(&exchange->ahead));
    buffer_release(&exchange->ahead);
    if (exchange->input.length)
        http_exchange_reset(exchange);
    else
        http_connection_rest(self);
}

/* Ends our side and reads on until the client has ended its own, because closing with bytes unread
 * would send a reset, and a reset can overtake the answer. */
static void
linger(struct http_connection *self)
{
    uv_os_fd_t fd;
    if (self->has_ended || uv_fileno((uv_handle_t *)&self->tcp, &fd) != 0 ||
        shutdown(fd, SHUT_WR) != 0) {
        http_connection_close(self);
        return;
    }
    self->state = LINGERING;
    http_connection_rest(self);
    http_connection_set_deadline(self, uv_now(self->tcp.loop) + LINGER_MS);
}

static void
delivered(struct http_connection *self)
{
    bool keeps_alive = self->exchange->keeps_alive;
    end_exchange(self);
    if (!keeps_alive) {
        linger(self);
        return;
    }
    self->state = READING_HEAD;
    http_connection_advance(self);
}

static void
on_written(uv_write_t *request, int status)
{
    struct http_connection *self = request->data;
    if (status == 0 && self->state == SENDING) {
        delivered(self);
        return;
    }
    http_connection_close(self);
    end_exchange(self);
}

/* The rest goes when the client takes it. */
static void
send_later(struct http_connection *self, uv_buf_t *parts, unsigned count, size_t sent)
{
    while (count && sent >= parts->len) {
        sent -= parts->len;
        parts++;
        count--;
    }
    parts->base += sent;
    parts->len -= sent;
    self->state = SENDING;
    self->exchange->write.data = self;
    if (uv_write(&self->exchange->write, (uv_stream_t *)&self->tcp, parts, count, on_written) !=
        0) {
        http_connection_close(self);
        end_exchange(self);
        return;
    }
    uint64_t now_ms = uv_now(self->tcp.loop);
    self->queued_bytes = uv_stream_get_write_queue_size((uv_stream_t *)&self->tcp);
    self->progress_ms = now_ms;
    http_connection_set_deadline(self, now_ms + self->listener->limits.send_ms / 4);
}

void
http_connection_send(struct http_connection *self)
{
    struct http_exchange *exchange = self->exchange;
    bool has_body = exchange->method != METHOD_HEAD && !http_answer_is_bare(exchange->http_status);
    exchange->sent_bytes = has_body ? exchange->out.length : 0;
    if (self->state == CLOSED) {
        exchange->sent_bytes = 0;
        end_exchange(self);
        http_connection_free_if_over(self);
        return;
    }
    uv_buf_t parts[] = {{.base = exchange->answer_head.data, .len = exchange->answer_head.length},
        {.base = exchange->out.data, .len = exchange->sent_bytes}};
    unsigned count = exchange->sent_bytes ? 2 : 1;
    int sent = uv_try_write((uv_stream_t *)&self->tcp, parts, count);
    if (sent >= 0 && (size_t)sent == parts[0].len + exchange->sent_bytes) {
        delivered(self);
    } else if (sent >= 0 || sent == UV_EAGAIN) {
        send_later(self, parts, count, sent > 0 ? (size_t)sent : 0);
    } else {
        http_connection_close(self);
        end_exchange(self);
    }
}

void
http_connection_refuse(struct http_connection *self, const struct http_refusal *refusal)
{
    http_connection_begin(self);
    struct http_exchange *exchange = self->exchange;
    http_instruments_refused(&self->listener->instruments, refusal->reason);
    exchange->started_us = clock_monotonic_us();
    exchange->http_status = refusal->http_status;
    exchange->keeps_alive = false;
    exchange->method = exchange->request_head.method;
    exchange->version_minor = exchange->request_head.version_minor;
    exchange->path =
        path_of(http_head_text(exchange->request_head.target, buffer_text(&exchange->input)));
    exchange->request_length = 0;
    http_listener_request_id(self->listener, exchange->request_id);
    if (refusal->http_status == 405)
        http_exchange_add_header(exchange, "Allow", TEXT("GET, HEAD, POST, DELETE, OPTIONS"));
    if (refusal->http_status == 503)
        http_exchange_add_header(exchange, "Retry-After", TEXT("1"));
    buffer_clear(&exchange->out);
    http_answer_error(&exchange->out, refusal->http_status, text_of(refusal->message));
    http_answer_head(exchange, "application/json");
    http_connection_send(self);
}
