#include "gateway/tools/call.h"
#include "gateway/tools/common_arguments.h"
#include "gateway/tools/status_report.h"
#include "gateway/tools/status_round.h"
#include "gateway/tools/table.h"

enum { VERBOSE, MAX_TOKENS };

static const struct argument status_arguments[] = {
    [VERBOSE] = {.name = "verbose", .type = ARGUMENT_BOOLEAN, .also = "detail details"},
    [MAX_TOKENS] = ARGUMENT_ROW_MAX_TOKENS(0),
};

static void
on_round(struct tool_call *call, const struct status_report *report)
{
    status_report_write(
        report, call, tool_call_value(call, VERBOSE)->boolean, tool_call_value(call, MAX_TOKENS));
}

static void
ask_status(struct tool_call *call)
{
    status_round_start(call, on_round);
}

const struct tool tool_forge_status = {
    .name = "forge_status",
    .title = "Health of context-forge",
    .description = "Health of services, counts, last backup. Call it when a tool fails.",
    .example = "{\"verbose\":true}",
    .arguments = ARGUMENT_LIST(status_arguments),
    .output = "status:string services:object contexts:object last_backup:object gateway:object "
              "programs:objects truncated:boolean",
    .flags = TOOL_READS,
    .role = ROLE_READER,
    .service = "context-svc",
    .ask = ask_status,
};
