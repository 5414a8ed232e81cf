#include "gateway/mcp/request.h"

#include <stdio.h>

#include "common/base/clock.h"

static const char json_type[] = "application/json";

enum {
    TIMEOUT_DEFAULT_MS = 10000,
    TIMEOUT_MAX_MS = 60000,
    CLIENT_CLOSED_REQUEST = 499, /* as nginx logs it; nobody reads it */
    CACHE_MS = 300000,
};

void
mcp_batch_one_less(struct mcp_batch *self)
{
    if (--self->open)
        return;
    if (!self->any) {
        http_exchange_send(self->exchange, 202, NULL);
        return;
    }
    buffer_add_byte(http_exchange_out(self->exchange), ']');
    http_exchange_send(self->exchange, 200, json_type);
}

/* The message is in the exchange's buffer. */
static void
send(struct mcp_request *self, int http_status)
{
    if (self->batch) {
        mcp_batch_one_less(self->batch);
    } else if (self->gone) {
        buffer_clear(http_exchange_out(self->exchange));
        http_exchange_send(self->exchange, CLIENT_CLOSED_REQUEST, NULL);
    } else {
        http_exchange_send(self->exchange, http_status, json_type);
    }
}

/* Opens a message and writes what every answer begins with. */
static void
begin(struct mcp_request *self)
{
    struct buffer *out = http_exchange_out(self->exchange);
    if (self->batch) {
        buffer_add_byte(out, self->batch->any ? ',' : '[');
        self->batch->any = true;
    } else {
        buffer_clear(out);
    }
    json_writer_init(&self->writer, out);
    json_write_object_begin(&self->writer);
    json_write_key(&self->writer, "jsonrpc");
    json_write_string(&self->writer, "2.0");
    /* An id that could not be read is null in the older revisions and absent in the newer. */
    if (self->message.id.length) {
        json_write_key(&self->writer, "id");
        json_write_raw(&self->writer, self->message.id);
    } else if (self->version < MCP_2025_11_25) {
        json_write_key(&self->writer, "id");
        json_write_null(&self->writer);
    }
}

struct json_writer *
mcp_result_begin(struct mcp_request *self)
{
    begin(self);
    json_write_key(&self->writer, "result");
    json_write_object_begin(&self->writer);
    if (self->modern) {
        json_write_key(&self->writer, "resultType");
        json_write_string(&self->writer, "complete");
    }
    return &self->writer;
}

static void
write_cache(struct json_writer *writer, enum mcp_cache cache)
{
    if (cache == CACHE_NONE)
        return;
    json_write_key(writer, "ttlMs");
    json_write_integer(writer, cache == CACHE_PUBLIC ? CACHE_MS : 0);
    json_write_key(writer, "cacheScope");
    json_write_string(writer, cache == CACHE_PUBLIC ? "public" : "private");
}

void
mcp_result_end(struct mcp_request *self, enum mcp_cache cache)
{
    struct json_writer *writer = &self->writer;
    if (self->modern) {
        write_cache(writer, cache);
        json_write_key(writer, "_meta");
        json_write_object_begin(writer);
        json_write_key(writer, META_KEY "serverInfo");
        json_write_raw(writer, buffer_text(&self->mcp->server_info));
        json_write_object_end(writer);
    }
    json_write_object_end(writer);
    json_write_object_end(writer);
    send(self, 200);
}

/* Errors of the message itself are HTTP errors; errors of executing it are not. */
static int
http_status_of_code(const struct mcp_request *self, enum jsonrpc_code code)
{
    switch (code) {
    case JSONRPC_PARSE_ERROR:
    case JSONRPC_INVALID_REQUEST:
    case JSONRPC_HEADER_MISMATCH:
    case JSONRPC_MISSING_CAPABILITY:
    case JSONRPC_UNSUPPORTED_VERSION: return 400;
    case JSONRPC_SESSION_NOT_FOUND: return 404;
    case JSONRPC_METHOD_NOT_FOUND: return self->modern ? 404 : 200;
    default: return 200;
    }
}

void
mcp_error_with(struct mcp_request *self, int http_status, enum jsonrpc_code code, struct text data,
    const char *words)
{
    mcp_counts_refusal(self->mcp->counts);
    begin(self);
    struct json_writer *writer = &self->writer;
    json_write_key(writer, "error");
    json_write_object_begin(writer);
    json_write_key(writer, "code");
    json_write_integer(writer, code);
    json_write_key(writer, "message");
    json_write_string(writer, words);
    if (data.length) {
        json_write_key(writer, "data");
        json_write_raw(writer, data);
    }
    json_write_object_end(writer);
    json_write_object_end(writer);
    send(self, http_status);
}

