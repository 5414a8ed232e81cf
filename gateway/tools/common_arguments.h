/* common_arguments: rows that several tools' tables share.
 *
 * Macros, since C has no other way to put one initialiser into several static tables.
 */
#pragma once

#include "gateway/tools/arguments.h"
#include "gateway/tools/limits.h"

#define ARGUMENT_ROW_MAX_TOKENS(more_flags)                                                        \
    {                                                                                              \
        .name = "max_tokens", .type = ARGUMENT_INTEGER, .flags = (more_flags),                     \
        .min = LIMIT_MIN_TOKENS, .max = LIMIT_MAX_TOKENS,                                          \
        .also = "token_limit budget max_token maxTokens"                                           \
    }

#define ARGUMENT_ROW_CURSOR(more_flags)                                                            \
    {                                                                                              \
        .name = "cursor", .type = ARGUMENT_TEXT, .flags = (more_flags),                            \
        .max = LIMIT_CURSOR_TEXT_BYTES, .also = "next_cursor nextCursor"                           \
    }

#define ARGUMENT_ROW_LIMIT(most)                                                                   \
    {                                                                                              \
        .name = "limit", .type = ARGUMENT_INTEGER, .min = 1, .max = (most),                        \
        .also = "top_k n_results k count max_results num_results page_size n"                      \
    }

#define ARGUMENT_ROW_PROJECT                                                                       \
    {                                                                                              \
        .name = "project", .type = ARGUMENT_TEXT, .flags = ARGUMENT_NAME,                          \
        .max = LIMIT_PROJECT_BYTES, .also = "project_id project_name repo repository namespace"    \
    }

#define ARGUMENT_ROW_KINDS                                                                         \
    {                                                                                              \
        .name = "kinds", .type = ARGUMENT_TEXTS, .flags = ARGUMENT_KIND, .max = LIMIT_KIND_BYTES,  \
        .max_items = LIMIT_KINDS, .also = "kind types type"                                        \
    }

#define ARGUMENT_ROW_TAGS                                                                          \
    {                                                                                              \
        .name = "tags", .type = ARGUMENT_TEXTS, .flags = ARGUMENT_NAME, .max = LIMIT_TAG_BYTES,    \
        .max_items = LIMIT_TAGS, .also = "tag labels keywords"                                     \
    }

#define ARGUMENT_ROW_SCOPE(more_flags)                                                             \
    {                                                                                              \
        .name = "scope", .type = ARGUMENT_WORD, .flags = (more_flags), .words = tool_scopes,       \
        .also = "visibility"                                                                       \
    }

#define ARGUMENT_ROW_IDEMPOTENCY                                                                   \
    {                                                                                              \
        .name = "idempotency_key", .type = ARGUMENT_TEXT,                                          \
        .flags = ARGUMENT_HIDDEN | ARGUMENT_NAME, .max = LIMIT_IDEMPOTENCY_KEY_BYTES,              \
        .also = "idempotencyKey request_id"                                                        \
    }

/* private, project, team, NULL: place + 1 is forge.Scope. */
extern const char *const tool_scopes[];

/* An argument list over a static table. */
#define ARGUMENT_LIST(table)                                                                       \
    {                                                                                              \
        (table), sizeof(table) / sizeof *(table)                                                   \
    }
