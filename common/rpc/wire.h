/* rpc_wire: how calls lie in one ZeroMQ frame. proto/WIRE.md is the description; this is its code.
 *
 * An rpc_batch collects the calls of one message without copying them together afterwards: it
 * leaves room in front for preamble and table, and the caller writes each header and body straight
 * into place. The reader checks every length of a message before it hands out the first part.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zmq.h>

#include "common/base/attributes.h"
#include "common/base/buffer.h"
#include "common/base/text.h"

enum rpc_wire_kind {
    RPC_WIRE_REQUEST = 1,
    RPC_WIRE_REPLY = 2,
    RPC_WIRE_CANCEL = 3,
    RPC_WIRE_GOODBYE = 4,
};

enum {
    RPC_WIRE_VERSION = 1,
    RPC_WIRE_VERSION_OLDEST = 1, /* that is still accepted */
    RPC_WIRE_CALLS_MAX = 64,
    RPC_WIRE_PREAMBLE = 12,
    RPC_WIRE_TABLE_ROW = 8,
    RPC_WIRE_CANCEL_SIZE = 8,
    RPC_WIRE_HEADER_MAX = 4096,
    RPC_WIRE_MESSAGE_MAX = 6 * 1024 * 1024,
    RPC_WIRE_BODY_MAX =
        RPC_WIRE_MESSAGE_MAX - RPC_WIRE_PREAMBLE - RPC_WIRE_TABLE_ROW - RPC_WIRE_HEADER_MAX,
    RPC_WIRE_BATCH_BYTES = 256 * 1024, /* a message of several calls ends here */
};

/* What is wrong with a message, in the order of the checks. */
enum rpc_wire_fault {
    RPC_WIRE_GOOD,
    RPC_WIRE_SHORT,
    RPC_WIRE_FOREIGN,
    RPC_WIRE_UNKNOWN_VERSION,
    RPC_WIRE_UNKNOWN_KIND,
    RPC_WIRE_BAD_COUNT,
    RPC_WIRE_BAD_LENGTH,
};

/* A message being read; borrows its bytes. */
struct rpc_wire {
    enum rpc_wire_kind kind;
    uint8_t version; /* set from RPC_WIRE_UNKNOWN_VERSION on, also when the message is refused */
    unsigned count;
    const uint8_t *row;  /* of the next call */
    const uint8_t *part; /* header of the next call */
    unsigned left;
};

/* Checks the whole message. Only after RPC_WIRE_GOOD may rpc_wire_next be called. */
enum rpc_wire_fault rpc_wire_open(struct rpc_wire *self, const void *data, size_t size) MUST_CHECK;

/* The next call; false after the last. Both texts are borrowed from the message. */
bool rpc_wire_next(struct rpc_wire *self, struct text *header, struct text *body);

const char *rpc_wire_fault_name(enum rpc_wire_fault fault);

/* The id in a CANCEL's header, which rpc_wire_open found to be of the right size. */
uint64_t rpc_wire_cancelled_id(struct text header);

/* The calls of one message to be. Zeroed is empty. */
struct rpc_batch {
    struct buffer bytes;
    unsigned count;
    uint32_t lengths[RPC_WIRE_CALLS_MAX][2]; /* header, body */
};

void rpc_batch_release(struct rpc_batch *self);

/* Forgets the calls and keeps the memory. */
void rpc_batch_clear(struct rpc_batch *self);

/* True when a call of this size may still join the others. The first always fits. */
bool rpc_batch_fits(const struct rpc_batch *self, size_t header_size, size_t body_size);

/* Room for one call's header, directly followed by its body, of `size` bytes together at most. */
uint8_t *rpc_batch_place(struct rpc_batch *self, size_t size);

/* The call at the last place is now part of the batch. */
void rpc_batch_add(struct rpc_batch *self, size_t header_size, size_t body_size);

void rpc_batch_add_cancel(struct rpc_batch *self, uint64_t call_id);

/* The bytes at this offset (bytes.length at the time of writing). Borrowed until the next change.
 */
uint8_t *rpc_batch_at(struct rpc_batch *self, size_t offset);

/* Makes the message and empties the batch; big messages take the batch's memory along. */
void rpc_batch_seal(struct rpc_batch *self, enum rpc_wire_kind kind, zmq_msg_t *message);

enum { RPC_WIRE_HEADROOM = 512 }; /* in front of a body that is sent alone */

/* A message of one call whose body stands at RPC_WIRE_HEADROOM in `bytes`; its memory goes along.
 * The header has at most RPC_WIRE_HEADROOM - 20 bytes. */
void rpc_wire_seal_single(
    enum rpc_wire_kind kind, struct text header, struct buffer *bytes, zmq_msg_t *message);

void rpc_wire_seal_goodbye(zmq_msg_t *message);
