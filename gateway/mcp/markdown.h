/* markdown: entries and briefings as people read them, for resources. */
#pragma once

#include "context.pb-c.h"

#include "common/base/buffer.h"

/* Title, one line of where it comes from, then the text as it was stored. */
void mcp_markdown_entry(struct buffer *out, const Forge__Entry *entry);

void mcp_markdown_brief(struct buffer *out, struct text project, const Forge__BriefReply *reply);
