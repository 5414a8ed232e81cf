/* rows: what the index keeps in RAM of each unit and document. Rows are written before they are
 * published and stay as they are, but for what tells of a document's removal. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/base/uuid.h"

enum {
    INDEX_UNIT_OF_SEVERAL = 1, /* its document has more units */
    INDEX_UNIT_GUARDED = 2,    /* its document is private or expires */
    INDEX_UNIT_REMOVED = 4,    /* its document was removed, in this epoch or another */
};

/* A unit is some 200 tokens of a document; a document's units follow each other. The row holds all
 * that scoring reads, so that a search walks small rows in order. */
struct index_unit_row {
    uint32_t document; /* ordinal + 1; 0: of no live document */
    uint32_t project;
    uint16_t length;   /* tokens, at most 65535 */
    uint8_t kind_slot; /* of the totals per kind */
    _Atomic uint8_t flags;
};

/* Where a unit's first token stands in the content, in steps of this. A row of a table of its own.
 */
enum { INDEX_PLACE_BYTES = 64 };

enum { INDEX_SCOPE_PRIVATE = 1 }; /* forge.Scope */

enum { INDEX_IS_PINNED = 1, INDEX_IS_SUPERSEDED = 2 };

/* Names are numbers of index_strings. */
struct index_document_row {
    _Atomic uint64_t removed_at; /* the first epoch without it; 0: none */
    uint32_t first_unit;
    uint16_t unit_count;
    uint8_t kind_slot;
    uint8_t flags;
    uint32_t length; /* tokens */
    uint32_t project, kind, author, branch, session;
    int64_t created_at_ms, updated_at_ms, expires_at_ms;
    uint32_t first_tag; /* in the table of tags */
    uint16_t tag_count;
    uint8_t scope;
    struct uuid id;
};

/* Whether the document is part of the view of that epoch. Any thread. */
static inline bool
index_document_row_is_live(const struct index_document_row *self, uint64_t epoch)
{
    uint64_t removed_at = atomic_load_explicit(&self->removed_at, memory_order_relaxed);
    return !removed_at || removed_at > epoch;
}
