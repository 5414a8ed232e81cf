/* exchange: one message of the client on its way to the gateway and back; private to the bridge.
 *
 * The slots are few and fixed, so memory is bounded; when all are used, the client waits.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "forgectl/bridge/bridge.h"
#include "forgectl/bridge/message.h"
#include "forgectl/bridge/output.h"
#include "forgectl/bridge/sse.h"
#include "forgectl/client/transfers.h"

enum { BRIDGE_EXCHANGES_MAX = 64 };

struct bridge;

enum exchange_role {
    EXCHANGE_CLIENT,
    EXCHANGE_OPENING,   /* the client's initialize */
    EXCHANGE_REOPENING, /* the same again, by ourselves */
    EXCHANGE_READY,     /* our own notifications/initialized after that */
};

struct exchange {
    struct bridge *bridge;
    struct transfer *transfer; /* while in flight */
    bool is_used;
    enum exchange_role role;
    enum bridge_kind kind;
    bool is_modern;
    bool is_listen;         /* subscriptions/listen: a stream without end */
    bool is_cancelled;      /* by the client; an answer may be missing */
    bool is_answered;       /* on the event stream */
    bool waits_for_session; /* until it was opened again */
    bool was_reopened;      /* it was sent under a second session */
    struct buffer line;
    struct buffer ids; /* raw ids of its requests, commas between */
    struct sse sse;
    int64_t started_ms;
    int64_t due_ms; /* of the next attempt, while it has no transfer */
};

/* The legacy session, as far as there is one. */
struct bridge_session {
    struct buffer id;
    struct buffer version;
    struct buffer opening; /* the client's initialize, to be sent again */
};

struct bridge {
    const struct bridge_options *options;
    struct transfers *transfers;
    struct bridge_output output;
    struct bridge_session session;
    struct exchange exchanges[BRIDGE_EXCHANGES_MAX];
    size_t exchange_count;
    bool has_answered; /* the gateway, once */
};

/* Starts one; there must be a free slot. The line was read into `message`. */
void exchange_begin(struct bridge *bridge, struct text line, const struct bridge_message *message,
    enum exchange_role role);

/* Sends it, first or again. */
void exchange_send(struct exchange *self);

/* Ends it at once, in flight or not, without an answer. */
void exchange_end(struct exchange *self);

/* Answers all its requests with an error in words, then ends it. */
void exchange_fail(struct exchange *self, const char *words);
