/* http_refusal: why a request or a connection was turned away before a handler saw it. */
#pragma once

enum http_reason {
    REFUSED_REQUEST_LINE,
    REFUSED_TLS,
    REFUSED_FORWARDED,
    REFUSED_METHOD,
    REFUSED_VERSION,
    REFUSED_TARGET,
    REFUSED_URI_TOO_LONG,
    REFUSED_HEAD_TOO_LARGE,
    REFUSED_TOO_MANY_HEADERS,
    REFUSED_LINE_END,
    REFUSED_FOLDING,
    REFUSED_HEADER_NAME,
    REFUSED_HEADER_VALUE,
    REFUSED_HEADER_TWICE,
    REFUSED_NO_HOST,
    REFUSED_CONTENT_LENGTH,
    REFUSED_TRANSFER_ENCODING,
    REFUSED_BODY_TOO_LARGE,
    REFUSED_UPGRADE,
    REFUSED_EXPECTATION,
    REFUSED_HOST,
    REFUSED_ORIGIN,
    REFUSED_SLOW_HEAD,
    REFUSED_SLOW_BODY,
    REFUSED_SLOW_READER,
    REFUSED_PIPELINE,
    REFUSED_CONNECTIONS,
    REFUSED_REASONS, /* how many there are */
};

struct http_refusal {
    int http_status;
    enum http_reason reason;
    const char *message; /* static: what to change */
};

/* "request_line", a label for metrics. */
const char *http_reason_name(enum http_reason reason);

/* For one connection too many, met when it asks and when it does not. */
extern const struct http_refusal http_refusal_connections;
