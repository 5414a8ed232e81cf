#include "context.pb-c.h"

#include "common/base/clock.h"
#include "gateway/mcp/methods.h"
#include "gateway/mcp/uri.h"
#include "gateway/tools/base64.h"
#include "gateway/tools/entry.h"
#include "gateway/tools/limits.h"

enum { PROJECTS = 50, ENTRIES = 50 };

static const char context_service[] = "context-svc";

static void
write_status(struct json_writer *writer)
{
    json_write_object_begin(writer);
    json_write_key(writer, "uri");
    json_write_string(writer, "forge://status");
    json_write_key(writer, "name");
    json_write_string(writer, "status");
    json_write_key(writer, "title");
    json_write_string(writer, "Health of context-forge");
    json_write_key(writer, "mimeType");
    json_write_string(writer, "application/json");
    json_write_object_end(writer);
}

static void
write_brief(struct mcp_request *request, struct json_writer *writer, struct text project)
{
    struct buffer *uri = &request->mcp->scratch;
    buffer_clear(uri);
    mcp_uri_write_brief(uri, project);
    json_write_object_begin(writer);
    json_write_key(writer, "uri");
    json_write_text(writer, buffer_text(uri));
    json_write_key(writer, "name");
    json_write_string(
        writer, arena_format(mcp_request_arena(request), "brief/%.*s", TEXT_FORMAT(project)));
    json_write_key(writer, "title");
    json_write_string(
        writer, arena_format(mcp_request_arena(request), "Briefing on %.*s", TEXT_FORMAT(project)));
    json_write_key(writer, "mimeType");
    json_write_string(writer, "text/markdown");
    json_write_object_end(writer);
}

static void
write_entry(struct json_writer *writer, const Forge__Entry *entry)
{
    struct uuid id;
    char words[UUID_TEXT_SIZE];
    char uri[sizeof "context://" + UUID_TEXT_SIZE];
    char modified[CLOCK_TEXT_SIZE];
    memcpy(id.bytes, entry->id.data, UUID_SIZE);
    uuid_format(&id, words);
    memcpy(uri, "context://", sizeof "context://" - 1);
    memcpy(uri + sizeof "context://" - 1, words, UUID_TEXT_SIZE);
    clock_format(entry->updated_at_ms, modified);
    json_write_object_begin(writer);
    json_write_key(writer, "uri");
    json_write_string(writer, uri);
    json_write_key(writer, "name");
    json_write_string(writer, words);
    if (entry->title.len) {
        json_write_key(writer, "title");
        json_write_text(writer, entry_text(entry->title));
    }
    entry_write_string(writer, "description", entry->kind);
    json_write_key(writer, "mimeType");
    json_write_string(writer, "text/markdown");
    json_write_key(writer, "annotations");
    json_write_object_begin(writer);
    json_write_key(writer, "lastModified");
    json_write_string(writer, modified);
    json_write_object_end(writer);
    json_write_object_end(writer);
}

static void
write_next_cursor(
    struct mcp_request *request, struct json_writer *writer, const Forge__ListReply *reply)
{
    if (!reply->cursor.len || reply->cursor.len > LIMIT_CURSOR_BYTES)
        return;
    size_t length = BASE64_URL_LENGTH(reply->cursor.len);
    char *cursor = arena_new(mcp_request_arena(request), length);
    base64_url_encode(reply->cursor.data, reply->cursor.len, cursor);
    json_write_key(writer, "nextCursor");
    json_write_text(writer, text_from(cursor, length));
}

/* What goes before the entries of the first page; kept until they are there. */
struct first_page {
    struct text *projects;
    size_t count;
};

static void
answer(struct mcp_request *request, const struct first_page *first, const Forge__ListReply *reply)
{
    struct json_writer *writer = mcp_result_begin(request);
    json_write_key(writer, "resources");
    json_write_array_begin(writer);
    if (first) {
        write_status(writer);
        for (size_t i = 0; i < first->count; i++)
            write_brief(request, writer, first->projects[i]);
    }
    for (size_t i = 0; i < reply->n_entries; i++)
        if (reply->entries[i]->id.len == UUID_SIZE)
            write_entry(writer, reply->entries[i]);
    json_write_array_end(writer);
    write_next_cursor(request, writer, reply);
    mcp_result_end(request, CACHE_NEVER);
}

static void
on_listed(const Forge__ListReply *reply, void *argument)
{
    struct mcp_request *request = argument;
    if (mcp_request_answered(request, reply, context_service))
        answer(request, request->state, reply);
}

static void
ask_entries(struct mcp_request *request, ProtobufCBinaryData cursor)
{
    Forge__ListRequest list = FORGE__LIST_REQUEST__INIT;
    list.limit = ENTRIES;
    list.cursor = cursor;
    ProtobufCService *context = mcp_request_bind(request, &forge__context__descriptor);
    forge__context__list(context, &list, on_listed, request);
}

static void
on_projects(const Forge__ProjectsReply *reply, void *argument)
{
    struct mcp_request *request = argument;
    if (!mcp_request_answered(request, reply, context_service))
        return;
    struct arena *arena = mcp_request_arena(request);
    struct first_page *first = arena_new(arena, sizeof *first);
    *first = (struct first_page){
        .projects = arena_new(arena, (reply->n_projects + 1) * sizeof *first->projects)};
    for (size_t i = 0; i < reply->n_projects; i++) {
        struct text name = text_of(reply->projects[i]->name);
        if (name.length)
            first->projects[first->count++] = text_of(arena_copy(arena, name));
    }
    request->state = first;
    ask_entries(request, (ProtobufCBinaryData){0});
}

void
mcp_method_resources_list(struct mcp_request *request)
{
    struct text raw = request->message.params[PARAM_CURSOR];
    if (!raw.length || text_is(raw, "null")) {
        Forge__ProjectsRequest projects = FORGE__PROJECTS_REQUEST__INIT;
        projects.limit = PROJECTS;
        ProtobufCService *context = mcp_request_bind(request, &forge__context__descriptor);
        forge__context__projects(context, &projects, on_projects, request);
        return;
    }
    struct arena *arena = mcp_request_arena(request);
    struct text cursor;
    uint8_t *bytes = arena_new(arena, LIMIT_CURSOR_BYTES);
    size_t size;
    if (jsonrpc_string(raw, arena, &cursor) && cursor.length &&
        base64_url_decode(cursor, bytes, LIMIT_CURSOR_BYTES, &size))
        ask_entries(request, (ProtobufCBinaryData){size, bytes});
    else
        mcp_error(request, JSONRPC_INVALID_PARAMS, TEXT(""),
            "cursor is not one that resources/list gave; pass nextCursor unchanged");
}

void
mcp_method_resources_templates_list(struct mcp_request *request)
{
    static const char templates[] =
        "[{\"uriTemplate\":\"context://{id}\",\"name\":\"entry\",\"title\":\"A stored entry\","
        "\"description\":\"An entry's text with its author and date.\","
        "\"mimeType\":\"text/markdown\"},"
        "{\"uriTemplate\":\"context://brief/{project}\",\"name\":\"brief\","
        "\"title\":\"Briefing on a project\",\"description\":\"What matters in a project now.\","
        "\"mimeType\":\"text/markdown\"}]";
    if (!mcp_method_has_no_cursor(request))
        return;
    struct json_writer *writer = mcp_result_begin(request);
    json_write_key(writer, "resourceTemplates");
    json_write_raw(writer, text_of(templates));
    mcp_result_end(request, CACHE_PUBLIC);
}
