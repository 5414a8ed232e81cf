#include "context-svc/index/key.h"

#include "context-svc/index/term.h"

enum { HEAD_SIZE = 6, UNIT_SIZE = 4 };

static void
write_u32(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < UNIT_SIZE; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t
read_u32(const uint8_t *in)
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

static struct index_key
head(uint32_t tenant, char kind)
{
    struct index_key key = {.bytes = {'x'}, .length = HEAD_SIZE};
    write_u32(key.bytes + 1, tenant);
    key.bytes[HEAD_SIZE - 1] = (uint8_t)kind;
    return key;
}

static struct index_key
with_unit(uint32_t tenant, char kind, uint32_t unit)
{
    struct index_key key = head(tenant, kind);
    write_u32(key.bytes + HEAD_SIZE, unit);
    key.length = HEAD_SIZE + UNIT_SIZE;
    return key;
}

struct index_key
index_key_state(uint32_t tenant)
{
    return head(tenant, 's');
}

struct index_key
index_key_document(uint32_t tenant, uint32_t first_unit)
{
    return with_unit(tenant, 'u', first_unit);
}

struct index_key
index_key_documents_end(uint32_t tenant)
{
    return head(tenant, 'u' + 1);
}

struct index_key
index_key_forward(uint32_t tenant, uint32_t unit)
{
    return with_unit(tenant, 'f', unit);
}

struct index_key
index_key_forwards_end(uint32_t tenant)
{
    return head(tenant, 'f' + 1);
}

struct index_key
index_key_postings(uint32_t tenant, uint64_t term, uint32_t unit)
{
    struct index_key key = head(tenant, 'p');
    index_term_write(term, key.bytes + HEAD_SIZE);
    write_u32(key.bytes + HEAD_SIZE + INDEX_TERM_SIZE, unit);
    key.length = HEAD_SIZE + INDEX_TERM_SIZE + UNIT_SIZE;
    return key;
}

struct index_key
index_key_postings_end(uint32_t tenant)
{
    return head(tenant, 'p' + 1);
}

bool
index_key_read_unit(struct text key, uint32_t *unit)
{
    if (key.length != HEAD_SIZE + UNIT_SIZE)
        return false;
    *unit = read_u32((const uint8_t *)key.data + HEAD_SIZE);
    return true;
}

bool
index_key_read_postings(struct text key, uint64_t *term, uint32_t *unit)
{
    if (key.length != HEAD_SIZE + INDEX_TERM_SIZE + UNIT_SIZE)
        return false;
    const uint8_t *bytes = (const uint8_t *)key.data + HEAD_SIZE;
    *term = index_term_read(bytes);
    *unit = read_u32(bytes + INDEX_TERM_SIZE);
    return true;
}
