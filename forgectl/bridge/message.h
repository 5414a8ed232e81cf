/* message: what the bridge must know of one line from the client.
 *
 * The line is read once and strictly; the texts are borrowed from it and from the arena.
 */
#pragma once

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/attributes.h"
#include "common/base/buffer.h"
#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/base/text.h"

enum bridge_kind {
    BRIDGE_REQUEST,
    BRIDGE_NOTIFICATION,
    BRIDGE_RESPONSE, /* the client's, to a request of the server */
    BRIDGE_BATCH,
};

struct bridge_message {
    enum bridge_kind kind;
    struct text id; /* raw JSON; of a request */
    struct text method;
    struct text claim;     /* params._meta's protocol version: the message is of the modern era */
    struct text name;      /* what Mcp-Name mirrors; data NULL: nothing */
    struct text project;   /* what Mcp-Param-Project mirrors; data NULL: nothing */
    struct text cancelled; /* raw id that notifications/cancelled names */
};

/* INVALID_ARGUMENT with words: the line is no JSON, or no JSON-RPC message. */
enum status bridge_message_read(struct text line, struct arena *arena, struct bridge_message *self,
    struct problem *problem) MUST_CHECK;

/* Adds the raw ids of the requests in a line that was read, with commas between: one, or a batch's.
 */
void bridge_message_ids(struct text line, const struct bridge_message *message, struct buffer *ids);
