/* table: the tools' rows, each defined in the file of its subject; for tool.c alone. */
#pragma once

#include "gateway/tools/tool.h"

extern const struct tool tool_context_save;
extern const struct tool tool_context_search;
extern const struct tool tool_context_get;
extern const struct tool tool_context_brief;
extern const struct tool tool_context_update;
extern const struct tool tool_context_forget;
extern const struct tool tool_context_list;
extern const struct tool tool_session_start;
extern const struct tool tool_session_checkpoint;
extern const struct tool tool_session_end;
extern const struct tool tool_session_list;
extern const struct tool tool_forge_status;
extern const struct tool tool_metrics_query;
extern const struct tool tool_backup_run;
extern const struct tool tool_backup_list;
extern const struct tool tool_backup_verify;
extern const struct tool tool_backup_restore;
