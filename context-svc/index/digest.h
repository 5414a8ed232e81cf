/* digest: document → units. Title and content are cut into units of some 200 tokens; each becomes a
 * forward record. Title and tags weigh more than content, kind and project less; all of them belong
 * to the first unit. Scratch memory of the writer, reused from document to document.
 */
#pragma once

#include <stdint.h>

#include "common/base/buffer.h"
#include "context-svc/index/index.h"

struct index_digest;

enum { INDEX_UNIT_TOKENS = 200, INDEX_UNITS_MAX = 65535 };

struct index_digest_unit {
    size_t record_at, record_size; /* in the records */
    uint16_t length;               /* tokens of title and content */
    uint16_t place;                /* of its first token in the content, / INDEX_PLACE_BYTES */
};

struct index_digest *index_digest_create(void);
void index_digest_destroy(struct index_digest **self_p);

/* Returns the number of units, at least 1; what was there before is gone. */
uint32_t index_digest_document(struct index_digest *self, const struct index_document *document);

const struct index_digest_unit *index_digest_unit(const struct index_digest *self, uint32_t unit);
struct text index_digest_record(const struct index_digest *self, uint32_t unit);
