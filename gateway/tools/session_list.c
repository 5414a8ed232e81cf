#include "gateway/tools/call.h"
#include "gateway/tools/entry.h"
#include "gateway/tools/page.h"
#include "gateway/tools/table.h"
#include "gateway/tools/work_session.h"

enum { PROJECT, USER, ACTIVE, LIMIT, CURSOR, MAX_TOKENS };

static const struct argument list_arguments[] = {
    [PROJECT] = ARGUMENT_ROW_PROJECT,
    [USER] = {.name = "user",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_NAME,
        .max = LIMIT_NAME_BYTES,
        .also = "author"},
    [ACTIVE] = {.name = "active", .type = ARGUMENT_BOOLEAN, .also = "open open_only active_only"},
    [LIMIT] = ARGUMENT_ROW_LIMIT(LIMIT_SESSIONS),
    [CURSOR] = ARGUMENT_ROW_CURSOR(0),
    [MAX_TOKENS] = ARGUMENT_ROW_MAX_TOKENS(0),
};

enum { DEFAULT_TOKENS = 4000, SUMMARY_BYTES = 300 };

static void
write_row(struct json_writer *writer, const Forge__WorkSession *session)
{
    json_write_object_begin(writer);
    work_session_write_head(writer, session);
    if (session->summary.len) {
        json_write_key(writer, "summary");
        json_write_text(writer, text_cut(entry_text(session->summary), SUMMARY_BYTES));
    }
    json_write_object_end(writer);
}

static void
write_short(struct json_writer *writer, const Forge__WorkSession *session)
{
    json_write_object_begin(writer);
    entry_write_string(writer, "session", session->handle);
    json_write_object_end(writer);
}

static void
on_listed(const Forge__SessionListReply *reply, void *argument)
{
    struct tool_call *call = argument;
    struct json_writer writer;
    struct page page;
    struct budget budget;
    if (!tool_call_answered(call, reply, &writer) ||
        !page_read(&page, call, tool_call_value(call, CURSOR)))
        return;
    budget_init(&budget, &writer, tool_call_value(call, MAX_TOKENS), DEFAULT_TOKENS,
        page_tail_bytes(&page, &reply->cursor));
    json_write_key(&writer, "sessions");
    json_write_array_begin(&writer);
    size_t shown = page.skip;
    for (; shown < reply->n_sessions; shown++) {
        struct budget_mark mark = budget_mark(&budget);
        write_row(&writer, reply->sessions[shown]);
        if (budget_keep(&budget, &mark))
            continue;
        if (shown == page.skip)
            write_short(&writer, reply->sessions[shown++]);
        break;
    }
    json_write_array_end(&writer);
    page_write_end(&page, &budget, shown, &reply->cursor);
    tool_call_finish(call, &writer);
}

static void
ask_list(struct tool_call *call)
{
    const struct argument_value *values = call->values;
    struct page page;
    if (!page_read(&page, call, &values[CURSOR]))
        return;
    Forge__SessionListRequest request = FORGE__SESSION_LIST_REQUEST__INIT;
    request.project = values[PROJECT].string;
    request.author = values[USER].string;
    request.active = values[ACTIVE].boolean;
    request.limit = (uint32_t)values[LIMIT].integer;
    request.cursor = page.service;
    call->rpc.project = values[PROJECT].text;
    ProtobufCService *session = tool_call_bind(call, &forge__session__descriptor);
    forge__session__list(session, &request, on_listed, call);
}

const struct tool tool_session_list = {
    .name = "session_list",
    .title = "Find sessions",
    .description = "Find a session to resume.",
    .example = "{\"project\":\"shop\",\"active\":true}",
    .arguments = ARGUMENT_LIST(list_arguments),
    .output = "sessions:objects truncated:boolean cursor:string",
    .flags = TOOL_READS,
    .role = ROLE_READER,
    .service = "context-svc",
    .ask = ask_list,
};
