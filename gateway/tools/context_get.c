#include "context.pb-c.h"

#include "gateway/tools/budget.h"
#include "gateway/tools/call.h"
#include "gateway/tools/common_arguments.h"
#include "gateway/tools/entry.h"
#include "gateway/tools/table.h"

enum { IDS, MAX_TOKENS };

static const struct argument get_arguments[] = {
    [IDS] = {.name = "ids",
        .type = ARGUMENT_IDS,
        .flags = ARGUMENT_REQUIRED,
        .min = 1,
        .max_items = LIMIT_IDS,
        .also = "id uri uris entry_id entry_ids context_id memory_id memory_ids"},
    [MAX_TOKENS] = ARGUMENT_ROW_MAX_TOKENS(0),
};

enum {
    DEFAULT_TOKENS = 10000,
    /* ,"truncated":true,"next":"…" with numbers at their longest */
    TAIL_BYTES = 110,
    /* What the head of a cut entry must leave for its content. */
    HEAD_LEAVES_BYTES = 100,
};

static bool
write_whole(struct budget *budget, const Forge__Entry *entry)
{
    struct budget_mark mark = budget_mark(budget);
    json_write_object_begin(budget->writer);
    entry_write_head(budget->writer, entry);
    json_write_key(budget->writer, "content");
    json_write_text(budget->writer, entry_text(entry->content));
    json_write_object_end(budget->writer);
    return budget_keep(budget, &mark);
}

/* As much of the content as fits; the id alone before it where even the head is too long. */
static void
write_cut(struct budget *budget, const Forge__Entry *entry)
{
    struct json_writer *writer = budget->writer;
    struct budget_mark mark = budget_mark(budget);
    json_write_object_begin(writer);
    entry_write_head(writer, entry);
    if (budget_left(budget) < HEAD_LEAVES_BYTES) {
        budget_return(budget, &mark);
        json_write_object_begin(writer);
        entry_write_id(writer, "id", entry->id);
    }
    budget_write_text(budget, "content", entry_text(entry->content), sizeof ",\"cut\":true");
    json_write_key(writer, "cut");
    json_write_boolean(writer, true);
    json_write_object_end(writer);
}

static void
write_missing(struct budget *budget, const Forge__GetReply *reply)
{
    struct json_writer *writer = budget->writer;
    if (!reply->n_missing)
        return;
    struct budget_mark mark = budget_mark(budget);
    json_write_key(writer, "missing");
    json_write_array_begin(writer);
    for (size_t i = 0; i < reply->n_missing; i++) {
        struct budget_mark before = budget_mark(budget);
        entry_write_id_value(writer, reply->missing[i]);
        if (!budget_keep(budget, &before))
            break;
    }
    json_write_array_end(writer);
    budget_keep(budget, &mark);
}

static void
on_got(const Forge__GetReply *reply, void *argument)
{
    struct tool_call *call = argument;
    struct json_writer writer;
    if (!tool_call_answered(call, reply, &writer))
        return;
    struct budget budget;
    budget_init(&budget, &writer, tool_call_value(call, MAX_TOKENS), DEFAULT_TOKENS, TAIL_BYTES);
    json_write_key(&writer, "entries");
    json_write_array_begin(&writer);
    size_t shown = 0;
    while (shown < reply->n_entries && write_whole(&budget, reply->entries[shown]))
        shown++;
    if (shown == 0 && reply->n_entries)
        write_cut(&budget, reply->entries[0]);
    json_write_array_end(&writer);
    write_missing(&budget, reply);
    json_write_key(&writer, "truncated");
    json_write_boolean(&writer, budget.cut);
    if (budget.cut) {
        json_write_key(&writer, "next");
        json_write_string(&writer,
            arena_format(call->arena, "%zu of %zu whole; ask for the others, or more max_tokens.",
                shown, reply->n_entries));
    }
    tool_call_finish(call, &writer);
}

static void
ask_get(struct tool_call *call)
{
    const struct argument_value *ids = tool_call_value(call, IDS);
    ProtobufCBinaryData id_bytes[LIMIT_IDS];
    Forge__GetRequest request = FORGE__GET_REQUEST__INIT;
    request.ids = id_bytes;
    for (request.n_ids = 0; request.n_ids < ids->count; request.n_ids++)
        id_bytes[request.n_ids] = entry_id_bytes(&ids->ids[request.n_ids]);
    ProtobufCService *context = tool_call_bind(call, &forge__context__descriptor);
    forge__context__get(context, &request, on_got, call);
}

const struct tool tool_context_get = {
    .name = "context_get",
    .title = "Read entries",
    .description = "Full text of entries by id.",
    .example = "{\"ids\":[\"0199e3a1-8f3c-7abc-8def-0123456789ab\"]}",
    .arguments = ARGUMENT_LIST(get_arguments),
    .output = "entries:objects missing:strings truncated:boolean next:string",
    .flags = TOOL_READS,
    .role = ROLE_READER,
    .service = "context-svc",
    .ask = ask_get,
};
