#include "gateway/http/refusal.h"

#include <assert.h>

const struct http_refusal http_refusal_connections = {
    503, REFUSED_CONNECTIONS, "The server has too many connections; try again in a second."};

const char *
http_reason_name(enum http_reason reason)
{
    static const char *const names[] = {
        [REFUSED_REQUEST_LINE] = "request_line",
        [REFUSED_TLS] = "tls",
        [REFUSED_FORWARDED] = "forwarded",
        [REFUSED_METHOD] = "method",
        [REFUSED_VERSION] = "version",
        [REFUSED_TARGET] = "target",
        [REFUSED_URI_TOO_LONG] = "uri_too_long",
        [REFUSED_HEAD_TOO_LARGE] = "head_too_large",
        [REFUSED_TOO_MANY_HEADERS] = "too_many_headers",
        [REFUSED_LINE_END] = "line_end",
        [REFUSED_FOLDING] = "folding",
        [REFUSED_HEADER_NAME] = "header_name",
        [REFUSED_HEADER_VALUE] = "header_value",
        [REFUSED_HEADER_TWICE] = "header_twice",
        [REFUSED_NO_HOST] = "no_host",
        [REFUSED_CONTENT_LENGTH] = "content_length",
        [REFUSED_TRANSFER_ENCODING] = "transfer_encoding",
        [REFUSED_BODY_TOO_LARGE] = "body_too_large",
        [REFUSED_UPGRADE] = "upgrade",
        [REFUSED_EXPECTATION] = "expectation",
        [REFUSED_HOST] = "host",
        [REFUSED_ORIGIN] = "origin",
        [REFUSED_SLOW_HEAD] = "slow_head",
        [REFUSED_SLOW_BODY] = "slow_body",
        [REFUSED_SLOW_READER] = "slow_reader",
        [REFUSED_PIPELINE] = "pipeline",
        [REFUSED_CONNECTIONS] = "connections",
    };
    _Static_assert(sizeof names / sizeof *names == REFUSED_REASONS, "every reason has a name");
    assert(reason < REFUSED_REASONS);
    return names[reason];
}
