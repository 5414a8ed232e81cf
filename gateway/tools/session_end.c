#include "gateway/tools/call.h"
#include "gateway/tools/entry.h"
#include "gateway/tools/table.h"
#include "gateway/tools/work_session.h"

enum { SESSION, OUTCOME, KEEP, KEY };

static const struct argument end_arguments[] = {
    [SESSION] = ARGUMENT_ROW_HANDLE,
    [OUTCOME] = {.name = "outcome",
        .type = ARGUMENT_TEXT,
        .max = LIMIT_SUMMARY_BYTES,
        .also = "summary result text content"},
    [KEEP] = {.name = "keep",
        .type = ARGUMENT_TEXTS,
        .max = LIMIT_KEEP_BYTES,
        .max_items = LIMIT_KEEP,
        .also = "notes learnings memories"},
    [KEY] = ARGUMENT_ROW_IDEMPOTENCY,
};

static void
on_ended(const Forge__SessionEndReply *reply, void *argument)
{
    struct tool_call *call = argument;
    struct json_writer writer;
    if (!tool_call_answered(call, reply, &writer))
        return;
    if (reply->session)
        work_session_write_head(&writer, reply->session);
    json_write_key(&writer, "kept");
    json_write_array_begin(&writer);
    for (size_t i = 0; i < reply->n_kept_ids; i++)
        entry_write_id_value(&writer, reply->kept_ids[i]);
    json_write_array_end(&writer);
    json_write_key(&writer, "durable");
    json_write_boolean(&writer, true);
    tool_call_finish(call, &writer);
}

static void
ask_end(struct tool_call *call)
{
    const struct argument_value *values = call->values;
    ProtobufCBinaryData keep[LIMIT_KEEP];
    Forge__SessionEndRequest request = FORGE__SESSION_END_REQUEST__INIT;
    request.handle = values[SESSION].string;
    request.outcome = entry_bytes(values[OUTCOME].text);
    request.keep = keep;
    for (request.n_keep = 0; request.n_keep < values[KEEP].count; request.n_keep++)
        keep[request.n_keep] = entry_bytes(text_of(values[KEEP].strings[request.n_keep]));
    ProtobufCService *session = tool_call_bind(call, &forge__session__descriptor);
    forge__session__end(session, &request, on_ended, call);
}

const struct tool tool_session_end = {
    .name = "session_end",
    .title = "End work",
    .description = "Close a session; keep lists texts to save for the team.",
    .example = "{\"session\":\"…\",\"outcome\":\"Retries are safe and tested.\",\"keep\":"
               "[\"Checkout retries need an idempotency key.\"]}",
    .arguments = ARGUMENT_LIST(end_arguments),
    .output = "session:string kept:strings durable:boolean",
    .flags = TOOL_REPEATABLE,
    .role = ROLE_WRITER,
    .service = "context-svc",
    .ask = ask_end,
};
