#include "gateway/mcp/receive.h"

#include <stdio.h>

#include "common/base/hash.h"
#include "gateway/mcp/ladder.h"
#include "gateway/mcp/methods.h"

/* The version that a legacy message is handled by; false when it names one that does not exist. */
static bool
legacy_version(struct text header, const struct mcp_session *session, enum mcp_version *version)
{
    *version = MCP_ASSUMED;
    if (header.data && (!mcp_version_parse(header, version) || *version > MCP_LATEST_LEGACY))
        return false;
    if (session)
        *version = session->version;
    return true;
}

static void
refuse_version(struct mcp_request *request, struct text header)
{
    CLEANUP(buffer_release) struct buffer data = {0};
    struct json_writer writer;
    json_writer_init(&writer, &data);
    json_write_object_begin(&writer);
    json_write_key(&writer, "supported");
    json_write_raw(&writer, text_of(mcp_version_list()));
    json_write_key(&writer, "requested");
    json_write_text(&writer, header);
    json_write_object_end(&writer);
    mcp_error(request, JSONRPC_UNSUPPORTED_VERSION, buffer_text(&data),
        "the header MCP-Protocol-Version names a version that this server does not speak");
}

/* The session and version of a legacy message; false when the exchange was answered. */
static bool
enter_session(struct mcp_request *request)
{
    struct http_exchange *exchange = request->exchange;
    struct text id = http_exchange_header(exchange, "mcp-session-id");
    struct text header = http_exchange_header(exchange, "mcp-protocol-version");
    const struct mcp_session *session = NULL;
    if (id.data) {
        session = mcp_sessions_find(request->mcp->sessions, id, request->mcp->principal);
        if (!session) {
            mcp_error(request, JSONRPC_SESSION_NOT_FOUND, TEXT(""),
                "Session not found: it has expired or was never made here; send initialize again");
            return false;
        }
        char name[17];
        snprintf(name, sizeof name, "%016llx", (unsigned long long)hash_fnv1a(id));
        http_exchange_set_session(exchange, text_of(name));
        request->client_name =
            text_of(arena_copy(mcp_request_arena(request), text_of(session->client)));
    }
    enum mcp_version version;
    if (legacy_version(header, session, &version)) {
        request->version = version;
        return true;
    }
    refuse_version(request, header);
    return false;
}

static void
run(struct mcp_request *request)
{
    const struct mcp_method *method = mcp_method_find(request->message.method, request->modern);
    mcp_counts_request(request->mcp->counts, request->modern);
    if (method) {
        method->run(request);
        return;
    }
    mcp_error(request, JSONRPC_METHOD_NOT_FOUND, TEXT(""), "Method not found: %.*s%s",
        TEXT_FORMAT(text_cut(request->message.method, 128)),
        mcp_method_find(request->message.method, !request->modern)
            ? " (it belongs to another version of the protocol)"
            : "");
}

static void
accept_silently(struct mcp_request *request)
{
    http_exchange_send(request->exchange, 202, NULL);
}

static void
receive_modern(struct mcp_request *request)
{
    request->modern = true;
    request->version = MCP_2026_07_28;
    request->client_name = request->envelope.client_name;
    if (request->message.kind == JSONRPC_NOTIFICATION) {
        accept_silently(request);
        return;
    }
    if (!mcp_ladder_climb(request))
        return;
    if (mcp_request_watch(request))
        run(request);
}

static void
receive_legacy(struct mcp_request *request)
{
    bool initialize =
        request->message.kind == JSONRPC_REQUEST && text_is(request->message.method, "initialize");
    if (initialize) {
        /* It begins a session of its own and negotiates in its body; headers do not count. */
        run(request);
        return;
    }
    if (!enter_session(request))
        return;
    if (request->message.kind == JSONRPC_NOTIFICATION)
        accept_silently(request);
    else
        run(request);
}

static bool
header_is_modern(struct http_exchange *exchange)
{
    return text_is(
        http_exchange_header(exchange, "mcp-protocol-version"), mcp_version_name(MCP_2026_07_28));
}

static void
receive_message(struct mcp_request *request)
{
    bool modern_header = header_is_modern(request->exchange);
    switch (request->message.kind) {
    case JSONRPC_INVALID:
        mcp_error(request, JSONRPC_INVALID_REQUEST, TEXT(""), "Invalid request: %s",
            request->message.problem);
        return;
    case JSONRPC_RESPONSE:
        if (modern_header)
            mcp_error(request, JSONRPC_INVALID_REQUEST, TEXT(""),
                "Invalid request: 2026-07-28 has no requests that a client could answer");
        else
            accept_silently(request);
        return;
    case JSONRPC_REQUEST:
    case JSONRPC_NOTIFICATION: break;
    }
    mcp_envelope_read(
        &request->envelope, request->message.params[PARAM_META], mcp_request_arena(request));
    if (request->envelope.claims || modern_header)
        receive_modern(request);
    else
        receive_legacy(request);
}

