#include <assert.h>

#include "common/base/clock.h"
#include "gateway/http/answer.h"
#include "gateway/http/connection.h"
#include "gateway/http/request.h"

/* How long a connection over the limit may take to show that it is a probe. */
enum { RESERVE_MS = 1000 };

static const struct http_refusal refusal_forwarded = {403, REFUSED_FORWARDED,
    "This listener takes no requests that came through a proxy; connect to it directly, or set up "
    "tokens and a trusted proxy."};
static const struct http_refusal refusal_host = {403, REFUSED_HOST,
    "The Host header names no host of this server; use localhost, or add the name to the allowed "
    "hosts."};
static const struct http_refusal refusal_origin = {403, REFUSED_ORIGIN,
    "Web pages of this origin may not ask this server; add it to the allowed origins."};
static const struct http_refusal refusal_two_ways = {
    400, REFUSED_REQUEST_LINE, "The head of the request is malformed."};

/* GET, HEAD and OPTIONS of /livez and /readyz are for balancers, which call us by any name. */
static bool
is_probe(const struct http_head *head, struct text target)
{
    const char *mark = memchr(target.data, '?', target.length);
    struct text path = text_from(target.data, mark ? (size_t)(mark - target.data) : target.length);
    bool is_safe =
        head->method == METHOD_GET || head->method == METHOD_HEAD || head->method == METHOD_OPTIONS;
    return is_safe && (text_is(path, "/livez") || text_is(path, "/readyz"));
}

/* What is wrong with whom the request came from or to whom it goes; NULL when nothing is. */
static const struct http_refusal *
check_parties(const struct http_connection *self)
{
    const struct http_listener *listener = self->listener;
    const struct http_head *head = &self->exchange->request_head;
    struct text bytes = buffer_text(&self->exchange->input);
    struct text host = http_head_text(head->host, bytes);
    struct text origin = http_head_text(head->origin, bytes);
    bool is_for_balancers = is_probe(head, http_head_text(head->target, bytes));
    if (self->is_over_limit && !is_for_balancers)
        return &http_refusal_connections;
    if (head->is_forwarded && listener->refuse_forwarded && !is_for_balancers)
        return &refusal_forwarded;
    if (!is_for_balancers && !http_guard_host_is_allowed(listener->guard, host))
        return &refusal_host;
    if (origin.data && !http_guard_origin_is_allowed(listener->guard, origin))
        return &refusal_origin;
    return NULL;
}

/* Answers a browser that asks whether its page may ask. */
static bool
answer_preflight(struct http_connection *self)
{
    struct http_exchange *exchange = self->exchange;
    if (exchange->method != METHOD_OPTIONS || !exchange->origin.length ||
        !http_exchange_header(exchange, "access-control-request-method").data)
        return false;
    http_answer_preflight(exchange, self->listener->cors_headers);
    http_exchange_send(exchange, 204, NULL);
    return true;
}

/* The request is whole: the handler's turn. */
static void
dispatch(struct http_connection *self)
{
    struct http_listener *listener = self->listener;
    struct http_exchange *exchange = self->exchange;
    const struct http_head *head = &exchange->request_head;
    if (!http_request_parse(exchange, head, exchange->input.data)) {
        http_connection_refuse(self, &refusal_two_ways);
        return;
    }
    unsigned most = listener->limits.requests;
    if (self->is_over_limit || (most && self->requests + 1 >= most))
        exchange->keeps_alive = false;
    exchange->started_us = clock_monotonic_us();
    exchange->body = text_from(exchange->input.data + head->length, (size_t)head->content_length);
    exchange->origin = http_exchange_header(exchange, "origin");
    http_listener_request_id(listener, exchange->request_id);
    http_connection_set_deadline(self, UINT64_MAX);
    self->state = ANSWERING;
    self->is_answering = true;
    if (!answer_preflight(self))
        listener->handler(listener->argument, exchange);
}

/* An interim answer; a client that cannot take 25 bytes now is not worth waiting for. */
static bool
invite_body(struct http_connection *self)
{
    struct text words = TEXT("HTTP/1.1 100 Continue\r\n\r\n");
    uv_buf_t part = {.base = (char *)words.data, .len = words.length};
    return uv_try_write((uv_stream_t *)&self->tcp, &part, 1) == (int)words.length;
}

static bool
begin_body(struct http_connection *self)
{
    const struct http_refusal *refusal = check_parties(self);
    if (refusal) {
        http_connection_refuse(self, refusal);
        return false;
    }
    struct http_exchange *exchange = self->exchange;
    const struct http_head *head = &exchange->request_head;
    size_t body = (size_t)head->content_length;
    exchange->request_length = head->length + body;
    self->state = READING_BODY;
    if (exchange->input.length >= exchange->request_length)
        return true;
    bool waits = head->expects_continue && exchange->input.length == head->length;
    if (waits && !invite_body(self)) {
        http_connection_close(self);
        return false;
    }
    http_connection_set_deadline(
        self, uv_now(self->tcp.loop) + self->listener->limits.body_ms + body / 1024);
    return false;
}

/* Sets the deadline of an idle connection, or of a head that comes slowly. */
static void
wait_for_head(struct http_connection *self)
{
    const struct http_limits *limits = &self->listener->limits;
    uint64_t now_ms = uv_now(self->tcp.loop);
    if (self->is_over_limit && self->deadline_ms == UINT64_MAX)
        http_connection_set_deadline(self, now_ms + RESERVE_MS);
    else if (!self->is_over_limit && !self->exchange)
        http_connection_set_deadline(self, now_ms + limits->idle_ms);
    else if (!self->is_over_limit && !self->exchange->has_begun)
        http_connection_set_deadline(self, now_ms + limits->head_ms);
    if (self->exchange)
        self->exchange->has_begun = true;
}

/* True when the next step can be taken at once. */
static bool
take_head(struct http_connection *self)
{
    if (!self->exchange) {
        wait_for_head(self);
        return false;
    }
    struct http_exchange *exchange = self->exchange;
    switch (http_head_feed(
        &exchange->request_head, &self->listener->head_limits, buffer_text(&exchange->input))) {
    case HEAD_WHOLE: return begin_body(self);
    case HEAD_REFUSED: http_connection_refuse(self, &exchange->request_head.refusal); return false;
    case HEAD_PARTIAL: wait_for_head(self); return false;
    }
    return false;
}

static bool
take_body(struct http_connection *self)
{
    if (self->exchange->input.length < self->exchange->request_length)
        return false;
    dispatch(self);
    return self->state == READING_HEAD;
}

void
http_connection_advance(struct http_connection *self)
{
    if (self->is_advancing)
        return;
    self->is_advancing = true;
    bool goes_on = true;
    while (goes_on)
        goes_on = self->state == READING_HEAD   ? take_head(self)
                  : self->state == READING_BODY ? take_body(self)
                                                : false;
    self->is_advancing = false;
    if (self->has_ended && (self->state == READING_HEAD || self->state == READING_BODY))
        http_connection_close(self);
}
