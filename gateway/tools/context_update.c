#include "context.pb-c.h"

#include "common/base/clock.h"
#include "gateway/tools/call.h"
#include "gateway/tools/common_arguments.h"
#include "gateway/tools/entry.h"
#include "gateway/tools/table.h"

static const int64_t day_ms = 86400000;

enum { ID, CONTENT, TITLE, KIND, TAGS, SCOPE, PINNED, TTL_DAYS, VERSION, KEY };

static const struct argument update_arguments[] = {
    [ID] = {.name = "id",
        .type = ARGUMENT_ID,
        .flags = ARGUMENT_REQUIRED,
        .also = "uri entry_id context_id memory_id ids"},
    [CONTENT] = {.name = "content",
        .type = ARGUMENT_TEXT,
        .min = 1,
        .max = LIMIT_CONTENT_BYTES,
        .also = "text body note memory"},
    [TITLE] = {.name = "title",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_NAME | ARGUMENT_HIDDEN,
        .min = 1,
        .max = LIMIT_TITLE_BYTES,
        .also = "name"},
    [KIND] = {.name = "kind",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_KIND,
        .min = 1,
        .max = LIMIT_KIND_BYTES,
        .also = "type"},
    [TAGS] = ARGUMENT_ROW_TAGS,
    [SCOPE] = ARGUMENT_ROW_SCOPE(ARGUMENT_TERSE),
    [PINNED] = {.name = "pinned",
        .type = ARGUMENT_BOOLEAN,
        .flags = ARGUMENT_HIDDEN,
        .also = "pin"},
    [TTL_DAYS] = {.name = "ttl_days",
        .type = ARGUMENT_INTEGER,
        .flags = ARGUMENT_HIDDEN,
        .min = 0,
        .max = LIMIT_TTL_DAYS},
    [VERSION] = {.name = "expected_version",
        .type = ARGUMENT_INTEGER,
        .flags = ARGUMENT_HIDDEN,
        .min = 1,
        .max = UINT32_MAX,
        .also = "version if_match"},
    [KEY] = ARGUMENT_ROW_IDEMPOTENCY,
};

static void
on_updated(const Forge__UpdateReply *reply, void *argument)
{
    struct tool_call *call = argument;
    struct json_writer writer;
    if (!tool_call_answered(call, reply, &writer))
        return;
    entry_write_id(&writer, "id", reply->id);
    json_write_key(&writer, "version");
    json_write_unsigned(&writer, reply->version);
    json_write_key(&writer, "durable");
    json_write_boolean(&writer, true);
    tool_call_finish(call, &writer);
}

static void
set_words(const struct argument_value *values, Forge__UpdateRequest *request)
{
    if (values[CONTENT].given) {
        request->has_content_case = FORGE__UPDATE_REQUEST__HAS_CONTENT_CONTENT;
        request->content = entry_bytes(values[CONTENT].text);
    }
    if (values[TITLE].given) {
        request->has_title_case = FORGE__UPDATE_REQUEST__HAS_TITLE_TITLE;
        request->title = entry_bytes(values[TITLE].text);
    }
    if (values[KIND].given) {
        request->has_kind_case = FORGE__UPDATE_REQUEST__HAS_KIND_KIND;
        request->kind = values[KIND].string;
    }
}

static void
set_marks(const struct argument_value *values, Forge__UpdateRequest *request)
{
    if (values[SCOPE].given) {
        request->has_scope_case = FORGE__UPDATE_REQUEST__HAS_SCOPE_SCOPE;
        request->scope = entry_scope(&values[SCOPE]);
    }
    if (values[PINNED].given) {
        request->has_pinned_case = FORGE__UPDATE_REQUEST__HAS_PINNED_PINNED;
        request->pinned = values[PINNED].boolean;
    }
    if (values[TTL_DAYS].given) {
        request->has_expiry_case = FORGE__UPDATE_REQUEST__HAS_EXPIRY_EXPIRES_AT_MS;
        request->expires_at_ms =
            values[TTL_DAYS].integer ? clock_wall_ms() + values[TTL_DAYS].integer * day_ms : 0;
    }
}

static void
ask_update(struct tool_call *call)
{
    const struct argument_value *values = call->values;
    bool changes = false;
    for (unsigned i = CONTENT; i <= TTL_DAYS; i++)
        changes = changes || values[i].given;
    if (!changes) {
        tool_call_refuse(call, STATUS_INVALID_ARGUMENT, NULL,
            "context_update: name at least one thing to change: content, title, kind, tags, scope, "
            "pinned or ttl_days. Example: %s",
            call->tool->example);
        return;
    }
    Forge__TagList tags = FORGE__TAG_LIST__INIT;
    Forge__UpdateRequest request = FORGE__UPDATE_REQUEST__INIT;
    request.id = entry_id_bytes(values[ID].ids);
    request.expected_version = (uint32_t)values[VERSION].integer;
    set_words(values, &request);
    set_marks(values, &request);
    if (values[TAGS].given) {
        tags.tags = values[TAGS].strings;
        tags.n_tags = values[TAGS].count;
        request.has_tags_case = FORGE__UPDATE_REQUEST__HAS_TAGS_TAGS;
        request.tags = &tags;
    }
    ProtobufCService *context = tool_call_bind(call, &forge__context__descriptor);
    forge__context__update(context, &request, on_updated, call);
}

const struct tool tool_context_update = {
    .name = "context_update",
    .title = "Correct an entry",
    .description = "Correct or retag a stale or wrong entry instead of saving it again.",
    .example = "{\"id\":\"0199e3a1-8f3c-7abc-8def-0123456789ab\",\"tags\":[\"retry\"]}",
    .arguments = ARGUMENT_LIST(update_arguments),
    .output = "id:string version:integer durable:boolean",
    .flags = TOOL_REPEATABLE,
    .role = ROLE_WRITER,
    .service = "context-svc",
    .ask = ask_update,
};
