#include "gateway/tools/call.h"
#include "gateway/tools/entry.h"
#include "gateway/tools/table.h"
#include "gateway/tools/work_session.h"

enum { SESSION, SUMMARY, NEXT_STEPS, FILES, KEY };

static const struct argument checkpoint_arguments[] = {
    [SESSION] = ARGUMENT_ROW_HANDLE,
    [SUMMARY] = {.name = "summary",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_REQUIRED,
        .min = 1,
        .max = LIMIT_SUMMARY_BYTES,
        .also = "text content state notes"},
    [NEXT_STEPS] = {.name = "next_steps",
        .type = ARGUMENT_TEXTS,
        .max = LIMIT_STEP_BYTES,
        .max_items = LIMIT_STEPS,
        .also = "todo todos steps next"},
    [FILES] = {.name = "files",
        .type = ARGUMENT_TEXTS,
        .flags = ARGUMENT_NAME,
        .max = LIMIT_FILE_BYTES,
        .max_items = LIMIT_FILES,
        .also = "paths"},
    [KEY] = ARGUMENT_ROW_IDEMPOTENCY,
};

static void
on_checkpointed(const Forge__SessionCheckpointReply *reply, void *argument)
{
    struct tool_call *call = argument;
    struct json_writer writer;
    if (!tool_call_answered(call, reply, &writer))
        return;
    if (reply->session)
        work_session_write_head(&writer, reply->session);
    json_write_key(&writer, "durable");
    json_write_boolean(&writer, true);
    tool_call_finish(call, &writer);
}

static void
ask_checkpoint(struct tool_call *call)
{
    const struct argument_value *values = call->values;
    Forge__SessionCheckpointRequest request = FORGE__SESSION_CHECKPOINT_REQUEST__INIT;
    request.handle = values[SESSION].string;
    request.summary = entry_bytes(values[SUMMARY].text);
    request.next_steps = values[NEXT_STEPS].strings;
    request.n_next_steps = values[NEXT_STEPS].count;
    request.files = values[FILES].strings;
    request.n_files = values[FILES].count;
    ProtobufCService *session = tool_call_bind(call, &forge__session__descriptor);
    forge__session__checkpoint(session, &request, on_checkpointed, call);
}

const struct tool tool_session_checkpoint = {
    .name = "session_checkpoint",
    .title = "Save the state of work",
    .description = "Save where the work stands, at milestones and before context is compacted.",
    .example = "{\"session\":\"…\",\"summary\":\"Retries are idempotent; the test for timeouts is "
               "missing.\",\"next_steps\":[\"write test_timeouts\"]}",
    .arguments = ARGUMENT_LIST(checkpoint_arguments),
    .output = "session:string checkpoints:integer durable:boolean",
    .flags = 0,
    .role = ROLE_WRITER,
    .service = "context-svc",
    .ask = ask_checkpoint,
};
