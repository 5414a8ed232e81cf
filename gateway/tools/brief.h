/* brief: a briefing as JSON, for context_brief and session_start. */
#pragma once

#include "context.pb-c.h"

#include "gateway/tools/budget.h"

/* How many bytes of titles and texts to ask the service for, so that the JSON around them fits. */
uint32_t brief_max_bytes(const struct argument_value *max_tokens, unsigned fallback);

/* Writes "items" and "truncated" into the open object. */
void brief_write(struct budget *budget, const Forge__BriefReply *reply);
