#include "gateway/admin/routes.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "gateway/admin/pages.h"

struct routes {
    struct routes_options options;
};

struct route {
    const char *path;
    void (*answer)(
        const struct routes_options *options, struct http_exchange *exchange, bool is_public);
};

static void
answer_livez(const struct routes_options *options, struct http_exchange *exchange, bool is_public)
{
    (void)options;
    (void)is_public;
    buffer_add_text(http_exchange_out(exchange), TEXT("ok\n"));
    http_exchange_send(exchange, 200, "text/plain");
}

static void
answer_readyz(const struct routes_options *options, struct http_exchange *exchange, bool is_public)
{
    (void)is_public;
    bool for_write = text_is(http_exchange_query(exchange), "for=write");
    struct problem reason;
    bool ready = health_is_ready(options->health, for_write, &reason);
    buffer_format(http_exchange_out(exchange), "%s\n", ready ? "ready" : reason.text);
    if (!ready)
        http_exchange_add_header(exchange, "Retry-After", TEXT("1"));
    http_exchange_send(exchange, ready ? 200 : 503, "text/plain");
}

static void
answer_health(const struct routes_options *options, struct http_exchange *exchange, bool is_public)
{
    (void)is_public;
    struct json_writer writer;
    json_writer_init(&writer, http_exchange_out(exchange));
    health_write(options->health, &writer);
    bool up = health_status(options->health) != HEALTH_UNHEALTHY;
    http_exchange_send(exchange, up ? 200 : 503, "application/json");
}

/* The connection that asks is not counted. */
static void
answer_connections(
    const struct routes_options *options, struct http_exchange *exchange, bool is_public)
{
    long open = atomic_load(options->connections) - (is_public ? 1 : 0);
    buffer_format(http_exchange_out(exchange), "%ld\n", open > 0 ? open : 0);
    http_exchange_send(exchange, 200, "text/plain");
}

static void
answer_sessions(
    const struct routes_options *options, struct http_exchange *exchange, bool is_public)
{
    (void)is_public;
    buffer_format(
        http_exchange_out(exchange), "%ld\n", mcp_session_registry_active(options->sessions));
    http_exchange_send(exchange, 200, "text/plain");
}

static const struct route shared[] = {
    {"/livez", answer_livez},
    {"/readyz", answer_readyz},
    {"/health", answer_health},
    {"/metrics", page_metrics},
    {"/metrics/context_score", page_context_score},
    {"/sessions/count", answer_sessions},
    {"/connections/count", answer_connections},
};

static bool
answer_shared(struct routes *self, struct http_exchange *exchange, bool is_public)
{
    struct text path = http_exchange_path(exchange);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        if (!text_is(path, shared[i].path))
            continue;
        enum http_method method = http_exchange_method(exchange);
        if (method == METHOD_GET || method == METHOD_HEAD) {
            shared[i].answer(&self->options, exchange, is_public);
        } else {
            http_exchange_add_header(exchange, "Allow", TEXT("GET, HEAD, OPTIONS"));
            if (method == METHOD_OPTIONS)
                http_exchange_send(exchange, 204, NULL);
            else
                http_exchange_fail(exchange, 405, "%s answers GET", shared[i].path);
        }
        return true;
    }
    return false;
}

void
routes_public(void *argument, struct http_exchange *exchange)
{
    struct routes *self = argument;
    struct text path = http_exchange_path(exchange);
    if (text_is(path, "/mcp") || text_is(path, "/mcp/"))
        mcp_handle(self->options.mcp, exchange);
    else if (!answer_shared(self, exchange, true))
        http_exchange_fail(exchange, 404,
            "there is nothing at this path; MCP is at /mcp, health at /health, metrics at "
            "/metrics");
}

void
routes_operators(void *argument, struct http_exchange *exchange)
{
    static const struct text tools = {"/api/v1/tools/", sizeof "/api/v1/tools/" - 1};
    struct routes *self = argument;
    struct text path = http_exchange_path(exchange);
    if (text_is(path, "/api/v1/tools"))
        tool_api_handle(self->options.mcp, exchange, TEXT(""));
    else if (text_starts_with(path, tools))
        tool_api_handle(self->options.mcp, exchange,
            text_from(path.data + tools.length, path.length - tools.length));
    else if (!answer_shared(self, exchange, false))
        http_exchange_fail(exchange, 404,
            "there is nothing at this path; tools are at /api/v1/tools, health at /health");
}

struct routes *
routes_create(const struct routes_options *options)
{
    struct routes *self = memory_new(sizeof *self);
    self->options = *options;
    return self;
}

void
routes_destroy(struct routes **self_p)
{
    free(*self_p);
    *self_p = NULL;
}
