#include "gateway/tools/backup_info.h"
#include "gateway/tools/budget.h"
#include "gateway/tools/call.h"
#include "gateway/tools/common_arguments.h"
#include "gateway/tools/entry.h"
#include "gateway/tools/table.h"

enum { LIMIT, LIST_MAX_TOKENS };

static const struct argument list_arguments[] = {
    [LIMIT] = ARGUMENT_ROW_LIMIT(LIMIT_BACKUPS),
    [LIST_MAX_TOKENS] = ARGUMENT_ROW_MAX_TOKENS(0),
};

enum {
    LIST_TOKENS = 4000,
    VERIFY_TOKENS = 2000,
    LIST_TAIL_BYTES = sizeof ",\"truncated\":false,\"next\":\"raise max_tokens\"",
    VERIFY_TAIL_BYTES = sizeof ",\"truncated\":false",
};

static void
on_listed(const Forge__BackupListReply *reply, void *argument)
{
    struct tool_call *call = argument;
    struct json_writer writer;
    if (!tool_call_answered(call, reply, &writer))
        return;
    struct budget budget;
    budget_init(
        &budget, &writer, tool_call_value(call, LIST_MAX_TOKENS), LIST_TOKENS, LIST_TAIL_BYTES);
    struct budget_mark mark = budget_mark(&budget);
    entry_write_string(&writer, "folder", reply->folder);
    budget_keep(&budget, &mark);
    json_write_key(&writer, "backups");
    json_write_array_begin(&writer);
    for (size_t i = 0; i < reply->n_backups; i++) {
        mark = budget_mark(&budget);
        backup_info_write(&writer, reply->backups[i]);
        if (!budget_keep(&budget, &mark))
            break;
    }
    json_write_array_end(&writer);
    json_write_key(&writer, "truncated");
    json_write_boolean(&writer, budget.cut);
    if (budget.cut) {
        json_write_key(&writer, "next");
        json_write_string(&writer, "raise max_tokens");
    }
    tool_call_finish(call, &writer);
}

static void
ask_list(struct tool_call *call)
{
    Forge__BackupListRequest request = FORGE__BACKUP_LIST_REQUEST__INIT;
    request.limit = (uint32_t)tool_call_value(call, LIMIT)->integer;
    ProtobufCService *backup = tool_call_bind(call, &forge__backup__descriptor);
    forge__backup__list(backup, &request, on_listed, call);
}

const struct tool tool_backup_list = {
    .name = "backup_list",
    .title = "List backups",
    .description = "Backups, newest first.",
    .example = "{\"limit\":10}",
    .arguments = ARGUMENT_LIST(list_arguments),
    .output = "folder:string backups:objects truncated:boolean",
    .flags = TOOL_OPERATIONS | TOOL_READS,
    .role = ROLE_OPERATOR,
    .service = "backup-svc",
    .ask = ask_list,
};

enum { ID, VERIFY_MAX_TOKENS };

static const struct argument verify_arguments[] = {
    [ID] = {.name = "id",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_NAME,
        .max = LIMIT_BACKUP_ID_BYTES,
        .also = "backup backup_id"},
    [VERIFY_MAX_TOKENS] = ARGUMENT_ROW_MAX_TOKENS(0),
};

static void
on_verified(const Forge__BackupVerifyReply *reply, void *argument)
{
    struct tool_call *call = argument;
    struct json_writer writer;
    if (!tool_call_answered(call, reply, &writer))
        return;
    struct budget budget;
    budget_init(&budget, &writer, tool_call_value(call, VERIFY_MAX_TOKENS), VERIFY_TOKENS,
        VERIFY_TAIL_BYTES);
    json_write_key(&writer, "good");
    json_write_boolean(&writer, reply->good);
    json_write_key(&writer, "problems");
    json_write_array_begin(&writer);
    for (size_t i = 0; i < reply->n_problems; i++) {
        struct budget_mark mark = budget_mark(&budget);
        json_write_string(&writer, reply->problems[i]);
        if (!budget_keep(&budget, &mark))
            break;
    }
    json_write_array_end(&writer);
    struct budget_mark mark = budget_mark(&budget);
    if (reply->backup) {
        json_write_key(&writer, "backup");
        backup_info_write(&writer, reply->backup);
    }
    budget_keep(&budget, &mark);
    json_write_key(&writer, "truncated");
    json_write_boolean(&writer, budget.cut);
    tool_call_finish(call, &writer);
}

static void
ask_verify(struct tool_call *call)
{
    Forge__BackupVerifyRequest request = FORGE__BACKUP_VERIFY_REQUEST__INIT;
    request.id = tool_call_value(call, ID)->string;
    ProtobufCService *backup = tool_call_bind(call, &forge__backup__descriptor);
    forge__backup__verify(backup, &request, on_verified, call);
}

const struct tool tool_backup_verify = {
    .name = "backup_verify",
    .title = "Prove a backup",
    .description = "Prove a backup (the newest without id) by its checksums.",
    .example = "{\"id\":\"20261124T073215Z-1a2b3c4d\"}",
    .arguments = ARGUMENT_LIST(verify_arguments),
    .output = "good:boolean problems:strings backup:object truncated:boolean",
    .flags = TOOL_OPERATIONS | TOOL_READS,
    .role = ROLE_OPERATOR,
    .service = "backup-svc",
    .timeout_ms = 60000,
    .ask = ask_verify,
};
