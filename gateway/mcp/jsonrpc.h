/* jsonrpc: JSON-RPC 2.0 messages as MCP uses them, read without building a tree.
 *
 * A message's members are found in one pass over the body; ids and values stay the raw bytes of the
 * document, so an id goes back exactly as it came. Nothing here knows HTTP or the eras.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/base/text.h"

enum jsonrpc_code {
    JSONRPC_PARSE_ERROR = -32700,
    JSONRPC_INVALID_REQUEST = -32600,
    JSONRPC_METHOD_NOT_FOUND = -32601,
    JSONRPC_INVALID_PARAMS = -32602,
    JSONRPC_INTERNAL_ERROR = -32603,
    /* MCP's own. */
    JSONRPC_SESSION_NOT_FOUND = -32001,  /* before 2026-07-28 */
    JSONRPC_RESOURCE_NOT_FOUND = -32002, /* before 2026-07-28 */
    JSONRPC_HEADER_MISMATCH = -32020,
    JSONRPC_MISSING_CAPABILITY = -32021,
    JSONRPC_UNSUPPORTED_VERSION = -32022,
};

enum jsonrpc_kind {
    JSONRPC_REQUEST,
    JSONRPC_NOTIFICATION,
    JSONRPC_RESPONSE, /* to a request of ours */
    JSONRPC_INVALID,
};

/* The members of params that some method of MCP reads. */
enum jsonrpc_param {
    PARAM_META,
    PARAM_NAME,
    PARAM_ARGUMENTS,
    PARAM_URI,
    PARAM_CURSOR,
    PARAM_PROTOCOL_VERSION,
    PARAM_CAPABILITIES,
    PARAM_CLIENT_INFO,
    PARAM_REF,
    PARAM_ARGUMENT,
    PARAM_COUNT,
};

struct jsonrpc_message {
    enum jsonrpc_kind kind;
    const char *problem; /* of INVALID: static words */
    struct text id;      /* raw; empty when there is none that may be echoed */
    struct text method;
    struct text params[PARAM_COUNT]; /* raw values; empty: absent */
};

enum { JSONRPC_BATCH_MAX = 50, JSONRPC_ID_BYTES_MAX = 512 };

/* True when the document is an array. */
bool jsonrpc_is_batch(struct text document);

/* Reads one message; false with words when the document is not JSON. A document of another shape is
 * a message of kind INVALID. */
bool jsonrpc_read(struct text document, struct arena *arena, struct jsonrpc_message *message,
    struct problem *problem) MUST_CHECK;

/* Splits an array into its elements' raw bytes, room for JSONRPC_BATCH_MAX + 1; more are counted as
 * that many. False with words when the document is not JSON. */
bool jsonrpc_split(struct text document, struct text elements[JSONRPC_BATCH_MAX + 1], size_t *count,
    struct problem *problem) MUST_CHECK;

/* A raw value as text when it is a string; false otherwise. */
bool jsonrpc_string(struct text raw, struct arena *arena, struct text *value) MUST_CHECK;

/* True when the raw value is an object. */
bool jsonrpc_is_object(struct text raw);

/* The JSON-RPC code for a status of the house; the one place that knows it. */
enum jsonrpc_code jsonrpc_code_of(enum status status);
