/* record: a document's record in the store: all that its row in RAM is made from. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/text.h"
#include "common/base/uuid.h"

struct index_record {
    struct uuid id;
    uint8_t analyser; /* version of the analyser that made its units */
    uint8_t scope;
    uint8_t flags;
    int64_t created_at_ms, updated_at_ms, expires_at_ms;
    struct text project, kind, author, branch, session;
    uint32_t tag_count;
    struct text tags; /* encoded: for each its length and bytes */
    uint32_t unit_count;
    struct text units; /* encoded: for each its length and place */
};

/* Writes all but the encoded tags and units, which the caller adds right after, in this order. */
void index_record_write(struct buffer *out, const struct index_record *self);

/* False when the bytes are no such record. Texts are borrowed from the bytes. */
bool index_record_read(struct text bytes, struct index_record *self);
