#include "context-svc/record.h"

#include <assert.h>

#include "context-svc/keys.h"

/* The head: form, scope, flags, author's length, uses, last use, expiry, author. */
enum {
    FORM = 1,
    AT_SCOPE = 1,
    AT_FLAGS = 2,
    AT_AUTHOR_LENGTH = 3,
    AT_USES = 4,
    AT_LAST_USE = 8,
    AT_EXPIRY = 16,
    AT_AUTHOR = 24,
};

/* Fields of forge.Entry that the head keeps. */
enum { FIELD_CONTENT = 5, FIELD_LAST_USED = 14, FIELD_USE_COUNT = 15 };

/* Wire types of protobuf. */
enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

void
context_record_build(struct buffer *out, const Forge__Entry *entry, uint8_t flags)
{
    struct text author = text_of(entry->author);
    assert(author.length <= UINT8_MAX);
    char head[AT_AUTHOR] = {FORM, (char)entry->scope, (char)flags, (char)author.length};
    context_number_write32(head + AT_USES, entry->use_count);
    context_number_write64(head + AT_LAST_USE, (uint64_t)entry->last_used_at_ms);
    context_number_write64(head + AT_EXPIRY, (uint64_t)entry->expires_at_ms);

    Forge__Entry stored = *entry;
    stored.use_count = 0;
    stored.last_used_at_ms = 0;
    buffer_clear(out);
    buffer_add(out, head, sizeof head);
    buffer_add_text(out, author);
    size_t size = forge__entry__get_packed_size(&stored);
    forge__entry__pack(&stored, (uint8_t *)buffer_reserve(out, size));
    out->length += size;
}

bool
context_record_parse(struct text value, struct context_record_head *head, struct text *packed)
{
    if (value.length < AT_AUTHOR || value.data[0] != FORM)
        return false;
    size_t author_length = (uint8_t)value.data[AT_AUTHOR_LENGTH];
    if (value.length < AT_AUTHOR + author_length)
        return false;
    *head = (struct context_record_head){.scope = (uint8_t)value.data[AT_SCOPE],
        .flags = (uint8_t)value.data[AT_FLAGS],
        .use_count = context_number_read32(value.data + AT_USES),
        .last_used_at_ms = (int64_t)context_number_read64(value.data + AT_LAST_USE),
        .expires_at_ms = (int64_t)context_number_read64(value.data + AT_EXPIRY),
        .author = text_from(value.data + AT_AUTHOR, author_length)};
    size_t start = AT_AUTHOR + author_length;
    *packed = text_from(value.data + start, value.length - start);
    return true;
}

Forge__Entry *
context_record_unpack(struct text value, struct arena *arena, uint8_t *flags)
{
    struct context_record_head head;
    struct text packed;
    if (!context_record_parse(value, &head, &packed))
        return NULL;
    Forge__Entry *entry =
        forge__entry__unpack(&arena->allocator, packed.length, (const uint8_t *)packed.data);
    if (!entry || entry->id.len != UUID_SIZE)
        return NULL;
    entry->use_count = head.use_count;
    entry->last_used_at_ms = head.last_used_at_ms;
    if (flags)
        *flags = head.flags;
    return entry;
}

