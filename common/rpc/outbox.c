#include "common/rpc/outbox.h"

#include <stdlib.h>

#include "common/base/memory.h"

enum {
    SPARE_MAX = 8,
    SPARE_BYTES = 64 * 1024, /* a spare message keeps no more memory than this */
};

void
rpc_outbox_init(struct rpc_outbox *self)
{
    *self = (struct rpc_outbox){.coalesce = true};
    TAILQ_INIT(&self->waiting);
    TAILQ_INIT(&self->spare);
}

static void
destroy_all(struct rpc_outbox_messages *messages)
{
    struct rpc_outbox_message *message = TAILQ_FIRST(messages);
    while (message) {
        struct rpc_outbox_message *next = TAILQ_NEXT(message, next);
        rpc_batch_release(&message->batch);
        free(message);
        message = next;
    }
}

void
rpc_outbox_release(struct rpc_outbox *self)
{
    destroy_all(&self->waiting);
    destroy_all(&self->spare);
}

static struct rpc_outbox_message *
open_message(struct rpc_outbox *self)
{
    struct rpc_outbox_message *message = TAILQ_FIRST(&self->spare);
    if (message) {
        TAILQ_REMOVE(&self->spare, message, next);
        self->spare_count--;
    } else {
        message = memory_new(sizeof *message);
    }
    TAILQ_INSERT_TAIL(&self->waiting, message, next);
    return message;
}

void
rpc_outbox_add(struct rpc_outbox *self, const struct rpc_request_header *header,
    const ProtobufCMessage *body, size_t body_size)
{
    struct rpc_outbox_message *message = TAILQ_LAST(&self->waiting, rpc_outbox_messages);
    if (!message || !self->coalesce || !rpc_batch_fits(&message->batch, RPC_HEADER_SIZE, body_size))
        message = open_message(self);
    struct rpc_batch *batch = &message->batch;
    uint8_t *place = rpc_batch_place(batch, RPC_HEADER_SIZE + body_size);
    size_t header_size = rpc_header_write_request(header, place);
    protobuf_c_message_pack(body, place + header_size);
    message->call_ids[batch->count] = header->call_id;
    message->remaining_at[batch->count] = batch->bytes.length + header_size - RPC_REMAINING_SIZE;
    rpc_batch_add(batch, header_size, body_size);
    self->bytes += header_size + body_size;
}

struct rpc_outbox_message *
rpc_outbox_take(struct rpc_outbox *self)
{
    struct rpc_outbox_message *message = TAILQ_FIRST(&self->waiting);
    if (!message)
        return NULL;
    TAILQ_REMOVE(&self->waiting, message, next);
    for (unsigned i = 0; i < message->batch.count; i++)
        self->bytes -= message->batch.lengths[i][0] + message->batch.lengths[i][1];
    return message;
}

void
rpc_outbox_recycle(struct rpc_outbox *self, struct rpc_outbox_message *message)
{
    rpc_batch_clear(&message->batch);
    if (self->spare_count == SPARE_MAX || message->batch.bytes.capacity > SPARE_BYTES) {
        rpc_batch_release(&message->batch);
        free(message);
        return;
    }
    TAILQ_INSERT_HEAD(&self->spare, message, next);
    self->spare_count++;
}
