#include "common/rpc/header.h"

#include <assert.h>

/* Protobuf's wire types. */
enum wire_type { VARINT = 0, FIXED_64 = 1, BYTES = 2, FIXED_32 = 5 };

/* Field numbers of wire.proto. */
enum { CALL_ID = 1 };
enum {
    REQUEST_METHOD = 2,
    REQUEST_ATTEMPT = 3,
    REQUEST_REMAINING_MS = 4,
    REQUEST_PRINCIPAL = 5,
    REQUEST_ROLES = 6,
    REQUEST_TENANT = 7,
    REQUEST_PROJECT = 8,
    REQUEST_KEY = 9,
    REQUEST_TRACEPARENT = 10,
    REQUEST_CRITICALITY = 11,
};
enum {
    REPLY_STATUS = 2,
    REPLY_DETAIL = 3,
    REPLY_OUTCOME = 4,
    REPLY_COMMIT_SEQUENCE = 5,
    REPLY_SERVED_BY = 6,
    REPLY_QUEUE_US = 7,
    REPLY_WORK_US = 8,
};

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

struct field {
    uint64_t number;
    enum wire_type type;
    uint64_t value;    /* VARINT */
    struct text bytes; /* BYTES */
};

static bool
read_varint(struct text *rest, uint64_t *value)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < 10 && i < rest->length; i++) {
        uint8_t byte = (uint8_t)rest->data[i];
        sum |= (uint64_t)(byte & 0x7f) << 7 * i;
        if (byte & 0x80)
            continue;
        *value = sum;
        *rest = text_from(rest->data + i + 1, rest->length - i - 1);
        return true;
    }
    return false;
}

static bool
skip(struct text *rest, uint64_t size)
{
    if (size > rest->length)
        return false;
    *rest = text_from(rest->data + size, rest->length - (size_t)size);
    return true;
}

static bool
read_field(struct text *rest, struct field *field)
{
    uint64_t tag = 0;
    if (!read_varint(rest, &tag) || tag > UINT32_MAX || tag >> 3 == 0)
        return false;
    *field = (struct field){.number = tag >> 3, .type = (enum wire_type)(tag & 7)};
    uint64_t size = 0;
    switch (field->type) {
    case VARINT: return read_varint(rest, &field->value);
    case FIXED_64: return skip(rest, 8);
    case FIXED_32: return skip(rest, 4);
    case BYTES:
        if (!read_varint(rest, &size) || size > rest->length)
            return false;
        field->bytes = text_from(rest->data, (size_t)size);
        return skip(rest, size);
    default: return false;
    }
}

/* The number of a field that must be a varint of at most 32 bits. */
static bool
take_number(const struct field *field, uint32_t *value)
{
    if (field->type != VARINT || field->value > UINT32_MAX)
        return false;
    *value = (uint32_t)field->value;
    return true;
}

static bool
take_long(const struct field *field, uint64_t *value)
{
    *value = field->value;
    return field->type == VARINT;
}

static bool
take_bytes(const struct field *field, struct text *value)
{
    *value = field->bytes;
    return field->type == BYTES;
}

static bool
take_criticality(const struct field *field, enum rpc_criticality *value)
{
    bool known = field->value <= CRITICALITY_SHEDDABLE;
    *value = known ? (enum rpc_criticality)field->value : CRITICALITY_NORMAL;
    return field->type == VARINT;
}

static bool
take_request_field(const struct field *field, struct rpc_request_header *self)
{
    switch (field->number) {
    case CALL_ID: return take_long(field, &self->call_id);
    case REQUEST_METHOD: return take_bytes(field, &self->method);
    case REQUEST_ATTEMPT: return take_number(field, &self->attempt);
    case REQUEST_REMAINING_MS: return take_number(field, &self->remaining_ms);
    case REQUEST_PRINCIPAL: return take_bytes(field, &self->principal.name);
    case REQUEST_ROLES: return take_number(field, &self->principal.roles);
    case REQUEST_TENANT: return take_bytes(field, &self->principal.tenant);
    case REQUEST_PROJECT: return take_bytes(field, &self->project);
    case REQUEST_KEY: return take_bytes(field, &self->key);
    case REQUEST_TRACEPARENT: return take_bytes(field, &self->traceparent);
    case REQUEST_CRITICALITY: return take_criticality(field, &self->criticality);
    default: return true;
    }
}

bool
rpc_header_read_request(struct text bytes, struct rpc_request_header *self)
{
    *self = (struct rpc_request_header){0};
    struct field field;
    while (bytes.length)
        if (!read_field(&bytes, &field) || !take_request_field(&field, self))
            return false;
    return true;
}

static bool
take_status(const struct field *field, enum status *value)
{
    *value = field->value <= INT32_MAX ? status_from_wire((int)field->value) : STATUS_UNKNOWN;
    return field->type == VARINT;
}

static bool
take_outcome(const struct field *field, enum rpc_outcome *value)
{
    bool known = field->value <= OUTCOME_UNKNOWN;
    *value = known ? (enum rpc_outcome)field->value : OUTCOME_UNKNOWN;
    return field->type == VARINT;
}

static bool
take_reply_field(const struct field *field, struct rpc_reply_header *self)
{
    struct rpc_reply *reply = &self->reply;
    switch (field->number) {
    case CALL_ID: return take_long(field, &self->call_id);
    case REPLY_STATUS: return take_status(field, &reply->status);
    case REPLY_DETAIL: return take_bytes(field, &reply->detail);
    case REPLY_OUTCOME: return take_outcome(field, &reply->outcome);
    case REPLY_COMMIT_SEQUENCE: return take_long(field, &reply->commit_sequence);
    case REPLY_SERVED_BY: return take_bytes(field, &reply->served_by);
    case REPLY_QUEUE_US: return take_number(field, &reply->queue_us);
    case REPLY_WORK_US: return take_number(field, &reply->work_us);
    default: return true;
    }
}

bool
rpc_header_read_reply(struct text bytes, struct rpc_reply_header *self)
{
    *self = (struct rpc_reply_header){0};
    struct field field;
    while (bytes.length)
        if (!read_field(&bytes, &field) || !take_reply_field(&field, self))
            return false;
    return true;
}
