/* prompt_texts: the prompts that people pick in their client, and what they say. */
#pragma once

#include "common/base/buffer.h"
#include "common/base/text.h"

enum { MCP_PROMPT_ARGUMENTS = 2 };

struct mcp_prompt_argument {
    const char *name; /* NULL: there is no such argument */
    const char *description;
    bool required;
};

struct mcp_prompt {
    const char *name;
    const char *title;
    const char *description;
    struct mcp_prompt_argument arguments[MCP_PROMPT_ARGUMENTS];
    /* Appends the text; values are in the arguments' order, empty where not given. */
    void (*write)(struct buffer *out, const struct text values[MCP_PROMPT_ARGUMENTS]);
};

extern const struct mcp_prompt mcp_prompts[];
extern const size_t mcp_prompt_count;

/* NULL when there is none of that name. */
const struct mcp_prompt *mcp_prompt_find(struct text name);
