/* work_session: what the session tools share: the handle's argument and how a session is shown. */
#pragma once

#include "session.pb-c.h"

#include "gateway/tools/budget.h"
#include "gateway/tools/common_arguments.h"

#define ARGUMENT_ROW_HANDLE                                                                        \
    {                                                                                              \
        .name = "session", .type = ARGUMENT_TEXT, .flags = ARGUMENT_REQUIRED | ARGUMENT_NAME,      \
        .min = 1, .max = LIMIT_HANDLE_BYTES, .also = "handle session_id sessionId id"              \
    }

/* Writes into the open object: handle, project, task, who and when, without summary and lists. */
void work_session_write_head(struct json_writer *writer, const Forge__WorkSession *session);

/* Writes next_steps and files where there are any. */
void work_session_write_lists(struct json_writer *writer, const Forge__WorkSession *session);
