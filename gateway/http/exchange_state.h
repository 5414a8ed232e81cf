/* What a connection, the answer and the exchange itself know of an exchange; private to this room.
 *
 * A connection embeds one and uses it for one request after another, so that a warm connection
 * allocates nothing for a request.
 */
#pragma once

#include "gateway/http/exchange.h"
#include "gateway/http/parse.h"

struct http_connection;

enum { REQUEST_ID_LENGTH = 16 };

struct http_exchange {
    struct http_connection *connection;
    /* The request; texts point into the connection's input. */
    enum http_method method;
    int version_minor;
    bool keeps_alive;
    struct text path, query, body;
    struct text origin;        /* an allowed one, for the answer's CORS headers */
    struct http_field *fields; /* names in lower case */
    unsigned field_count;
    char request_id[REQUEST_ID_LENGTH];
    int64_t started_us;
    /* What the handler tells. */
    struct text principal, session, trace;
    const char *auth;
    void (*on_gone)(void *argument, bool half_closed);
    void *gone_argument;
    /* The answer. */
    int http_status;
    bool has_cache_control;
    struct buffer added; /* header lines of the handler */
    struct buffer head;
    struct buffer out;
    struct arena arena;
};

/* Ready for the next request; keeps the memory. */
void http_exchange_reset(struct http_exchange *self);
void http_exchange_release(struct http_exchange *self);

/* Tells the handler once that its client is gone. */
void http_exchange_tell_gone(struct http_exchange *self, bool half_closed);

const char *http_method_name(enum http_method method);