static struct mcp_request *
request_create(struct mcp *self, struct http_exchange *exchange)
{
    struct mcp_request *request = arena_new(http_exchange_arena(exchange), sizeof *request);
    *request = (struct mcp_request){.mcp = self, .exchange = exchange, .version = MCP_ASSUMED};
    enum mcp_version version;
    if (mcp_version_parse(http_exchange_header(exchange, "mcp-protocol-version"), &version))
        request->version = version;
    return request;
}

static bool
any_claims(struct http_exchange *exchange, const struct text *elements, size_t count)
{
    struct arena *arena = http_exchange_arena(exchange);
    for (size_t i = 0; i < count; i++) {
        struct jsonrpc_message message;
        struct mcp_envelope envelope;
        if (!jsonrpc_read(elements[i], arena, &message, NULL))
            continue;
        mcp_envelope_read(&envelope, message.params[PARAM_META], arena);
        if (envelope.claims)
            return true;
    }
    return false;
}

/* Why an array is not taken; NULL when it is. */
static const char *
batch_problem(const struct mcp_request *whole, const struct text *elements, size_t count)
{
    if (!count)
        return "an empty array holds no message";
    if (count > JSONRPC_BATCH_MAX)
        return "at most 50 messages may come in one array";
    if (whole->version > MCP_2025_03_26)
        return "arrays of messages ended with 2025-03-26; send each message by itself";
    if (any_claims(whole->exchange, elements, count))
        return "2026-07-28 has no arrays of messages; send each by itself";
    return NULL;
}

static void
receive_element(
    struct mcp_batch *batch, const struct mcp_request *whole, struct text element, unsigned place)
{
    struct arena *arena = http_exchange_arena(batch->exchange);
    struct mcp_request *request = arena_new(arena, sizeof *request);
    *request = (struct mcp_request){.mcp = whole->mcp,
        .exchange = batch->exchange,
        .batch = batch,
        .batch_place = place,
        .version = whole->version,
        .client_name = whole->client_name};
    bool valid = jsonrpc_read(element, arena, &request->message, NULL);
    bool refused = !valid || request->message.kind == JSONRPC_INVALID;
    if (!refused && request->message.kind != JSONRPC_REQUEST)
        return;
    batch->open++;
    mcp_envelope_read(&request->envelope, request->message.params[PARAM_META], arena);
    if (refused)
        mcp_error(request, JSONRPC_INVALID_REQUEST, TEXT(""), "Invalid request: %s",
            valid ? request->message.problem : "malformed");
    else if (text_is(request->message.method, "initialize"))
        mcp_error(request, JSONRPC_INVALID_REQUEST, TEXT(""),
            "Invalid request: initialize must come by itself");
    else
        run(request);
}

static void
receive_batch(struct mcp_request *whole)
{
    struct http_exchange *exchange = whole->exchange;
    struct problem problem;
    struct text *elements =
        arena_new(http_exchange_arena(exchange), (JSONRPC_BATCH_MAX + 1) * sizeof *elements);
    size_t count;
    if (!jsonrpc_split(http_exchange_body(exchange), elements, &count, &problem)) {
        mcp_error(whole, JSONRPC_PARSE_ERROR, TEXT(""), "Parse error: %s", problem.text);
        return;
    }
    if (!header_is_modern(exchange) && !enter_session(whole))
        return;
    const char *refusal = batch_problem(whole, elements, count);
    if (refusal) {
        mcp_error(whole, JSONRPC_INVALID_REQUEST, TEXT(""), "Invalid request: %s", refusal);
        return;
    }
    struct mcp_batch *batch = arena_new(http_exchange_arena(exchange), sizeof *batch);
    *batch = (struct mcp_batch){.exchange = exchange, .open = 1};
    buffer_clear(http_exchange_out(exchange));
    for (size_t i = 0; i < count; i++)
        receive_element(batch, whole, elements[i], (unsigned)i + 1);
    mcp_batch_one_less(batch);
}

void
mcp_receive(struct mcp *self, struct http_exchange *exchange)
{
    struct text body = http_exchange_body(exchange);
    struct mcp_request *request = request_create(self, exchange);
    struct problem problem;
    if (jsonrpc_is_batch(body))
        receive_batch(request);
    else if (!jsonrpc_read(body, http_exchange_arena(exchange), &request->message, &problem)) {
        request->message.id = (struct text){0};
        mcp_error(request, JSONRPC_PARSE_ERROR, TEXT(""), "Parse error: %s", problem.text);
    } else
        receive_message(request);
}
