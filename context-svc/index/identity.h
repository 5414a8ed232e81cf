/* identity: document id → ordinal of its row, for the writer. */
#pragma once

#include <stdint.h>

#include "common/base/uuid.h"
#include "context-svc/index/table.h"

static const uint32_t index_identity_none = UINT32_MAX;

/* Made to be embedded. Ids are not stored again: they are read in the table of documents. */
struct index_identity {
    const struct index_table *documents;
    uint32_t *slots; /* ordinal + 1 */
    uint32_t mask;
    uint32_t count;
};

void index_identity_init(struct index_identity *self, const struct index_table *documents);
void index_identity_release(struct index_identity *self);

uint32_t index_identity_find(const struct index_identity *self, const struct uuid *id);
/* The id of the row, which must not be there yet. */
void index_identity_add(struct index_identity *self, uint32_t ordinal);
/* The id of the row, when it is there and means this row. */
void index_identity_remove(struct index_identity *self, uint32_t ordinal);
