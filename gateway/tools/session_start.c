#include "gateway/tools/brief.h"
#include "gateway/tools/call.h"
#include "gateway/tools/entry.h"
#include "gateway/tools/table.h"
#include "gateway/tools/work_session.h"

enum { PROJECT, TASK, BRANCH, RESUME, MAX_TOKENS, CLIENT, KEY };

static const struct argument start_arguments[] = {
    [PROJECT] = {.name = "project",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_REQUIRED | ARGUMENT_NAME,
        .min = 1,
        .max = LIMIT_PROJECT_BYTES,
        .also = "project_id project_name repo repository namespace"},
    [TASK] = {.name = "task",
        .type = ARGUMENT_TEXT,
        .max = LIMIT_TASK_BYTES,
        .also = "goal title description name"},
    [BRANCH] = {.name = "branch",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_NAME,
        .max = LIMIT_BRANCH_BYTES},
    [RESUME] = {.name = "resume",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_NAME,
        .max = LIMIT_HANDLE_BYTES,
        .also = "session handle session_id"},
    [MAX_TOKENS] = ARGUMENT_ROW_MAX_TOKENS(ARGUMENT_HIDDEN),
    [CLIENT] = {.name = "client",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_HIDDEN | ARGUMENT_NAME,
        .max = LIMIT_NAME_BYTES},
    [KEY] = ARGUMENT_ROW_IDEMPOTENCY,
};

enum { DEFAULT_TOKENS = 2000, TAIL_BYTES = sizeof ",\"truncated\":false" };

static void
write_state(struct budget *budget, const Forge__WorkSession *session)
{
    struct json_writer *writer = budget->writer;
    struct budget_mark mark = budget_mark(budget);
    work_session_write_lists(writer, session);
    budget_keep(budget, &mark);
    mark = budget_mark(budget);
    if (session->summary.len)
        budget_write_text(budget, "summary", entry_text(session->summary), 0);
    budget_keep(budget, &mark);
}

static void
write_brief(struct budget *budget, const Forge__BriefReply *brief)
{
    struct budget_mark mark = budget_mark(budget);
    json_write_key(budget->writer, "brief");
    json_write_object_begin(budget->writer);
    brief_write(budget, brief);
    json_write_object_end(budget->writer);
    budget_keep(budget, &mark);
}

static void
on_started(const Forge__SessionStartReply *reply, void *argument)
{
    struct tool_call *call = argument;
    struct json_writer writer;
    if (!tool_call_answered(call, reply, &writer))
        return;
    struct budget budget;
    budget_init(&budget, &writer, tool_call_value(call, MAX_TOKENS), DEFAULT_TOKENS, TAIL_BYTES);
    if (reply->session)
        work_session_write_head(&writer, reply->session);
    json_write_key(&writer, "resumed");
    json_write_boolean(&writer, reply->resumed);
    json_write_key(&writer, "durable");
    json_write_boolean(&writer, true);
    if (reply->resumed && reply->session)
        write_state(&budget, reply->session);
    if (reply->brief)
        write_brief(&budget, reply->brief);
    tool_call_finish(call, &writer);
}

static void
ask_start(struct tool_call *call)
{
    const struct argument_value *values = call->values;
    Forge__SessionStartRequest request = FORGE__SESSION_START_REQUEST__INIT;
    request.project = values[PROJECT].string;
    request.task = values[TASK].string;
    request.branch = values[BRANCH].string;
    request.client = values[CLIENT].given
                         ? values[CLIENT].string
                         : arena_copy(call->arena, text_cut(call->client, LIMIT_NAME_BYTES));
    request.resume = values[RESUME].string;
    request.brief_max_bytes = brief_max_bytes(&values[MAX_TOKENS], DEFAULT_TOKENS);
    call->rpc.project = values[PROJECT].text;
    ProtobufCService *session = tool_call_bind(call, &forge__session__descriptor);
    forge__session__start(session, &request, on_started, call);
}

const struct tool tool_session_start = {
    .name = "session_start",
    .title = "Begin or resume work",
    .description = "Begin longer work, or resume a session by its handle: returns handle and "
                   "briefing.",
    .example = "{\"project\":\"shop\",\"task\":\"make checkout retries safe\"}",
    .arguments = ARGUMENT_LIST(start_arguments),
    .output = "session:string resumed:boolean durable:boolean summary:string next_steps:strings "
              "files:strings brief:object",
    .flags = 0,
    .role = ROLE_WRITER,
    .service = "context-svc",
    .ask = ask_start,
};
