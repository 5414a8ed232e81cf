#include "common/rpc/wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    AT_VERSION = 4,
    AT_KIND = 5,
    AT_COUNT = 6,
    AT_TOTAL = 8,
    BATCH_HEADROOM = RPC_WIRE_PREAMBLE + RPC_WIRE_CALLS_MAX * RPC_WIRE_TABLE_ROW,
    /* From here on it is cheaper to give the memory away than to copy it. */
    HAND_OVER_BYTES = 64 * 1024,
};

static const uint8_t magic[4] = {'F', 'R', 'G', 'E'};

static uint32_t
read_32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void
write_32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static unsigned
read_count(const uint8_t *bytes)
{
    return (unsigned)bytes[AT_COUNT] | (unsigned)bytes[AT_COUNT + 1] << 8;
}

static bool
count_is_allowed(enum rpc_wire_kind kind, unsigned count)
{
    return kind == RPC_WIRE_GOODBYE ? count == 0 : count >= 1 && count <= RPC_WIRE_CALLS_MAX;
}

/* True when the rows of the table add up to exactly the rest of the message. */
static bool
lengths_add_up(enum rpc_wire_kind kind, const uint8_t *bytes, size_t size)
{
    unsigned count = read_count(bytes);
    uint64_t sum = RPC_WIRE_PREAMBLE + (uint64_t)count * RPC_WIRE_TABLE_ROW;
    if (sum > size)
        return false;
    for (unsigned i = 0; i < count; i++) {
        const uint8_t *row = bytes + RPC_WIRE_PREAMBLE + (size_t)i * RPC_WIRE_TABLE_ROW;
        uint32_t header = read_32(row);
        uint32_t body = read_32(row + 4);
        if (header > RPC_WIRE_HEADER_MAX || body > RPC_WIRE_BODY_MAX)
            return false;
        if (kind == RPC_WIRE_CANCEL && (header != RPC_WIRE_CANCEL_SIZE || body != 0))
            return false;
        sum += (uint64_t)header + body;
    }
    return sum == size;
}

enum rpc_wire_fault
rpc_wire_open(struct rpc_wire *self, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    *self = (struct rpc_wire){0};
    if (size < RPC_WIRE_PREAMBLE)
        return RPC_WIRE_SHORT;
    if (memcmp(bytes, magic, sizeof magic) != 0)
        return RPC_WIRE_FOREIGN;
    self->version = bytes[AT_VERSION];
    if (self->version < RPC_WIRE_VERSION_OLDEST || self->version > RPC_WIRE_VERSION)
        return RPC_WIRE_UNKNOWN_VERSION;
    if (bytes[AT_KIND] < RPC_WIRE_REQUEST || bytes[AT_KIND] > RPC_WIRE_GOODBYE)
        return RPC_WIRE_UNKNOWN_KIND;
    self->kind = (enum rpc_wire_kind)bytes[AT_KIND];
    self->count = read_count(bytes);
    if (!count_is_allowed(self->kind, self->count))
        return RPC_WIRE_BAD_COUNT;
    if (read_32(bytes + AT_TOTAL) != size || size > RPC_WIRE_MESSAGE_MAX ||
        !lengths_add_up(self->kind, bytes, size))
        return RPC_WIRE_BAD_LENGTH;
    self->row = bytes + RPC_WIRE_PREAMBLE;
    self->part = self->row + (size_t)self->count * RPC_WIRE_TABLE_ROW;
    self->left = self->count;
    return RPC_WIRE_GOOD;
}

bool
rpc_wire_next(struct rpc_wire *self, struct text *header, struct text *body)
{
    if (!self->left)
        return false;
    *header = text_from(self->part, read_32(self->row));
    self->part += header->length;
    *body = text_from(self->part, read_32(self->row + 4));
    self->part += body->length;
    self->row += RPC_WIRE_TABLE_ROW;
    self->left--;
    return true;
}

const char *
rpc_wire_fault_name(enum rpc_wire_fault fault)
{
    static const char *const names[] = {
        [RPC_WIRE_GOOD] = "good",
        [RPC_WIRE_SHORT] = "shorter than a preamble",
        [RPC_WIRE_FOREIGN] = "not of this protocol",
        [RPC_WIRE_UNKNOWN_VERSION] = "of an unknown version",
        [RPC_WIRE_UNKNOWN_KIND] = "of an unknown kind",
        [RPC_WIRE_BAD_COUNT] = "with a wrong number of calls",
        [RPC_WIRE_BAD_LENGTH] = "with lengths that do not add up",
    };
    return names[fault];
}

uint64_t
rpc_wire_cancelled_id(struct text header)
{
    const uint8_t *bytes = (const uint8_t *)header.data;
    assert(header.length == RPC_WIRE_CANCEL_SIZE);
    return read_32(bytes) | (uint64_t)read_32(bytes + 4) << 32;
}

void
rpc_batch_release(struct rpc_batch *self)
{
    buffer_release(&self->bytes);
    self->count = 0;
}

void
rpc_batch_clear(struct rpc_batch *self)
{
    buffer_clear(&self->bytes);
    self->count = 0;
}

