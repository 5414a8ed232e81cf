/* What this room knows of an exchange, and the rooms behind it do not.
 *
 * A connection borrows one from its listener with a request's first byte and gives it back when
 * nothing is left to answer: idle connections have none, and busy ones share few, whose memory is
 * warm.
 */
#pragma once

#include <uv.h>

#include "gateway/http/exchange.h"
#include "gateway/http/head_check.h"
#include "gateway/http/parse.h"

struct http_connection;

enum { REQUEST_ID_LENGTH = 16 };

struct http_exchange {
    struct http_exchange *next_spare;
    struct http_connection *connection;
    /* What came. */
    struct buffer input; /* the request, and what came behind it in the same read */
    struct buffer ahead; /* what came while the request was answered */
    struct http_head request_head;
    bool has_begun;        /* the deadline of its head is set */
    size_t request_length; /* of head and body */
    /* The request; texts point into the input. */
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
    struct buffer answer_head;
    struct buffer out;
    struct arena arena;
    uv_write_t write;
    size_t sent_bytes; /* of the body, for the log */
};

struct http_exchange *http_exchange_create(void);
void http_exchange_destroy(struct http_exchange **self_p);
/* Ready for the next request, which may have begun in the input; keeps memory that is not large. */
void http_exchange_reset(struct http_exchange *self);

/* Tells the handler once that its client is gone. */
void http_exchange_tell_gone(struct http_exchange *self, bool half_closed);

const char *http_method_name(enum http_method method);
