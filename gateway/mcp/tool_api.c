#include "common/base/clock.h"
#include "gateway/mcp/media.h"
#include "gateway/mcp/request.h"

/* The same tools without JSON-RPC: arguments in, structured content out. */

static const char json_type[] = "application/json";

static void
on_done(struct mcp_request *request)
{
    const struct tool_call *call = &request->call;
    mcp_counts_tool(request->mcp->counts, call->tool, call->failed,
        clock_monotonic_us() - http_exchange_started_us(request->exchange));
    buffer_add_text(http_exchange_out(request->exchange), buffer_text(&request->mcp->scratch));
    if (call->failed && call->status == STATUS_UNAVAILABLE)
        http_exchange_add_header(request->exchange, "Retry-After", TEXT("2"));
    http_exchange_send(
        request->exchange, call->failed ? http_status_of(call->status) : 200, json_type);
}

static void
answer_list(struct mcp *self, struct http_exchange *exchange)
{
    struct buffer *out = http_exchange_out(exchange);
    buffer_add_text(out, TEXT("{\"tools\":"));
    buffer_add_text(out, buffer_text(&self->tool_lists[PROFILE_ALL]));
    buffer_add_byte(out, '}');
    http_exchange_send(exchange, 200, json_type);
}

static void
answer_row(struct http_exchange *exchange, const struct tool *tool)
{
    struct json_writer writer;
    json_writer_init(&writer, http_exchange_out(exchange));
    tool_write(tool, &writer);
    http_exchange_send(exchange, 200, json_type);
}

static void
refuse_name(struct http_exchange *exchange, struct text name)
{
    const struct tool *nearest = tool_nearest(name);
    http_exchange_fail(exchange, 404,
        "there is no tool \"%.*s\"%s%s%s; GET /api/v1/tools shows all",
        TEXT_FORMAT(text_cut(name, 128)), nearest ? ", did you mean \"" : "",
        nearest ? nearest->name : "", nearest ? "\"?" : "");
}

static void
run(struct mcp *self, struct http_exchange *exchange, const struct tool *tool)
{
    struct mcp_request *request = arena_new(http_exchange_arena(exchange), sizeof *request);
    *request = (struct mcp_request){.mcp = self, .exchange = exchange};
    struct text user_agent = http_exchange_header(exchange, "user-agent");
    if (text_starts_with(user_agent, TEXT("forgectl")))
        request->client_name = TEXT("forgectl");
    mcp_request_run_tool(request, tool, http_exchange_body(exchange), on_done);
}

void
tool_api_handle(struct mcp *self, struct http_exchange *exchange, struct text name)
{
    enum http_method method = http_exchange_method(exchange);
    bool get = method == METHOD_GET || method == METHOD_HEAD;
    const struct tool *tool = tool_find(name);
    http_exchange_set_principal(exchange, self->options.principal.name);
    if (name.length && !tool) {
        refuse_name(exchange, name);
    } else if (!tool && get) {
        answer_list(self, exchange);
    } else if (!tool) {
        http_exchange_add_header(exchange, "Allow", TEXT("GET, HEAD"));
        http_exchange_fail(
            exchange, 405, "GET lists the tools; POST to /api/v1/tools/NAME runs one");
    } else if (get) {
        answer_row(exchange, tool);
    } else if (method != METHOD_POST) {
        http_exchange_add_header(exchange, "Allow", TEXT("GET, HEAD, POST"));
        http_exchange_fail(exchange, 405, "POST a JSON object of arguments");
    } else if (http_exchange_body(exchange).length &&
               !mcp_media_is_json(http_exchange_header(exchange, "content-type"))) {
        http_exchange_fail(exchange, 415,
            "send the arguments as a JSON object with the header Content-Type: application/json");
    } else {
        run(self, exchange, tool);
    }
}
