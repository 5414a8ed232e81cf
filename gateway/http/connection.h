/* http_connection: one client's connection, from accept to close; private to this room.
 *
 * The files, in the order of a request: connection.c reads bytes and minds deadlines, intake.c
 * makes an exchange of them, the handler answers, delivery.c sends, and the next request begins.
 */
#pragma once

#include <netinet/in.h>

#include "gateway/http/listener_state.h"

enum http_connection_state {
    READING_HEAD, /* idle while no byte of a head has come */
    READING_BODY,
    ANSWERING, /* the handler has the exchange */
    SENDING,
    LINGERING, /* answered for the last time; reads on, so that the answer is not lost by a reset */
    CLOSED,
};

struct http_connection {
    uv_tcp_t tcp;
    struct http_listener *listener;
    struct http_connection *previous, *next;
    enum http_connection_state state;
    bool is_over_limit; /* one connection too many: only a probe is answered */
    bool is_advancing;  /* http_connection_advance is on the stack */
    bool is_answering;  /* the handler has the exchange, also when the connection is closed */
    bool has_ended;     /* the client sends no more */
    bool is_freeable;   /* libuv has let go of the handle */
    uint64_t deadline_ms;
    unsigned requests;      /* answered */
    size_t lingering_bytes; /* thrown away */
    size_t queued_bytes;    /* what waited to be sent when progress was last seen */
    uint64_t progress_ms;
    struct http_exchange *exchange; /* borrowed from the listener; NULL while idle */
    char address[INET6_ADDRSTRLEN];
};

/* connection.c */
void http_connection_accept(struct http_listener *listener);
/* Borrows an exchange when there is none yet. */
void http_connection_begin(struct http_connection *self);
/* Gives it back. */
void http_connection_rest(struct http_connection *self);
void http_connection_set_deadline(struct http_connection *self, uint64_t deadline_ms);
/* The deadline that was set has passed. */
void http_connection_on_deadline(struct http_connection *self, uint64_t now_ms);
bool http_connection_is_idle(const struct http_connection *self);
/* Ends it at once; a pending exchange sees on_gone. */
void http_connection_close(struct http_connection *self);
/* Frees it when neither libuv nor a handler holds it any more. */
void http_connection_free_if_over(struct http_connection *self);

/* intake.c: goes as far as the bytes allow. */
void http_connection_advance(struct http_connection *self);

/* delivery.c: sends exchange->answer_head and exchange->out. */
void http_connection_send(struct http_connection *self);
void http_connection_refuse(struct http_connection *self, const struct http_refusal *refusal);
