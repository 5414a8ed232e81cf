/* http_listener: a listening socket of one loop, and the connections that it accepted.
 *
 * Every loop of the gateway has its own listeners on the same addresses (SO_REUSEPORT). Limits hold
 * per listener; every size from outside is bounded before it is allocated. Over the limit of
 * connections a few more are taken, for probes (/livez, /readyz) only: others get 503.
 *
 * Requests of one connection are answered one after another; what comes meanwhile waits in a
 * buffer, and the connection closes when that is full. Every refusal closes it too. The process
 * must ignore SIGPIPE, as program_run sees to.
 */
#pragma once

#include <stdatomic.h>

#include <uv.h>

#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/process/metrics.h"
#include "gateway/http/exchange.h"

struct http_listener;
struct access_log;

struct http_limits {
    size_t head_bytes;    /* 0: 16 KiB; at most 64 KiB */
    unsigned headers;     /* 0: 64 */
    size_t uri_bytes;     /* 0: 8 KiB */
    size_t body_bytes;    /* 0: 1 MiB */
    unsigned connections; /* 0: 4096 per loop */
    unsigned requests;    /* per connection; 0: no limit */
    unsigned head_ms;     /* 0: 5000, from the first byte */
    unsigned body_ms;     /* 0: 10000 plus 1 ms per KiB */
    unsigned idle_ms;     /* 0: 60000 between requests */
    unsigned send_ms;     /* 0: 30000 without progress while sending */
};

struct http_listener_options {
    uv_loop_t *loop;
    const char *address; /* "127.0.0.1", "::1", "0.0.0.0" */
    uint16_t port;       /* 0: any; http_listener_port tells */
    /* Another loop of this process listens there already, and both share what comes. Without it an
     * address in use is an error, although SO_REUSEPORT would let two programs share it. */
    bool joins;
    struct http_limits limits;
    /* Lower-case host names that Host may carry (any port). NULL: localhost, 127.0.0.1, [::1]. */
    const char *const *hosts;
    size_t host_count;
    /* Origins that browsers may come from, beside http(s)://localhost, 127.0.0.1 and [::1]. */
    const char *const *origins;
    size_t origin_count;
    /* Requests that came through a proxy (X-Forwarded-For, Forwarded, the PROXY protocol) are
     * refused: for listeners that need no token. The PROXY protocol is refused by all. */
    bool refuse_forwarded;
    /* Allow-Headers of CORS answers beyond the usual ones ("mcp-param-project"), or NULL. */
    const char *cors_headers;
    http_handler *handler;
    void *argument;
    struct access_log *access_log; /* of the loop; may be NULL */
    struct metrics *metrics;       /* may be NULL */
    atomic_long *connections; /* open connections of the whole gateway, counted here; may be NULL */
};

/* UNAVAILABLE with words ("port 8051 is in use…") when it cannot listen. */
enum status http_listener_create(const struct http_listener_options *options,
    struct http_listener **self_p, struct problem *problem) MUST_CHECK;
uint16_t http_listener_port(const struct http_listener *self);
/* From now on answers carry Connection: close, and idle connections end. */
void http_listener_drain(struct http_listener *self);
/* Connections that are open now; none are left when a drain is done. */
unsigned http_listener_open_count(const struct http_listener *self);
/* Stops accepting, ends every connection (their exchanges see on_gone and are answered into the
 * void), then calls on_closed from the loop. */
void http_listener_close(
    struct http_listener *self, void (*on_closed)(void *argument), void *argument);
