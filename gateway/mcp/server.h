/* server: the inside of struct mcp, for the files of this room. */
#pragma once

#include "common/base/buffer.h"
#include "gateway/mcp/counts.h"
#include "gateway/mcp/mcp.h"
#include "gateway/mcp/sessions.h"
#include "gateway/tools/tool.h"

struct mcp {
    struct mcp_options options;
    uint64_t principal; /* of the options, as sessions know it */
    struct mcp_sessions *sessions;
    struct mcp_counts *counts;
    struct buffer scratch;                   /* a result's JSON, before it is put into an answer */
    struct buffer tool_lists[PROFILE_COUNT]; /* "[…]" as tools/list shows it */
    struct buffer server_info;               /* an Implementation object */
};

/* The words for models that both eras give with their handshake. */
extern const char mcp_instructions[];

/* The capabilities that both eras advertise, as JSON. */
extern const char mcp_capabilities[];
