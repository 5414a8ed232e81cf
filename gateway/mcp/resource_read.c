#include "context.pb-c.h"

#include "gateway/mcp/markdown.h"
#include "gateway/mcp/methods.h"
#include "gateway/mcp/uri.h"
#include "gateway/tools/entry.h"

enum { BRIEF_BYTES = 16000 };

static const char context_service[] = "context-svc";

static void
refuse_missing(struct mcp_request *request)
{
    CLEANUP(buffer_release) struct buffer data = {0};
    struct json_writer writer;
    json_writer_init(&writer, &data);
    json_write_object_begin(&writer);
    json_write_key(&writer, "uri");
    json_write_text(&writer, request->subject);
    json_write_object_end(&writer);
    mcp_error(request, request->modern ? JSONRPC_INVALID_PARAMS : JSONRPC_RESOURCE_NOT_FOUND,
        buffer_text(&data),
        "there is no resource %.*s; resources/list and context_search show "
        "what there is",
        TEXT_FORMAT(text_cut(request->subject, 256)));
}

static void
answer(struct mcp_request *request, const char *type, struct text text)
{
    struct json_writer *writer = mcp_result_begin(request);
    json_write_key(writer, "contents");
    json_write_array_begin(writer);
    json_write_object_begin(writer);
    json_write_key(writer, "uri");
    json_write_text(writer, request->subject);
    json_write_key(writer, "mimeType");
    json_write_string(writer, type);
    json_write_key(writer, "text");
    json_write_text(writer, text);
    json_write_object_end(writer);
    json_write_array_end(writer);
    mcp_result_end(request, CACHE_NEVER);
}

static void
on_got(const Forge__GetReply *reply, void *argument)
{
    struct mcp_request *request = argument;
    /* An entry that others may read and this principal may not is as good as absent. */
    enum status status = request->rpc.reply.status;
    if (status == STATUS_NOT_FOUND || status == STATUS_PERMISSION_DENIED) {
        refuse_missing(request);
        return;
    }
    if (!mcp_request_answered(request, reply, context_service))
        return;
    if (!reply->n_entries) {
        refuse_missing(request);
        return;
    }
    struct buffer *text = &request->mcp->scratch;
    buffer_clear(text);
    mcp_markdown_entry(text, reply->entries[0]);
    answer(request, "text/markdown", buffer_text(text));
}

static void
on_briefed(const Forge__BriefReply *reply, void *argument)
{
    struct mcp_request *request = argument;
    const struct mcp_uri *uri = request->state;
    if (!mcp_request_answered(request, reply, context_service))
        return;
    struct buffer *text = &request->mcp->scratch;
    buffer_clear(text);
    mcp_markdown_brief(text, uri->project, reply);
    answer(request, "text/markdown", buffer_text(text));
}

static void
on_status(struct mcp_request *request)
{
    answer(request, "application/json", buffer_text(&request->mcp->scratch));
}

static void
ask_entry(struct mcp_request *request, const struct mcp_uri *uri)
{
    ProtobufCBinaryData id = entry_id_bytes(&uri->id);
    Forge__GetRequest get = FORGE__GET_REQUEST__INIT;
    get.ids = &id;
    get.n_ids = 1;
    ProtobufCService *context = mcp_request_bind(request, &forge__context__descriptor);
    forge__context__get(context, &get, on_got, request);
}

static void
ask_brief(struct mcp_request *request, const struct mcp_uri *uri)
{
    Forge__BriefRequest brief = FORGE__BRIEF_REQUEST__INIT;
    brief.project = arena_copy(mcp_request_arena(request), uri->project);
    brief.max_bytes = BRIEF_BYTES;
    request->state = uri;
    ProtobufCService *context = mcp_request_bind(request, &forge__context__descriptor);
    request->rpc.project = uri->project;
    forge__context__brief(context, &brief, on_briefed, request);
}

void
mcp_method_resources_read(struct mcp_request *request)
{
    struct arena *arena = mcp_request_arena(request);
    struct mcp_uri *uri = arena_new(arena, sizeof *uri);
    if (!jsonrpc_string(request->message.params[PARAM_URI], arena, &request->subject)) {
        mcp_error(request, JSONRPC_INVALID_PARAMS, TEXT(""),
            "resources/read: params.uri must be a string");
        return;
    }
    if (!mcp_uri_parse(request->subject, arena, uri)) {
        refuse_missing(request);
        return;
    }
    switch (uri->kind) {
    case URI_ENTRY: ask_entry(request, uri); break;
    case URI_BRIEF: ask_brief(request, uri); break;
    case URI_STATUS:
        mcp_request_run_tool(
            request, tool_find(TEXT("forge_status")), TEXT("{\"verbose\":true}"), on_status);
        break;
    }
}
