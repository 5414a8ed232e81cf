/* tool: one row for each thing that an assistant can do here.
 *
 * A tool is its row and a small function pair in the file of its subject: `ask` turns checked
 * arguments into a request and calls the service's stub, the stub's closure turns the reply into
 * the result. What all tools share (roles, arguments, failures, idempotency keys) is call.h.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/json/writer.h"
#include "gateway/tools/arguments.h"

struct tool_call;

/* Bits of tool.flags. */
enum {
    TOOL_READS = 1,      /* changes nothing; takes max_tokens */
    TOOL_DESTROYS = 2,   /* may remove or replace what was stored */
    TOOL_REPEATABLE = 4, /* a second call with the same arguments changes nothing more */
    TOOL_OPERATIONS = 8, /* of the profile `ops`; the others are `core` */
};

struct tool {
    const char *name;
    const char *title;
    const char *description; /* when to call it, in one or two sentences */
    const char *example;     /* JSON arguments, shown in refusals */
    struct argument_list arguments;
    const char *output; /* the output schema's properties, as JSON */
    unsigned flags;
    uint32_t role;       /* the bit of rpc_principal.roles that it needs */
    const char *service; /* who answers, named in failures: "context-svc" */
    unsigned timeout_ms; /* when the caller names none; 0: the gateway's default */
    void (*ask)(struct tool_call *call);
};

/* All of them, in the order that lists show. */
extern const struct tool *const tools[];
extern const size_t tool_count;

/* NULL when there is no such tool. */
const struct tool *tool_find(struct text name);

/* The name that was most likely meant, or NULL. */
const struct tool *tool_nearest(struct text name);

/* A profile by its name: core, ops, all; the empty name is `all`. False when it is none of them. */
enum tool_profile { PROFILE_ALL, PROFILE_CORE, PROFILE_OPS, PROFILE_COUNT };
bool tool_profile_parse(struct text name, enum tool_profile *profile) MUST_CHECK;
bool tool_is_in(const struct tool *self, enum tool_profile profile);

/* Writes the tool as tools/list shows it: name, title, description, schemas, annotations. */
void tool_write(const struct tool *self, struct json_writer *writer);
void tool_write_input_schema(const struct tool *self, struct json_writer *writer);

/* What follows Mcp-Param- in the name of the header that mirrors an argument. */
#define TOOL_HEADER       "Project"
#define TOOL_HEADER_LOWER "project"

/* The argument mirrored in that header, or NULL. */
const struct argument *tool_header_argument(const struct tool *self);