void
mcp_error(
    struct mcp_request *self, enum jsonrpc_code code, struct text data, const char *format, ...)
{
    char words[1024];
    va_list parts;
    va_start(parts, format);
    vsnprintf(words, sizeof words, format, parts);
    va_end(parts);
    mcp_error_with(self, http_status_of_code(self, code), code, data, words);
}

void
mcp_error_of_service(struct mcp_request *self, const char *service)
{
    const struct rpc_reply *reply = &self->rpc.reply;
    enum jsonrpc_code code = jsonrpc_code_of(reply->status);
    struct text detail = text_cut(reply->detail, 256);
    if (reply->status == STATUS_UNAVAILABLE || reply->status == STATUS_DEADLINE_EXCEEDED)
        mcp_error(self, code, TEXT(""),
            "%s does not answer; try again in a few seconds, and see forge_status if it stays so",
            service);
    else
        mcp_error(self, code, TEXT(""), "%s: %s%s%.*s", service, status_name(reply->status),
            detail.length ? ": " : "", TEXT_FORMAT(detail));
}

/* Request-Timeout in seconds; 0 when there is none that makes sense. */
static int64_t
timeout_ms(struct http_exchange *exchange)
{
    int64_t seconds;
    struct text header = http_exchange_header(exchange, "request-timeout");
    if (text_to_integer(header, 1, 86400, &seconds))
        return 0;
    return seconds * 1000 < TIMEOUT_MAX_MS ? seconds * 1000 : TIMEOUT_MAX_MS;
}

void
mcp_request_set_call(struct mcp_request *self, struct rpc_call *call)
{
    call->principal = self->mcp->options.principal;
    call->traceparent = self->envelope.traceparent;
    if (!call->traceparent.length) {
        struct text header = http_exchange_header(self->exchange, "traceparent");
        if (mcp_traceparent_is_valid(header))
            call->traceparent = header;
    }
    if (call->traceparent.length)
        http_exchange_set_trace(self->exchange, call->traceparent);
    int64_t asked_ms = timeout_ms(self->exchange);
    call->deadline_ms = asked_ms ? clock_monotonic_ms() + asked_ms : 0;
}

static unsigned
default_timeout_ms(const struct mcp_request *self)
{
    unsigned timeout = self->mcp->options.call_timeout_ms;
    return timeout ? timeout : TIMEOUT_DEFAULT_MS;
}

ProtobufCService *
mcp_request_bind(struct mcp_request *self, const ProtobufCServiceDescriptor *descriptor)
{
    self->rpc = (struct rpc_call){0};
    mcp_request_set_call(self, &self->rpc);
    if (!self->rpc.deadline_ms)
        self->rpc.deadline_ms = clock_monotonic_ms() + default_timeout_ms(self);
    self->waiting = true;
    struct backends *backends = self->mcp->options.backends;
    return backends->bind(backends, descriptor, &self->rpc);
}

bool
mcp_request_answered(struct mcp_request *self, const void *reply, const char *service)
{
    self->waiting = false;
    if (reply && self->rpc.reply.status == STATUS_OK)
        return true;
    mcp_error_of_service(self, service);
    return false;
}

static void
on_tool_done(struct tool_call *call)
{
    struct mcp_request *self = call->argument;
    self->calling = false;
    self->on_tool_done(self);
}

void
mcp_request_run_tool(struct mcp_request *self, const struct tool *tool, struct text arguments,
    void (*on_done)(struct mcp_request *request))
{
    struct mcp *mcp = self->mcp;
    self->call = (struct tool_call){
        .backends = mcp->options.backends,
        .arena = mcp_request_arena(self),
        .out = &mcp->scratch,
        .idempotency_key = http_exchange_header(self->exchange, "idempotency-key"),
        .batch_place = self->batch_place,
        .client = self->client_name,
        .default_timeout_ms = default_timeout_ms(self),
        .write_health = mcp->options.status,
        .health_argument = mcp->options.status_argument,
        .on_done = on_tool_done,
        .argument = self,
    };
    mcp_request_set_call(self, &self->call.rpc);
    self->on_tool_done = on_done;
    self->calling = true;
    tool_call_start(&self->call, tool, arguments);
}

static void
on_gone(void *argument, bool half_closed)
{
    (void)half_closed;
    struct mcp_request *self = argument;
    self->gone = true;
    /* Either may end the request at once. */
    if (self->calling)
        tool_call_cancel(&self->call);
    else if (self->waiting)
        self->mcp->options.backends->cancel(self->mcp->options.backends, &self->rpc);
}

bool
mcp_request_watch(struct mcp_request *self)
{
    http_exchange_on_gone(self->exchange, on_gone, self);
    if (self->gone)
        http_exchange_send(self->exchange, CLIENT_CLOSED_REQUEST, NULL);
    return !self->gone;
}
