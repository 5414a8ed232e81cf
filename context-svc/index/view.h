/* view: the state of the index after one commit. Immutable but for its reference count. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "context-svc/index/delta.h"
#include "context-svc/index/index.h"
#include "context-svc/index/rows.h"
#include "context-svc/index/strings.h"
#include "context-svc/index/table.h"
#include "context-svc/index/totals.h"

struct index_view {
    _Atomic uint32_t references;
    uint32_t tenant;
    uint64_t epoch;
    uint32_t live_documents;
    uint32_t unit_count, document_count; /* rows published, dead ones too */
    struct index_directory *units, *places, *documents, *tags;
    struct index_names names;
    struct index_scale scales[INDEX_KIND_SLOTS];
    /* Blocks hold the units below flushed, and for terms below flush_term those of the next segment
     * too; the delta holds the units from flushed on. */
    uint32_t flushed;
    uint64_t flush_term;
    uint32_t chunk_count;
    struct index_delta_chunk *chunks[];
};

static inline const struct index_unit_row *
index_view_unit(const struct index_view *self, uint32_t unit)
{
    return index_directory_at(self->units, sizeof(struct index_unit_row), unit);
}

/* A document that the view is known to hold. */
static inline const struct index_document_row *
index_view_row(const struct index_view *self, uint32_t ordinal)
{
    return index_directory_row(self->documents, sizeof(struct index_document_row), ordinal);
}

/* NULL when the document is long gone; it may also be one of another epoch. */
static inline const struct index_document_row *
index_view_document(const struct index_view *self, uint32_t ordinal)
{
    return index_directory_at(self->documents, sizeof(struct index_document_row), ordinal);
}

/* Whether a unit belongs to a document of this view. */
static inline bool
index_view_holds(const struct index_view *self, const struct index_unit_row *unit)
{
    if (!unit || !unit->document)
        return false;
    if (!(atomic_load_explicit(&unit->flags, memory_order_relaxed) & INDEX_UNIT_REMOVED))
        return true;
    const struct index_document_row *row = index_view_document(self, unit->document - 1);
    return row && index_document_row_is_live(row, self->epoch);
}

/* The byte of the content near which a unit begins. */
static inline uint32_t
index_view_place(const struct index_view *self, uint32_t unit)
{
    const uint16_t *place = index_directory_at(self->places, sizeof(uint16_t), unit);
    return place ? (uint32_t)*place * INDEX_PLACE_BYTES : 0;
}

static inline uint32_t
index_view_tag(const struct index_view *self, uint32_t at)
{
    const uint32_t *tag = index_directory_at(self->tags, sizeof(uint32_t), at);
    return tag ? *tag : 0;
}

/* The first unit whose postings of the term are in the delta, not in blocks. */
static inline uint32_t
index_view_delta_from(const struct index_view *self, uint64_t term)
{
    return term < self->flush_term ? self->flushed + INDEX_CHUNK_ROWS : self->flushed;
}