bool
rpc_batch_fits(const struct rpc_batch *self, size_t header_size, size_t body_size)
{
    if (!self->count)
        return true;
    return self->count < RPC_WIRE_CALLS_MAX &&
           self->bytes.length + header_size + body_size <= RPC_WIRE_BATCH_BYTES;
}

uint8_t *
rpc_batch_place(struct rpc_batch *self, size_t size)
{
    if (!self->bytes.length) {
        buffer_reserve(&self->bytes, BATCH_HEADROOM + size);
        self->bytes.length = BATCH_HEADROOM;
    }
    return (uint8_t *)buffer_reserve(&self->bytes, size);
}

void
rpc_batch_add(struct rpc_batch *self, size_t header_size, size_t body_size)
{
    assert(self->count < RPC_WIRE_CALLS_MAX);
    assert(header_size <= RPC_WIRE_HEADER_MAX && body_size <= RPC_WIRE_BODY_MAX);
    self->lengths[self->count][0] = (uint32_t)header_size;
    self->lengths[self->count][1] = (uint32_t)body_size;
    self->count++;
    self->bytes.length += header_size + body_size;
}

void
rpc_batch_add_cancel(struct rpc_batch *self, uint64_t call_id)
{
    uint8_t *place = rpc_batch_place(self, RPC_WIRE_CANCEL_SIZE);
    write_32(place, (uint32_t)call_id);
    write_32(place + 4, (uint32_t)(call_id >> 32));
    rpc_batch_add(self, RPC_WIRE_CANCEL_SIZE, 0);
}

uint8_t *
rpc_batch_at(struct rpc_batch *self, size_t offset)
{
    assert(offset < self->bytes.length);
    return (uint8_t *)self->bytes.data + offset;
}

static void
write_preamble(uint8_t *at, enum rpc_wire_kind kind, unsigned count, size_t total)
{
    assert(total <= RPC_WIRE_MESSAGE_MAX);
    memcpy(at, magic, sizeof magic);
    at[AT_VERSION] = RPC_WIRE_VERSION;
    at[AT_KIND] = (uint8_t)kind;
    at[AT_COUNT] = (uint8_t)count;
    at[AT_COUNT + 1] = (uint8_t)(count >> 8);
    write_32(at + AT_TOTAL, (uint32_t)total);
}

static void
free_block(void *data, void *block)
{
    (void)data;
    free(block);
}

/* The message from `start` to the end of the buffer. */
static void
make_message(zmq_msg_t *message, struct buffer *bytes, uint8_t *start)
{
    size_t total = bytes->length - (size_t)((char *)start - bytes->data);
    int made;
    if (total >= HAND_OVER_BYTES) {
        made = zmq_msg_init_data(message, start, total, free_block, bytes->data);
        *bytes = (struct buffer){0};
    } else {
        made = zmq_msg_init_size(message, total);
        assert(made == 0);
        memcpy(zmq_msg_data(message), start, total);
        buffer_clear(bytes);
    }
    assert(made == 0);
}

void
rpc_batch_seal(struct rpc_batch *self, enum rpc_wire_kind kind, zmq_msg_t *message)
{
    assert(self->count > 0);
    size_t prefix = RPC_WIRE_PREAMBLE + (size_t)self->count * RPC_WIRE_TABLE_ROW;
    uint8_t *start = (uint8_t *)self->bytes.data + BATCH_HEADROOM - prefix;
    write_preamble(start, kind, self->count, self->bytes.length - BATCH_HEADROOM + prefix);
    for (unsigned i = 0; i < self->count; i++) {
        uint8_t *row = start + RPC_WIRE_PREAMBLE + (size_t)i * RPC_WIRE_TABLE_ROW;
        write_32(row, self->lengths[i][0]);
        write_32(row + 4, self->lengths[i][1]);
    }
    make_message(message, &self->bytes, start);
    self->count = 0;
}

void
rpc_wire_seal_single(
    enum rpc_wire_kind kind, struct text header, struct buffer *bytes, zmq_msg_t *message)
{
    size_t prefix = RPC_WIRE_PREAMBLE + RPC_WIRE_TABLE_ROW;
    assert(header.length + prefix <= RPC_WIRE_HEADROOM && bytes->length >= RPC_WIRE_HEADROOM);
    size_t body = bytes->length - RPC_WIRE_HEADROOM;
    uint8_t *start = (uint8_t *)bytes->data + RPC_WIRE_HEADROOM - header.length - prefix;
    write_preamble(start, kind, 1, prefix + header.length + body);
    write_32(start + RPC_WIRE_PREAMBLE, (uint32_t)header.length);
    write_32(start + RPC_WIRE_PREAMBLE + 4, (uint32_t)body);
    memcpy(start + prefix, header.data, header.length);
    make_message(message, bytes, start);
}

void
rpc_wire_seal_goodbye(zmq_msg_t *message)
{
    int made = zmq_msg_init_size(message, RPC_WIRE_PREAMBLE);
    assert(made == 0);
    write_preamble(zmq_msg_data(message), RPC_WIRE_GOODBYE, 0, RPC_WIRE_PREAMBLE);
}
