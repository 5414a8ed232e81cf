#include "gateway/mcp/mcp.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "gateway/mcp/media.h"
#include "gateway/mcp/receive.h"

static void
write_tool_list(struct buffer *out, enum tool_profile profile)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_write_array_begin(&writer);
    for (size_t i = 0; i < tool_count; i++)
        if (tool_is_in(tools[i], profile))
            tool_write(tools[i], &writer);
    json_write_array_end(&writer);
}

static void
write_server_info(struct buffer *out, const char *version)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_write_object_begin(&writer);
    json_write_key(&writer, "name");
    json_write_string(&writer, "context-forge");
    json_write_key(&writer, "title");
    json_write_string(&writer, "context-forge");
    json_write_key(&writer, "version");
    json_write_string(&writer, version);
    json_write_object_end(&writer);
}

struct mcp *
mcp_create(const struct mcp_options *options)
{
    struct mcp *self = memory_new(sizeof *self);
    self->options = *options;
    self->principal = mcp_session_principal(&options->principal);
    self->sessions = mcp_sessions_create(
        options->session_keys, options->sessions, options->gateway ? options->gateway : "gateway");
    self->counts = mcp_counts_create(options->metrics);
    for (unsigned profile = 0; profile < PROFILE_COUNT; profile++)
        write_tool_list(&self->tool_lists[profile], (enum tool_profile)profile);
    write_server_info(&self->server_info, options->server_version);
    return self;
}

void
mcp_destroy(struct mcp **self_p)
{
    struct mcp *self = *self_p;
    if (!self)
        return;
    for (unsigned profile = 0; profile < PROFILE_COUNT; profile++)
        buffer_release(&self->tool_lists[profile]);
    buffer_release(&self->server_info);
    buffer_release(&self->scratch);
    mcp_counts_destroy(&self->counts);
    mcp_sessions_destroy(&self->sessions);
    free(self);
    *self_p = NULL;
}

static void
refuse_method(struct http_exchange *exchange, enum http_method method)
{
    http_exchange_add_header(exchange, "Allow", TEXT("POST"));
    if (method == METHOD_OPTIONS)
        http_exchange_send(exchange, 204, NULL);
    else if (method == METHOD_GET || method == METHOD_HEAD)
        http_exchange_fail(exchange, 405,
            "there is no stream here; POST JSON-RPC messages, every answer comes with its request");
    else if (method == METHOD_DELETE)
        http_exchange_fail(exchange, 405,
            "a session needs no end: nothing is stored for it, and it expires by itself");
    else
        http_exchange_fail(exchange, 405, "POST a JSON-RPC message");
}

void
mcp_handle(struct mcp *self, struct http_exchange *exchange)
{
    enum http_method method = http_exchange_method(exchange);
    http_exchange_set_principal(exchange, self->options.principal.name);
    if (method != METHOD_POST)
        refuse_method(exchange, method);
    else if (!mcp_media_is_json(http_exchange_header(exchange, "content-type")))
        http_exchange_fail(exchange, 415,
            "send the JSON-RPC message with the header Content-Type: application/json");
    else if (!mcp_media_accepts_json(http_exchange_header(exchange, "accept")))
        http_exchange_fail(exchange, 406,
            "answers are application/json; send the header Accept: application/json, "
            "text/event-stream");
    else
        mcp_receive(self, exchange);
}
