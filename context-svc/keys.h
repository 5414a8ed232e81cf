/* keys: where each record lies in the store.
 *
 * A key is one letter, the tenant's number (4 bytes; absent where the table says so) and what
 * names the record; numbers are big-endian, so keys sort by them. Byte 0x00 belongs to the store,
 * the letter x to the index. A project in a key ends in a NUL, which no project's name holds.
 *
 *   T  name (no number)                  TenantRecord
 *   a  created, id                       empty: all entries by age
 *   b  project, id                       empty: pinned entries
 *   c  sequence                          ChangeRecord
 *   d  idempotency key                   DedupeRecord
 *   e  id                                the entry (record.h)
 *   g  created, tenant, idempotency key  empty: dedupe records by age, of all tenants
 *   h  id, version                       an earlier version of the entry (record.h)
 *   i  (no number)                       the health proof's canary
 *   j  project, author of private ones   ProjectCount
 *   k  hash of place and content         id: finds the same text again
 *   n  expires, tenant, id               empty: what expires when, of all tenants
 *   p  project, created, id              Card: a project's entries by age
 *   q  handle                            id of the work session
 *   w  id                                forge.WorkSession
 *   y  (nothing more)                    Counts
 *   z  id                                Tombstone
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/text.h"
#include "common/base/uuid.h"

enum { KEY_BYTES_MAX = 320, KEY_HASH_SIZE = 32, KEY_DEDUPE_SIZE = 16 };

/* Tenant 0 is the service's own, for the health proof. */
enum { TENANT_PROOF = 0 };

struct context_key {
    size_t length;
    char bytes[KEY_BYTES_MAX];
};

static inline struct text
context_key_text(const struct context_key *self)
{
    return text_from(self->bytes, self->length);
}

struct context_key context_key_tenant(struct text name);
struct context_key context_key_by_age(
    uint32_t tenant, int64_t created_at_ms, const struct uuid *id);
struct context_key context_key_pinned(uint32_t tenant, struct text project, const struct uuid *id);
struct context_key context_key_change(uint32_t tenant, uint64_t sequence);
struct context_key context_key_dedupe(uint32_t tenant, const uint8_t idempotency[KEY_DEDUPE_SIZE]);
struct context_key context_key_dedupe_age(
    int64_t created_at_ms, uint32_t tenant, const uint8_t idempotency[KEY_DEDUPE_SIZE]);
struct context_key context_key_entry(uint32_t tenant, const struct uuid *id);
struct context_key context_key_history(uint32_t tenant, const struct uuid *id, uint32_t version);
struct context_key context_key_proof(void);
/* author: empty for what everyone of the project sees. */
struct context_key context_key_project_count(
    uint32_t tenant, struct text project, struct text author);
struct context_key context_key_content(uint32_t tenant, const uint8_t hash[KEY_HASH_SIZE]);
struct context_key context_key_expiry(
    int64_t expires_at_ms, uint32_t tenant, const struct uuid *id);
struct context_key context_key_project(
    uint32_t tenant, struct text project, int64_t created_at_ms, const struct uuid *id);
struct context_key context_key_handle(uint32_t tenant, struct text handle);
struct context_key context_key_session(uint32_t tenant, const struct uuid *id);
struct context_key context_key_counts(uint32_t tenant);
struct context_key context_key_tombstone(uint32_t tenant, const struct uuid *id);

/* The beginning that all keys of a letter share: with the tenant, with its project too, or of all
 * tenants. */
struct context_key context_key_letter(char letter);
struct context_key context_key_table(char letter, uint32_t tenant);
struct context_key context_key_table_project(char letter, uint32_t tenant, struct text project);

/* The first key behind all those that begin so: the `to` of a scan. */
struct context_key context_key_end(const struct context_key *prefix);

/* The last 16 bytes as id, for keys that end in one; and the number `back` bytes before the end. */
struct uuid context_key_id(struct text key);
uint64_t context_key_number(struct text key, size_t back);

/* Big-endian numbers, for records of our own. */
void context_number_write32(char *at, uint32_t value);
void context_number_write64(char *at, uint64_t value);
uint32_t context_number_read32(const char *at);
uint64_t context_number_read64(const char *at);
