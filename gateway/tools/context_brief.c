#include "context.pb-c.h"

#include "gateway/tools/brief.h"
#include "gateway/tools/call.h"
#include "gateway/tools/common_arguments.h"
#include "gateway/tools/table.h"

enum { TASK, PROJECT, MAX_TOKENS, BRANCH };

static const struct argument brief_arguments[] = {
    [TASK] = {.name = "task",
        .type = ARGUMENT_TEXT,
        .max = LIMIT_TASK_BYTES,
        .also = "query q goal topic text content"},
    [PROJECT] = ARGUMENT_ROW_PROJECT,
    [MAX_TOKENS] = ARGUMENT_ROW_MAX_TOKENS(0),
    [BRANCH] = {.name = "branch",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_HIDDEN | ARGUMENT_NAME,
        .max = LIMIT_BRANCH_BYTES},
};

enum {
    DEFAULT_TOKENS = 2000,
    TAIL_BYTES = sizeof ",\"truncated\":false,\"considered\":4294967295",
};

static void
on_briefed(const Forge__BriefReply *reply, void *argument)
{
    struct tool_call *call = argument;
    struct json_writer writer;
    if (!tool_call_answered(call, reply, &writer))
        return;
    struct budget budget;
    budget_init(&budget, &writer, tool_call_value(call, MAX_TOKENS), DEFAULT_TOKENS, TAIL_BYTES);
    brief_write(&budget, reply);
    json_write_key(&writer, "considered");
    json_write_unsigned(&writer, reply->considered);
    tool_call_finish(call, &writer);
}

static void
ask_brief(struct tool_call *call)
{
    const struct argument_value *values = call->values;
    Forge__BriefRequest request = FORGE__BRIEF_REQUEST__INIT;
    request.task = values[TASK].string;
    request.project = values[PROJECT].string;
    request.branch = values[BRANCH].string;
    request.max_bytes = brief_max_bytes(&values[MAX_TOKENS], DEFAULT_TOKENS);
    call->rpc.project = values[PROJECT].text;
    ProtobufCService *context = tool_call_bind(call, &forge__context__descriptor);
    forge__context__brief(context, &request, on_briefed, call);
}

const struct tool tool_context_brief = {
    .name = "context_brief",
    .title = "Brief me",
    .description = "What matters for a task, within max_tokens. Call it first in a new "
                   "conversation and after compaction.",
    .example = "{\"project\":\"shop\",\"task\":\"make checkout retries safe\"}",
    .arguments = ARGUMENT_LIST(brief_arguments),
    .output = "items:objects considered:integer truncated:boolean",
    .flags = TOOL_READS,
    .role = ROLE_READER,
    .service = "context-svc",
    .ask = ask_brief,
};
