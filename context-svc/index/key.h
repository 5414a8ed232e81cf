/* key: where the index's records lie in the store. All begin with 'x' and the tenant; numbers are
 * big-endian, so that keys sort as numbers do.
 *
 *   s                     state: how far postings are flushed and merged
 *   u | first unit        a document: filters, names, lengths of its units
 *   f | unit              forward record: the unit's terms and their order
 *   p | term | unit       postings of the term, from that unit on; at most 128
 */
#pragma once

#include <stdint.h>

#include "common/base/text.h"

enum { INDEX_KEY_MAX = 16 };

struct index_key {
    uint8_t bytes[INDEX_KEY_MAX];
    uint8_t length;
};

static inline struct text
index_key_text(const struct index_key *key)
{
    return text_from(key->bytes, key->length);
}

struct index_key index_key_state(uint32_t tenant);
struct index_key index_key_document(uint32_t tenant, uint32_t first_unit);
struct index_key index_key_documents_end(uint32_t tenant);
struct index_key index_key_forward(uint32_t tenant, uint32_t unit);
struct index_key index_key_forwards_end(uint32_t tenant);
struct index_key index_key_postings(uint32_t tenant, uint64_t term, uint32_t unit);
struct index_key index_key_postings_end(uint32_t tenant);

/* What stands in such a key; false when it is not one. */
bool index_key_read_unit(struct text key, uint32_t *unit);
bool index_key_read_postings(struct text key, uint64_t *term, uint32_t *unit);
