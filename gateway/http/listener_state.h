/* What connections know of their listener; private to this room. */
#pragma once

#include "gateway/http/access_log.h"
#include "gateway/http/guard.h"
#include "gateway/http/head_check.h"
#include "gateway/http/instruments.h"
#include "gateway/http/listener.h"

/* One read takes at most this much. */
enum { HTTP_READ_BYTES = 64 * 1024 };

struct http_listener {
    uv_tcp_t tcp;
    uv_timer_t timer;
    struct http_limits limits; /* with their defaults filled in */
    struct http_head_limits head_limits;
    struct http_guard *guard;
    bool refuse_forwarded;
    bool is_draining;
    char *cors_headers; /* may be NULL */
    http_handler *handler;
    void *argument;
    struct access_log *access_log; /* may be NULL */
    struct http_instruments instruments;
    atomic_long *connections; /* may be NULL */
    struct http_connection *first;
    struct http_exchange *spares;
    unsigned spare_count;
    unsigned open;    /* connections that are not closed */
    uint64_t wake_ms; /* when the timer fires; UINT64_MAX: never */
    uint64_t accept_warned_ms;
    uint64_t request_seed;
    uint64_t request_count;
    bool is_closing;
    unsigned open_handles; /* of our own that libuv still holds */
    void (*on_closed)(void *argument);
    void *closed_argument;
    char scratch[HTTP_READ_BYTES];
};

/* Sees to it that the connections are looked at no later than at `deadline_ms`. */
void http_listener_wake(struct http_listener *self, uint64_t deadline_ms);

/* An exchange for a connection, until it is taken back. */
struct http_exchange *http_listener_lend(struct http_listener *self);
void http_listener_take_back(struct http_listener *self, struct http_exchange *exchange);

/* A connection's memory is about to go. */
void http_listener_forget(struct http_listener *self, struct http_connection *connection);

/* 16 hexadecimal digits that this listener gives only once. */
void http_listener_request_id(struct http_listener *self, char out[REQUEST_ID_LENGTH]);
