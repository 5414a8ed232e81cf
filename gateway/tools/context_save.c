#include "context.pb-c.h"

#include "common/base/clock.h"
#include "gateway/tools/call.h"
#include "gateway/tools/common_arguments.h"
#include "gateway/tools/entry.h"
#include "gateway/tools/table.h"

static const int64_t day_ms = 86400000;

enum {
    CONTENT,
    TITLE,
    KIND,
    TAGS,
    PROJECT,
    SCOPE,
    SUPERSEDES,
    TTL_DAYS,
    PINNED,
    SESSION,
    BRANCH,
    CLIENT,
    CREATED_AT,
    KEY,
};

static const struct argument save_arguments[] = {
    [CONTENT] = {.name = "content",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_REQUIRED,
        .min = 1,
        .max = LIMIT_CONTENT_BYTES,
        .also = "text body note memory data value"},
    [TITLE] = {.name = "title",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_NAME,
        .max = LIMIT_TITLE_BYTES,
        .also = "name summary subject"},
    [KIND] = {.name = "kind",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_KIND,
        .max = LIMIT_KIND_BYTES,
        .also = "type category memory_type"},
    [TAGS] = ARGUMENT_ROW_TAGS,
    [PROJECT] = ARGUMENT_ROW_PROJECT,
    [SCOPE] = ARGUMENT_ROW_SCOPE(0),
    [SUPERSEDES] = {.name = "supersedes", .type = ARGUMENT_ID, .also = "replaces"},
    [TTL_DAYS] = {.name = "ttl_days",
        .type = ARGUMENT_INTEGER,
        .min = 0,
        .max = LIMIT_TTL_DAYS,
        .also = "ttl expires_in_days"},
    [PINNED] = {.name = "pinned",
        .type = ARGUMENT_BOOLEAN,
        .flags = ARGUMENT_HIDDEN,
        .also = "pin"},
    [SESSION] = {.name = "session",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_HIDDEN | ARGUMENT_NAME,
        .max = LIMIT_HANDLE_BYTES,
        .also = "session_id handle"},
    [BRANCH] = {.name = "branch",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_HIDDEN | ARGUMENT_NAME,
        .max = LIMIT_BRANCH_BYTES},
    [CLIENT] = {.name = "client",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_HIDDEN | ARGUMENT_NAME,
        .max = LIMIT_NAME_BYTES},
    [CREATED_AT] = {.name = "created_at", .type = ARGUMENT_TIME, .flags = ARGUMENT_HIDDEN},
    [KEY] = ARGUMENT_ROW_IDEMPOTENCY,
};

static const char *
outcome_name(Forge__SaveOutcome outcome)
{
    switch (outcome) {
    case FORGE__SAVE_OUTCOME__MERGED: return "merged";
    case FORGE__SAVE_OUTCOME__UNCHANGED: return "unchanged";
    default: return "created";
    }
}

static void
on_saved(const Forge__SaveReply *reply, void *argument)
{
    struct tool_call *call = argument;
    struct json_writer writer;
    if (!tool_call_answered(call, reply, &writer))
        return;
    entry_write_id(&writer, "id", reply->id);
    json_write_key(&writer, "outcome");
    json_write_string(&writer, outcome_name(reply->outcome));
    json_write_key(&writer, "version");
    json_write_unsigned(&writer, reply->version);
    json_write_key(&writer, "durable");
    json_write_boolean(&writer, true);
    tool_call_finish(call, &writer);
}

static char *
client_of(const struct tool_call *call)
{
    const struct argument_value *client = tool_call_value(call, CLIENT);
    return client->given ? client->string
                         : arena_copy(call->arena, text_cut(call->client, LIMIT_NAME_BYTES));
}

static void
ask_save(struct tool_call *call)
{
    const struct argument_value *values = call->values;
    Forge__SaveRequest request = FORGE__SAVE_REQUEST__INIT;
    request.project = values[PROJECT].string;
    request.kind = values[KIND].string;
    request.title = entry_bytes(values[TITLE].text);
    request.content = entry_bytes(values[CONTENT].text);
    request.tags = values[TAGS].strings;
    request.n_tags = values[TAGS].count;
    request.scope = entry_scope(&values[SCOPE]);
    request.client = client_of(call);
    request.session = values[SESSION].string;
    request.branch = values[BRANCH].string;
    if (values[SUPERSEDES].given)
        request.supersedes = entry_id_bytes(values[SUPERSEDES].ids);
    if (values[TTL_DAYS].integer)
        request.expires_at_ms = clock_wall_ms() + values[TTL_DAYS].integer * day_ms;
    request.pinned = values[PINNED].boolean;
    request.created_at_ms = values[CREATED_AT].integer;
    call->rpc.project = values[PROJECT].text;
    ProtobufCService *context = tool_call_bind(call, &forge__context__descriptor);
    forge__context__save(context, &request, on_saved, call);
}

const struct tool tool_context_save = {
    .name = "context_save",
    .title = "Save to team memory",
    .description = "Save one lasting decision, error with its fix, convention, snippet or note, "
                   "and why, as soon as you learn it.",
    .example = "{\"content\":\"Retries use full jitter, because fixed delays caused a stampede.\","
               "\"kind\":\"decision\",\"project\":\"shop\"}",
    .arguments = ARGUMENT_LIST(save_arguments),
    .output = "id:string outcome:string version:integer durable:boolean",
    .flags = TOOL_REPEATABLE,
    .role = ROLE_WRITER,
    .service = "context-svc",
    .ask = ask_save,
};
