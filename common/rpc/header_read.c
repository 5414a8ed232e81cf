/* How headers are read; see header.h. */
#include "common/rpc/header_fields.h"

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
