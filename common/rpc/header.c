#include "common/rpc/header.h"

#include <assert.h>

#include "common/rpc/header_fields.h"

static uint8_t *
write_varint(uint8_t *at, uint64_t value)
{
    while (value >= 0x80) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    return at;
}

/* Proto3 leaves a field out that has its default value. */
static uint8_t *
write_number(uint8_t *at, unsigned field, uint64_t value)
{
    if (!value)
        return at;
    *at++ = (uint8_t)(field << 3 | VARINT);
    return write_varint(at, value);
}

static uint8_t *
write_raw(uint8_t *at, struct text value)
{
    if (value.length)
        memcpy(at, value.data, value.length);
    return at + value.length;
}

static uint8_t *
write_bytes(uint8_t *at, unsigned field, struct text value)
{
    if (!value.length)
        return at;
    *at++ = (uint8_t)(field << 3 | BYTES);
    return write_raw(write_varint(at, value.length), value);
}

/* Well-formed UTF-8 without control characters, so that it may stand in keys and log lines. */
static bool
is_printable(struct text value)
{
    for (size_t i = 0; i < value.length; i++)
        if ((uint8_t)value.data[i] < 0x20 || value.data[i] == 0x7f)
            return false;
    return text_is_utf8(value);
}

const char *
rpc_header_problem(const struct rpc_request_header *self)
{
    size_t slash = self->service.length ? 1 : 0;
    if (self->service.length + slash + self->method.length > RPC_METHOD_MAX)
        return "the method's name is too long";
    if (self->principal.name.length > RPC_NAME_MAX || !is_printable(self->principal.name))
        return "the principal is too long or not printable UTF-8";
    if (self->principal.tenant.length > RPC_NAME_MAX || !is_printable(self->principal.tenant))
        return "the tenant is too long or not printable UTF-8";
    if (self->project.length > RPC_PROJECT_MAX || !is_printable(self->project))
        return "the project is too long or not printable UTF-8";
    if (self->key.length && self->key.length != RPC_KEY_SIZE)
        return "the idempotency key has a wrong length";
    if (self->traceparent.length > RPC_NAME_MAX)
        return "the traceparent is too long";
    return NULL;
}

size_t
rpc_header_write_request(const struct rpc_request_header *self, uint8_t *out)
{
    uint8_t *at = write_number(out, CALL_ID, self->call_id);
    *at++ = REQUEST_METHOD << 3 | BYTES;
    size_t slash = self->service.length ? 1 : 0;
    at = write_varint(at, self->service.length + slash + self->method.length);
    at = write_raw(at, self->service);
    if (slash)
        *at++ = '/';
    at = write_raw(at, self->method);
    at = write_number(at, REQUEST_ATTEMPT, self->attempt);
    at = write_bytes(at, REQUEST_PRINCIPAL, self->principal.name);
    at = write_number(at, REQUEST_ROLES, self->principal.roles);
    at = write_bytes(at, REQUEST_TENANT, self->principal.tenant);
    at = write_bytes(at, REQUEST_PROJECT, self->project);
    at = write_bytes(at, REQUEST_KEY, self->key);
    at = write_bytes(at, REQUEST_TRACEPARENT, self->traceparent);
    at = write_number(at, REQUEST_CRITICALITY, (uint64_t)self->criticality);
    rpc_header_set_remaining(at, self->remaining_ms);
    return (size_t)(at - out) + RPC_REMAINING_SIZE;
}

void
rpc_header_set_remaining(uint8_t *last_bytes, uint32_t remaining_ms)
{
    assert(remaining_ms <= RPC_REMAINING_MAX_MS);
    last_bytes[0] = REQUEST_REMAINING_MS << 3 | VARINT;
    last_bytes[1] = (uint8_t)(remaining_ms | 0x80);
    last_bytes[2] = (uint8_t)(remaining_ms >> 7 | 0x80);
    last_bytes[3] = (uint8_t)(remaining_ms >> 14);
}

size_t
rpc_header_write_reply(const struct rpc_reply_header *self, uint8_t *out)
{
    const struct rpc_reply *reply = &self->reply;
    uint8_t *at = write_number(out, CALL_ID, self->call_id);
    at = write_number(at, REPLY_STATUS, (uint64_t)reply->status);
    at = write_bytes(at, REPLY_DETAIL, text_cut(reply->detail, RPC_DETAIL_MAX));
    at = write_number(at, REPLY_OUTCOME, (uint64_t)reply->outcome);
    at = write_number(at, REPLY_COMMIT_SEQUENCE, reply->commit_sequence);
    at = write_bytes(at, REPLY_SERVED_BY, text_cut(reply->served_by, RPC_SERVED_BY_MAX));
    at = write_number(at, REPLY_QUEUE_US, reply->queue_us);
    at = write_number(at, REPLY_WORK_US, reply->work_us);
    return (size_t)(at - out);
}
