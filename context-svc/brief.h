/* brief: what an assistant should know before it begins a task.
 *
 * In this order, until the budget of bytes is used: what is pinned in the project, what matches the
 * task best, how the last session ended, the newest decisions, conventions and errors. Nothing
 * comes twice, and what was superseded does not come.
 */
#pragma once

#include "context-svc/reading.h"

enum status context_brief_make(struct context_reading *reading, const Forge__BriefRequest *request,
    Forge__BriefReply *reply) MUST_CHECK;
