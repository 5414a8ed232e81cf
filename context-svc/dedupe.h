/* dedupe: a write repeated under its idempotency key is done once.
 *
 * The record {request, reply, sequence} lies in the batch of the write itself and is kept for 24
 * hours. Replies that are stored hold no text of an entry, so forgetting need not look for them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "context-svc/write.h"

struct context_dedupe_found {
    bool same_request;
    bool staged; /* in the batch, not yet committed */
    uint64_t sequence;
    struct text reply; /* packed; in the write's arena */
};

/* OK, NOT_FOUND, or a failure with the write's problem filled. */
enum status context_dedupe_find(
    struct context_write *self, struct context_dedupe_found *found) MUST_CHECK;
void context_dedupe_put(struct context_write *self, const ProtobufCMessage *reply);

/* Stages the removal of records that are past their time, at most `limit`. True: more are left. */
bool context_dedupe_expire(struct context_writer *writer, int64_t now_ms, unsigned limit);
