/* http_head: is this the head of a request that we take?
 *
 * A pure check over the bytes that have come so far. It runs before the HTTP parser, which is more
 * lenient than a server behind a balancer may be: what two readers can read in two ways is refused
 * here, so that no second request can be smuggled inside a first. Names are tokens, lines end in
 * CRLF and are not folded, Transfer-Encoding is refused, Content-Length is one run of digits, there
 * is one Host, the version is 1.0 or 1.1, and headers that we act on come once. Every refusal
 * closes the connection.
 *
 * Feed it all bytes from the request's first on, again with each read; lines that were checked are
 * not looked at again. It keeps offsets, not pointers, so the bytes may move between calls.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/text.h"
#include "gateway/http/exchange.h"
#include "gateway/http/refusal.h"

enum http_head_verdict { HEAD_PARTIAL, HEAD_WHOLE, HEAD_REFUSED };

struct http_head_limits {
    size_t head_bytes;
    unsigned headers;
    size_t uri_bytes;
    uint64_t body_bytes;
};

/* A run of the fed bytes. */
struct http_slice {
    size_t at, length;
};

struct http_head {
    size_t line_at; /* where the line begins that is not whole yet */
    size_t scanned; /* no line ends between line_at and here */
    size_t length;  /* of the whole head, the empty line included */
    uint32_t seen;  /* a bit per header that we act on */
    unsigned headers;
    bool has_request_line;
    bool expects_continue;
    bool is_forwarded; /* carries X-Forwarded-For or Forwarded */
    enum http_method method;
    int version_minor;
    uint64_t content_length; /* 0 when none came */
    struct http_slice target, host, origin;
    struct http_refusal refusal;
};

void http_head_init(struct http_head *self);

enum http_head_verdict http_head_feed(
    struct http_head *self, const struct http_head_limits *limits, struct text bytes);

/* The slice as text of the same bytes; data NULL when it never came. */
struct text http_head_text(struct http_slice slice, struct text bytes);
