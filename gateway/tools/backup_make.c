#include "gateway/tools/backup_info.h"
#include "gateway/tools/call.h"
#include "gateway/tools/common_arguments.h"
#include "gateway/tools/table.h"

enum { NOTE, RUN_KEY };

static const struct argument run_arguments[] = {
    [NOTE] = {.name = "note",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_NAME,
        .max = LIMIT_NOTE_BYTES,
        .also = "comment reason text"},
    [RUN_KEY] = ARGUMENT_ROW_IDEMPOTENCY,
};

static void
on_run(const Forge__BackupRunReply *reply, void *argument)
{
    struct tool_call *call = argument;
    struct json_writer writer;
    if (!tool_call_answered(call, reply, &writer))
        return;
    if (reply->backup) {
        json_write_key(&writer, "backup");
        backup_info_write(&writer, reply->backup);
    }
    tool_call_finish(call, &writer);
}

static void
ask_run(struct tool_call *call)
{
    Forge__BackupRunRequest request = FORGE__BACKUP_RUN_REQUEST__INIT;
    request.note = tool_call_value(call, NOTE)->string;
    ProtobufCService *backup = tool_call_bind(call, &forge__backup__descriptor);
    forge__backup__run(backup, &request, on_run, call);
}

const struct tool tool_backup_run = {
    .name = "backup_run",
    .title = "Take a backup",
    .description = "Back up all stores now.",
    .example = "{\"note\":\"before the upgrade\"}",
    .arguments = ARGUMENT_LIST(run_arguments),
    .output = "backup:object",
    .flags = TOOL_OPERATIONS,
    .role = ROLE_OPERATOR,
    .service = "backup-svc",
    .timeout_ms = 60000,
    .ask = ask_run,
};

enum { ID, CONFIRM, RESTORE_KEY };

static const struct argument restore_arguments[] = {
    [ID] = {.name = "id",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_REQUIRED | ARGUMENT_NAME,
        .min = 1,
        .max = LIMIT_BACKUP_ID_BYTES,
        .also = "backup backup_id"},
    [CONFIRM] = {.name = "confirm",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_REQUIRED | ARGUMENT_NAME,
        .min = 1,
        .max = LIMIT_BACKUP_ID_BYTES,
        .also = "confirmation"},
    [RESTORE_KEY] = ARGUMENT_ROW_IDEMPOTENCY,
};

static void
on_restored(const Forge__BackupRestoreReply *reply, void *argument)
{
    struct tool_call *call = argument;
    struct json_writer writer;
    if (!tool_call_answered(call, reply, &writer))
        return;
    json_write_key(&writer, "restored");
    json_write_boolean(&writer, true);
    json_write_key(&writer, "records");
    json_write_unsigned(&writer, reply->records);
    if (reply->backup) {
        json_write_key(&writer, "backup");
        backup_info_write(&writer, reply->backup);
    }
    tool_call_finish(call, &writer);
}

static void
ask_restore(struct tool_call *call)
{
    const struct argument_value *id = tool_call_value(call, ID);
    const struct argument_value *confirm = tool_call_value(call, CONFIRM);
    if (!text_equals(id->text, confirm->text)) {
        tool_call_refuse(call, STATUS_INVALID_ARGUMENT, "confirm",
            "backup_restore: confirm must repeat the id (\"%.*s\") to show that this backup is "
            "meant; nothing was restored. Ask the user before you confirm.",
            TEXT_FORMAT(id->text));
        return;
    }
    Forge__BackupRestoreRequest request = FORGE__BACKUP_RESTORE_REQUEST__INIT;
    request.id = id->string;
    request.confirm = confirm->string;
    ProtobufCService *backup = tool_call_bind(call, &forge__backup__descriptor);
    forge__backup__restore(backup, &request, on_restored, call);
}

const struct tool tool_backup_restore = {
    .name = "backup_restore",
    .title = "Restore a backup",
    .description = "Restore into empty stores; ask the user, then repeat the id as confirm.",
    .example = "{\"id\":\"20261124T073215Z-1a2b3c4d\",\"confirm\":\"20261124T073215Z-1a2b3c4d\"}",
    .arguments = ARGUMENT_LIST(restore_arguments),
    .output = "restored:boolean records:integer backup:object",
    .flags = TOOL_OPERATIONS | TOOL_DESTROYS,
    .role = ROLE_OPERATOR,
    .service = "backup-svc",
    .timeout_ms = 60000,
    .ask = ask_restore,
};
