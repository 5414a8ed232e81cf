/* http_answer: what the bytes of an answer's head are, and what an error says. */
#pragma once

#include "gateway/http/exchange_state.h"

/* Writes the head into exchange->answer_head: status line, the usual headers, the added ones, the
 * empty line. content_type may be NULL. */
void http_answer_head(struct http_exchange *exchange, const char *content_type);

/* Writes {"error":{"code":…,"message":…}} into `out`. */
void http_answer_error(struct buffer *out, int http_status, struct text message);

/* True when an answer of this status has no body and tells no length. */
bool http_answer_is_bare(int http_status);

/* The answer to a browser's question whether it may ask: the headers, for a 204. */
void http_answer_preflight(struct http_exchange *exchange, const char *more_headers);
