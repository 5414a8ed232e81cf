/* http_exchange: one HTTP request and the answer to it.
 *
 * Made by the connection when a request is whole (head checked, body read), handed to the
 * listener's handler, and gone once the answer is sent. The handler answers at once or later,
 * exactly once, in the loop's thread. All texts are borrowed until then. Memory of the request's
 * own comes from http_exchange_arena and ends with it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/buffer.h"
#include "common/base/status.h"
#include "common/base/text.h"

struct http_exchange;

enum http_method {
    METHOD_GET,
    METHOD_HEAD,
    METHOD_POST,
    METHOD_DELETE,
    METHOD_OPTIONS,
    METHOD_PUT,
    METHOD_PATCH
};

/* Called once per request. */
typedef void http_handler(void *argument, struct http_exchange *exchange);

enum http_method http_exchange_method(const struct http_exchange *self);
struct text http_exchange_path(const struct http_exchange *self);  /* "/mcp", still %-encoded */
struct text http_exchange_query(const struct http_exchange *self); /* after '?', or empty */
struct text http_exchange_body(const struct http_exchange *self);
/* The value of a header, OWS trimmed; name in lower case. Empty text with data NULL: absent;
 * several lines of one name are refused by the head check for the headers that we act on. */
struct text http_exchange_header(const struct http_exchange *self, const char *name);
/* Calls visit for every header whose lower-case name starts with prefix ("mcp-param-"). */
void http_exchange_headers(const struct http_exchange *self, const char *prefix,
    void (*visit)(void *argument, struct text name, struct text value), void *argument);
struct text http_exchange_client_address(const struct http_exchange *self);
struct arena *http_exchange_arena(struct http_exchange *self);
/* "7f3a…", 16 hexadecimal digits: made here, in the access log, in every hop's log lines. */
struct text http_exchange_request_id(const struct http_exchange *self);
int64_t http_exchange_started_us(const struct http_exchange *self); /* clock_monotonic_us */

/* For the access log: who it was, which session, how authentication ended ("OK", "FAILED",
 * "UNAUTHORIZED", "FORBIDDEN"; NULL: nothing was asked). Texts are copied. */
void http_exchange_set_principal(struct http_exchange *self, struct text principal);
void http_exchange_set_session(struct http_exchange *self, struct text session);
void http_exchange_set_auth(struct http_exchange *self, const char *static_word);
void http_exchange_set_trace(struct http_exchange *self, struct text traceparent);

/* Called when the client went away before the answer: FIN or RST. The exchange stays valid and must
 * still be answered (the answer goes nowhere). half_closed: only the sending side ended, so an
 * answer may still be read. Called at most once, and before this returns when the client is gone
 * already. NULL takes the callback off. */
void http_exchange_on_gone(
    struct http_exchange *self, void (*on_gone)(void *argument, bool half_closed), void *argument);

/* Before the answer: one more header line. Values must hold no CR or LF (asserted). */
void http_exchange_add_header(struct http_exchange *self, const char *name, struct text value);

/* Where a handler writes the body that http_exchange_send sends. */
struct buffer *http_exchange_out(struct http_exchange *self);
/* Answers with the body collected in http_exchange_out and ends the exchange. content_type may be
 * NULL when there is no body. Cache-Control: no-store is added unless a header set it. */
void http_exchange_send(struct http_exchange *self, int http_status, const char *content_type);
/* The same with {"error":{"code":…,"message":…}} made from words; for plain HTTP routes. */
void http_exchange_fail(struct http_exchange *self, int http_status, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* HTTP status for a status of the house (reliability's table); the one place that knows it. */
int http_status_of(enum status status);
