#include "context.pb-c.h"

#include "gateway/tools/call.h"
#include "gateway/tools/common_arguments.h"
#include "gateway/tools/entry.h"
#include "gateway/tools/table.h"

enum { PROJECT, KINDS, TAGS, BEFORE, FILTER_FIELDS };

#define FILTER_ROWS                                                                                \
    [PROJECT] = ARGUMENT_ROW_PROJECT, [KINDS] = ARGUMENT_ROW_KINDS, [TAGS] = ARGUMENT_ROW_TAGS,    \
    [BEFORE] = {.name = "before",                                                                  \
        .type = ARGUMENT_TIME,                                                                     \
        .also = "until older_than",                                                                \
        .description = "like 30d"}

static const struct argument filter_arguments[] = {FILTER_ROWS};

static const struct argument_list filter_list = ARGUMENT_LIST(filter_arguments);

enum { IDS = FILTER_FIELDS, DRY_RUN, FILTER, KEY };

static const struct argument forget_arguments[] = {
    FILTER_ROWS,
    [IDS] = {.name = "ids",
        .type = ARGUMENT_IDS,
        .min = 1,
        .max_items = LIMIT_IDS,
        .also = "id uri uris entry_ids memory_ids"},
    [DRY_RUN] = {.name = "dry_run", .type = ARGUMENT_BOOLEAN, .also = "dryRun preview"},
    /* The same fields in an object of their own, as other memory servers have them. */
    [FILTER] = {.name = "filter",
        .type = ARGUMENT_OBJECT,
        .flags = ARGUMENT_HIDDEN,
        .fields = &filter_list},
    [KEY] = ARGUMENT_ROW_IDEMPOTENCY,
};

static void
write_ids(struct json_writer *writer, const char *key, const ProtobufCBinaryData *ids, size_t count)
{
    json_write_key(writer, key);
    json_write_array_begin(writer);
    for (size_t i = 0; i < count; i++)
        entry_write_id_value(writer, ids[i]);
    json_write_array_end(writer);
}

static void
on_forgotten(const Forge__ForgetReply *reply, void *argument)
{
    struct tool_call *call = argument;
    bool dry_run = tool_call_value(call, DRY_RUN)->boolean;
    struct json_writer writer;
    if (!tool_call_answered(call, reply, &writer))
        return;
    json_write_key(&writer, "dry_run");
    json_write_boolean(&writer, dry_run);
    json_write_key(&writer, "count");
    json_write_unsigned(&writer, reply->n_ids);
    write_ids(&writer, "ids", reply->ids, reply->n_ids);
    if (reply->n_missing)
        write_ids(&writer, "missing", reply->missing, reply->n_missing);
    json_write_key(&writer, "more");
    json_write_boolean(&writer, reply->more);
    json_write_key(&writer, "note");
    json_write_string(&writer,
        dry_run ? "Nothing was deleted. Call again without dry_run to delete these."
                : "Gone from the store, its history and its index. Backups that were taken before "
                  "still hold the text until they age out; backup_list shows them.");
    tool_call_finish(call, &writer);
}

static bool
is_empty(const struct argument_value *fields)
{
    return !fields[PROJECT].given && !fields[KINDS].count && !fields[TAGS].count &&
           !fields[BEFORE].given;
}

static void
set_filter(
    struct tool_call *call, const struct argument_value *fields, Forge__ForgetRequest *request)
{
    request->project = fields[PROJECT].string;
    request->kinds = fields[KINDS].strings;
    request->n_kinds = fields[KINDS].count;
    request->tags = fields[TAGS].strings;
    request->n_tags = fields[TAGS].count;
    request->before_ms = fields[BEFORE].integer;
    call->rpc.project = fields[PROJECT].text;
}

static void
ask_forget(struct tool_call *call)
{
    const struct argument_value *ids = tool_call_value(call, IDS);
    const struct argument_value *filter = tool_call_value(call, FILTER)->fields;
    const struct argument_value *fields = filter && is_empty(call->values) ? filter : call->values;
    bool both_filters = filter && !is_empty(filter) && !is_empty(call->values);
    if ((ids->count > 0) == !is_empty(fields) || both_filters) {
        tool_call_refuse(call, STATUS_INVALID_ARGUMENT, "ids",
            "context_forget: give either ids, or a filter of at least one of project, kinds, tags "
            "and before; not both and not neither. Example: %s",
            call->tool->example);
        return;
    }
    ProtobufCBinaryData id_bytes[LIMIT_IDS];
    Forge__ForgetRequest request = FORGE__FORGET_REQUEST__INIT;
    request.ids = id_bytes;
    for (request.n_ids = 0; request.n_ids < ids->count; request.n_ids++)
        id_bytes[request.n_ids] = entry_id_bytes(&ids->ids[request.n_ids]);
    if (!ids->count)
        set_filter(call, fields, &request);
    request.dry_run = tool_call_value(call, DRY_RUN)->boolean;
    ProtobufCService *context = tool_call_bind(call, &forge__context__descriptor);
    forge__context__forget(context, &request, on_forgotten, call);
}

const struct tool tool_context_forget = {
    .name = "context_forget",
    .title = "Delete entries",
    .description = "Delete entries for good, by ids or by the other fields; dry_run first.",
    .example = "{\"project\":\"shop\",\"before\":\"365d\",\"dry_run\":true}",
    .arguments = ARGUMENT_LIST(forget_arguments),
    .output = "dry_run:boolean count:integer ids:strings missing:strings more:boolean note:string",
    .flags = TOOL_DESTROYS | TOOL_REPEATABLE,
    .role = ROLE_WRITER,
    .service = "context-svc",
    .ask = ask_forget,
};
