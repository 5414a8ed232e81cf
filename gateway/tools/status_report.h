/* status_report: what forge_status found out, and how it is shown. */
#pragma once

#include "backup.pb-c.h"
#include "context.pb-c.h"
#include "metrics.pb-c.h"

#include "common/base/arena.h"

struct argument_value;
struct tool_call;

enum status_service { STATUS_CONTEXT, STATUS_METRICS, STATUS_BACKUP, STATUS_SERVICES };

/* One line of the report for each. */
struct status_service_report {
    bool up;
    const char *reason;      /* when it is not up */
    const char *store_state; /* NULL: it did not say */
    const char *store_reason;
};

/* Copies of what matters of the replies, in the call's arena, since replies end with their closure.
 */
struct status_report {
    struct status_service_report services[STATUS_SERVICES];
    uint64_t entries, open_sessions, store_bytes, sequence;
    double relevance;
    char **programs; /* each one's JSON */
    size_t program_count;
    char *backup; /* the newest one's JSON; NULL: there is none */
};

void status_report_take_count(
    struct status_report *self, struct arena *arena, const Forge__CountReply *reply);
void status_report_take_programs(
    struct status_report *self, struct arena *arena, const Forge__StatusReply *reply);
void status_report_take_backups(
    struct status_report *self, struct arena *arena, const Forge__BackupListReply *reply);

/* Writes the result of forge_status and finishes the call. */
void status_report_write(const struct status_report *self, struct tool_call *call, bool verbose,
    const struct argument_value *max_tokens);
