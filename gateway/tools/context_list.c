#include "context.pb-c.h"

#include "gateway/tools/call.h"
#include "gateway/tools/common_arguments.h"
#include "gateway/tools/entry.h"
#include "gateway/tools/page.h"
#include "gateway/tools/table.h"

enum { PROJECT, KINDS, TAGS, CURSOR, LIMIT, MAX_TOKENS, SCOPE, AUTHOR, SINCE };

static const struct argument list_arguments[] = {
    [PROJECT] = {.name = "project",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_NAME | ARGUMENT_HEADER,
        .max = LIMIT_PROJECT_BYTES,
        .also = "project_id project_name repo repository namespace"},
    [KINDS] = ARGUMENT_ROW_KINDS,
    [TAGS] = ARGUMENT_ROW_TAGS,
    [CURSOR] = ARGUMENT_ROW_CURSOR(0),
    [LIMIT] = ARGUMENT_ROW_LIMIT(LIMIT_LIST),
    [MAX_TOKENS] = ARGUMENT_ROW_MAX_TOKENS(0),
    [SCOPE] = {.name = "scope",
        .type = ARGUMENT_WORD,
        .flags = ARGUMENT_HIDDEN,
        .words = tool_scopes},
    [AUTHOR] = {.name = "author",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_HIDDEN | ARGUMENT_NAME,
        .max = LIMIT_NAME_BYTES,
        .also = "user"},
    [SINCE] = {.name = "since", .type = ARGUMENT_TIME, .flags = ARGUMENT_HIDDEN},
};

enum { DEFAULT_TOKENS = 4000 };

static void
write_row(struct json_writer *writer, const Forge__Entry *entry)
{
    json_write_object_begin(writer);
    entry_write_head(writer, entry);
    json_write_key(writer, "content_bytes");
    json_write_unsigned(writer, entry->content_bytes);
    json_write_object_end(writer);
}

static void
on_listed(const Forge__ListReply *reply, void *argument)
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
    json_write_key(&writer, "entries");
    json_write_array_begin(&writer);
    size_t shown = page.skip;
    for (; shown < reply->n_entries; shown++) {
        struct budget_mark mark = budget_mark(&budget);
        write_row(&writer, reply->entries[shown]);
        if (budget_keep(&budget, &mark))
            continue;
        if (shown == page.skip)
            page_write_short(&writer, reply->entries[shown++]->id);
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
    Forge__ListRequest request = FORGE__LIST_REQUEST__INIT;
    request.project = values[PROJECT].string;
    request.kinds = values[KINDS].strings;
    request.n_kinds = values[KINDS].count;
    request.tags = values[TAGS].strings;
    request.n_tags = values[TAGS].count;
    request.scope = entry_scope(&values[SCOPE]);
    request.author = values[AUTHOR].string;
    request.since_ms = values[SINCE].integer;
    request.limit = (uint32_t)values[LIMIT].integer;
    request.cursor = page.service;
    call->rpc.project = values[PROJECT].text;
    ProtobufCService *context = tool_call_bind(call, &forge__context__descriptor);
    forge__context__list(context, &request, on_listed, call);
}

const struct tool tool_context_list = {
    .name = "context_list",
    .title = "Browse entries",
    .description = "Browse entries, newest first, without texts.",
    .example = "{\"project\":\"shop\",\"kinds\":[\"decision\"],\"limit\":20}",
    .arguments = ARGUMENT_LIST(list_arguments),
    .output = "entries:objects truncated:boolean cursor:string",
    .flags = TOOL_READS,
    .role = ROLE_READER,
    .service = "context-svc",
    .ask = ask_list,
};