static bool
read_varint(struct text *rest, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64 && rest->length; shift += 7) {
        uint8_t byte = (uint8_t)rest->data[0];
        *rest = text_from(rest->data + 1, rest->length - 1);
        *value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

/* Steps over one field; for one of bytes, *bytes is its content. */
static bool
read_field(struct text *rest, unsigned *number, struct text *bytes)
{
    uint64_t tag;
    uint64_t length = 0;
    if (!read_varint(rest, &tag))
        return false;
    *number = (unsigned)(tag >> 3);
    switch (tag & 7) {
    case WIRE_VARINT: return read_varint(rest, &length);
    case WIRE_64: length = 8; break;
    case WIRE_32: length = 4; break;
    case WIRE_BYTES:
        if (!read_varint(rest, &length))
            return false;
        break;
    default: return false;
    }
    if (length > rest->length)
        return false;
    *bytes = text_from(rest->data, (size_t)length);
    *rest = text_from(rest->data + length, rest->length - (size_t)length);
    return true;
}

Forge__Entry *
context_record_unpack_card(struct text value, struct arena *arena, struct text *content)
{
    struct context_record_head head;
    struct text packed;
    if (!context_record_parse(value, &head, &packed))
        return NULL;
    *content = text_from(packed.data, 0);
    struct text rest = packed;
    struct text before = packed;
    while (rest.length) {
        const char *start = rest.data;
        unsigned number;
        struct text bytes = {NULL, 0};
        if (!read_field(&rest, &number, &bytes))
            return NULL;
        if (number != FIELD_CONTENT)
            continue;
        before.length = (size_t)(start - packed.data);
        *content = bytes;
        break;
    }
    uint8_t *joined = arena_try(arena, before.length + rest.length + 1);
    if (!joined)
        return NULL;
    memcpy(joined, before.data, before.length);
    if (rest.length)
        memcpy(joined + before.length, rest.data, rest.length);
    Forge__Entry *entry =
        forge__entry__unpack(&arena->allocator, before.length + rest.length, joined);
    if (!entry || entry->id.len != UUID_SIZE)
        return NULL;
    entry->use_count = head.use_count;
    entry->last_used_at_ms = head.last_used_at_ms;
    return entry;
}

bool
context_record_count_use(struct text value, uint32_t uses, int64_t used_at_ms, struct buffer *out)
{
    struct context_record_head head;
    struct text packed;
    if (!context_record_parse(value, &head, &packed))
        return false;
    uint32_t count = head.use_count > UINT32_MAX - uses ? UINT32_MAX : head.use_count + uses;
    int64_t last = head.last_used_at_ms > used_at_ms ? head.last_used_at_ms : used_at_ms;
    buffer_clear(out);
    buffer_add_text(out, value);
    context_number_write32(out->data + AT_USES, count);
    context_number_write64(out->data + AT_LAST_USE, (uint64_t)last);
    return true;
}

static size_t
write_varint(char *at, uint64_t value)
{
    size_t size = 0;
    for (; value > 0x7F; value >>= 7)
        at[size++] = (char)(0x80 | (value & 0x7F));
    at[size++] = (char)value;
    return size;
}

void
context_record_append(
    struct buffer *out, unsigned number, const struct context_record_head *head, struct text packed)
{
    char use[24];
    size_t use_size = 0;
    if (head->last_used_at_ms) {
        use_size += write_varint(use, FIELD_LAST_USED << 3);
        use_size += write_varint(use + use_size, (uint64_t)head->last_used_at_ms);
    }
    if (head->use_count) {
        use_size += write_varint(use + use_size, FIELD_USE_COUNT << 3);
        use_size += write_varint(use + use_size, head->use_count);
    }
    char field[16];
    size_t field_size = write_varint(field, number << 3 | 2u);
    field_size += write_varint(field + field_size, packed.length + use_size);
    buffer_add(out, field, field_size);
    buffer_add_text(out, packed);
    buffer_add(out, use, use_size);
}

static bool
is_visible(unsigned scope, struct text author, int64_t expires_at_ms, struct text principal,
    int64_t now_ms)
{
    if (expires_at_ms && expires_at_ms <= now_ms)
        return false;
    return scope != FORGE__SCOPE__PRIVATE || text_equals(author, principal);
}

bool
context_record_is_visible(
    const struct context_record_head *head, struct text principal, int64_t now_ms)
{
    return is_visible(head->scope, head->author, head->expires_at_ms, principal, now_ms);
}

bool
context_entry_is_visible(const Forge__Entry *entry, struct text principal, int64_t now_ms)
{
    return is_visible(
        entry->scope, text_of(entry->author), entry->expires_at_ms, principal, now_ms);
}

struct uuid
context_entry_id(const Forge__Entry *entry)
{
    assert(entry->id.len == UUID_SIZE);
    struct uuid id;
    memcpy(id.bytes, entry->id.data, UUID_SIZE);
    return id;
}
