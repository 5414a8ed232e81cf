/* state: the writer's whole knowledge of an index, shared by the files that change it. */
#pragma once

#include <stdint.h>

#include "common/base/buffer.h"
#include "context-svc/index/delta.h"
#include "context-svc/index/digest.h"
#include "context-svc/index/identity.h"
#include "context-svc/index/index.h"
#include "context-svc/index/progress.h"
#include "context-svc/index/rows.h"
#include "context-svc/index/strings.h"
#include "context-svc/index/table.h"
#include "context-svc/index/totals.h"

/* What a commit can undo. */
struct index_change {
    uint32_t document;
    bool removed; /* else added */
};

struct index {
    uint32_t tenant;
    uint64_t epoch; /* of the last published view; what is staged belongs to the next one */
    struct index_table units, places, documents, tags; /* a row of places for each of units */
    struct index_strings *strings;
    struct index_identity identity;
    struct index_delta delta;
    struct index_totals totals, published_totals;
    struct index_progress progress, published_progress;
    uint32_t live_flushed; /* live units below progress.flushed, as published */
    struct index_change *changes;
    size_t change_count, change_capacity;
    /* The writer's scratch memory. */
    struct index_digest *digest;
    struct buffer record, units_record;
    uint64_t *flush_postings; /* of the segment being flushed; NULL: not gathered */
    size_t flush_count, flush_at;
    bool damaged; /* a block could not be read: no merging before the next open */
};

/* Rows in RAM of a document that is recorded under its first unit; false when the record cannot be:
 * its units overlap with others, or its id is there already. */
struct index_record;
bool index_state_load(struct index *self, uint32_t first_unit, const struct index_record *record);

/* The rows of a document start to count, or count no more. */
void index_state_enliven(struct index *self, uint32_t ordinal);
void index_state_retire(struct index *self, uint32_t ordinal);

/* Marks a document as removed in the epoch to come, or takes that back. */
void index_state_mark_removed(struct index *self, uint32_t ordinal, bool removed);

/* With what is staged taken as done. */
bool index_state_unit_is_live(const struct index *self, uint32_t unit);

/* One step of either; false when none is due. */
bool index_flush_step(struct index *self, struct store_batch *batch);
bool index_merge_step(
    struct index *self, const struct store_snapshot *snapshot, struct store_batch *batch);

/* What was gathered for the segment being flushed is not wanted any more. */
void index_flush_forget(struct index *self);

void index_state_write_progress(struct index *self, struct store_batch *batch);
