#include "context-svc/keys.h"

#include <assert.h>

void
context_number_write32(char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(value >> (24 - 8 * i));
}

void
context_number_write64(char *at, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        at[i] = (char)(value >> (56 - 8 * i));
}

uint32_t
context_number_read32(const char *at)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 8 | (uint8_t)at[i];
    return value;
}

uint64_t
context_number_read64(const char *at)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | (uint8_t)at[i];
    return value;
}

static void
add_bytes(struct context_key *self, const void *bytes, size_t size)
{
    assert(self->length + size <= sizeof self->bytes);
    if (size)
        memcpy(self->bytes + self->length, bytes, size);
    self->length += size;
}

static void
add32(struct context_key *self, uint32_t value)
{
    char bytes[4];
    context_number_write32(bytes, value);
    add_bytes(self, bytes, sizeof bytes);
}

static void
add64(struct context_key *self, uint64_t value)
{
    char bytes[8];
    context_number_write64(bytes, value);
    add_bytes(self, bytes, sizeof bytes);
}

static void
add_id(struct context_key *self, const struct uuid *id)
{
    add_bytes(self, id->bytes, UUID_SIZE);
}

struct context_key
context_key_letter(char letter)
{
    return (struct context_key){.length = 1, .bytes = {letter}};
}

struct context_key
context_key_table(char letter, uint32_t tenant)
{
    struct context_key self = context_key_letter(letter);
    add32(&self, tenant);
    return self;
}

struct context_key
context_key_table_project(char letter, uint32_t tenant, struct text project)
{
    struct context_key self = context_key_table(letter, tenant);
    add_bytes(&self, project.data, project.length);
    add_bytes(&self, "", 1);
    return self;
}

struct context_key
context_key_tenant(struct text name)
{
    struct context_key self = context_key_letter('T');
    add_bytes(&self, name.data, name.length);
    return self;
}

struct context_key
context_key_by_age(uint32_t tenant, int64_t created_at_ms, const struct uuid *id)
{
    struct context_key self = context_key_table('a', tenant);
    add64(&self, (uint64_t)created_at_ms);
    add_id(&self, id);
    return self;
}

struct context_key
context_key_pinned(uint32_t tenant, struct text project, const struct uuid *id)
{
    struct context_key self = context_key_table_project('b', tenant, project);
    add_id(&self, id);
    return self;
}

struct context_key
context_key_change(uint32_t tenant, uint64_t sequence)
{
    struct context_key self = context_key_table('c', tenant);
    add64(&self, sequence);
    return self;
}

struct context_key
context_key_dedupe(uint32_t tenant, const uint8_t idempotency[KEY_DEDUPE_SIZE])
{
    struct context_key self = context_key_table('d', tenant);
    add_bytes(&self, idempotency, KEY_DEDUPE_SIZE);
    return self;
}

struct context_key
context_key_dedupe_age(
    int64_t created_at_ms, uint32_t tenant, const uint8_t idempotency[KEY_DEDUPE_SIZE])
{
    struct context_key self = context_key_letter('g');
    add64(&self, (uint64_t)created_at_ms);
    add32(&self, tenant);
    add_bytes(&self, idempotency, KEY_DEDUPE_SIZE);
    return self;
}

struct context_key
context_key_entry(uint32_t tenant, const struct uuid *id)
{
    struct context_key self = context_key_table('e', tenant);
    add_id(&self, id);
    return self;
}

struct context_key
context_key_history(uint32_t tenant, const struct uuid *id, uint32_t version)
{
    struct context_key self = context_key_table('h', tenant);
    add_id(&self, id);
    add32(&self, version);
    return self;
}

struct context_key
context_key_proof(void)
{
    return context_key_letter('i');
}

struct context_key
context_key_project_count(uint32_t tenant, struct text project, struct text author)
{
    struct context_key self = context_key_table_project('j', tenant, project);
    add_bytes(&self, author.data, author.length);
    return self;
}

struct context_key
context_key_content(uint32_t tenant, const uint8_t hash[KEY_HASH_SIZE])
{
    struct context_key self = context_key_table('k', tenant);
    add_bytes(&self, hash, KEY_HASH_SIZE);
    return self;
}

struct context_key
context_key_expiry(int64_t expires_at_ms, uint32_t tenant, const struct uuid *id)
{
    struct context_key self = context_key_letter('n');
    add64(&self, (uint64_t)expires_at_ms);
    add32(&self, tenant);
    add_id(&self, id);
    return self;
}

struct context_key
context_key_project(
    uint32_t tenant, struct text project, int64_t created_at_ms, const struct uuid *id)
{
    struct context_key self = context_key_table_project('p', tenant, project);
    add64(&self, (uint64_t)created_at_ms);
    add_id(&self, id);
    return self;
}

struct context_key
context_key_handle(uint32_t tenant, struct text handle)
{
    struct context_key self = context_key_table('q', tenant);
    add_bytes(&self, handle.data, handle.length);
    return self;
}

struct context_key
context_key_session(uint32_t tenant, const struct uuid *id)
{
    struct context_key self = context_key_table('w', tenant);
    add_id(&self, id);
    return self;
}

struct context_key
context_key_counts(uint32_t tenant)
{
    return context_key_table('y', tenant);
}

struct context_key
context_key_tombstone(uint32_t tenant, const struct uuid *id)
{
    struct context_key self = context_key_table('z', tenant);
    add_id(&self, id);
    return self;
}

struct context_key
context_key_end(const struct context_key *prefix)
{
    struct context_key end = *prefix;
    while (end.length && (uint8_t)end.bytes[end.length - 1] == 0xFF)
        end.length--;
    assert(end.length);
    end.bytes[end.length - 1] = (char)((uint8_t)end.bytes[end.length - 1] + 1);
    return end;
}

struct uuid
context_key_id(struct text key)
{
    assert(key.length >= UUID_SIZE);
    struct uuid id;
    memcpy(id.bytes, key.data + key.length - UUID_SIZE, UUID_SIZE);
    return id;
}

uint64_t
context_key_number(struct text key, size_t back)
{
    assert(back >= 8 && key.length >= back);
    return context_number_read64(key.data + key.length - back);
}
