#include "gateway/admin/pages.h"

#include <math.h>

#include "context.pb-c.h"
#include "metrics.pb-c.h"

#include "common/base/clock.h"
#include "common/process/metrics_text.h"

enum { PAGE_DEADLINE_MS = 2000 };

/* One page that waits for its service; in the exchange's arena. */
struct page {
    struct rpc_call call;
    struct http_exchange *exchange;
    const struct routes_options *options;
};

static struct page *
page_open(const struct routes_options *options, struct http_exchange *exchange)
{
    struct page *self = arena_new(http_exchange_arena(exchange), sizeof *self);
    *self = (struct page){
        .call =
            {
                .deadline_ms = clock_monotonic_ms() + PAGE_DEADLINE_MS,
                .principal = {TEXT("mcp_server"), TEXT("default"), ROLE_PROGRAM | ROLE_READER},
            },
        .exchange = exchange,
        .options = options,
    };
    return self;
}

static const char exposition[] = "text/plain; version=0.0.4; charset=utf-8";

static void
on_exposed(const Forge__ExposeReply *reply, void *closure_data)
{
    struct page *self = closure_data;
    struct buffer *out = http_exchange_out(self->exchange);
    if (reply) {
        buffer_add(out, reply->text.data, reply->text.len);
    } else {
        buffer_format(out,
            "# HELP forge_up Whether the program pushed its numbers in the last 5 s.\n"
            "# TYPE forge_up gauge\nforge_up{program=\"metrics-svc\"} 0\n");
        metrics_text_render(self->options->metrics, "program=\"mcp_server\"", out);
    }
    http_exchange_send(self->exchange, 200, exposition);
}

void
page_metrics(const struct routes_options *options, struct http_exchange *exchange, bool is_public)
{
    (void)is_public;
    struct page *self = page_open(options, exchange);
    ProtobufCService *metrics =
        options->backends->bind(options->backends, &forge__metrics__descriptor, &self->call);
    Forge__ExposeRequest request = FORGE__EXPOSE_REQUEST__INIT;
    forge__metrics__expose(metrics, &request, on_exposed, self);
}

static void
on_counted(const Forge__CountReply *reply, void *closure_data)
{
    struct page *self = closure_data;
    struct text detail = self->call.reply.detail;
    if (!reply) {
        http_exchange_fail(self->exchange, http_status_of(self->call.reply.status),
            "context-svc gave no score: %.*s", TEXT_FORMAT(detail));
        return;
    }
    if (isnan(reply->relevance))
        buffer_add_text(http_exchange_out(self->exchange), TEXT("NaN\n"));
    else
        buffer_format(http_exchange_out(self->exchange), "%.2f\n", reply->relevance);
    http_exchange_send(self->exchange, 200, "text/plain");
}

void
page_context_score(
    const struct routes_options *options, struct http_exchange *exchange, bool is_public)
{
    (void)is_public;
    struct page *self = page_open(options, exchange);
    ProtobufCService *context =
        options->backends->bind(options->backends, &forge__context__descriptor, &self->call);
    Forge__CountRequest request = FORGE__COUNT_REQUEST__INIT;
    forge__context__count(context, &request, on_counted, self);
}
