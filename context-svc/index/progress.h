/* progress: how far the postings of an index are written and merged; the record under its state
 * key, written in the same batch as what it tells of. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/text.h"

struct index_progress {
    uint32_t flushed;    /* units below have all their postings in blocks; begins a segment */
    uint64_t flush_term; /* of the segment from `flushed` on: terms below are in blocks too */
    /* A merge walks all blocks once, purging units that died before it began. */
    bool merging;
    uint64_t merge_term; /* where it goes on */
    uint32_t merge_unit;
    uint32_t merged;      /* flushed when the last one began */
    uint32_t purged;      /* dead units below `flushed` that no block holds any more */
    uint32_t next_merged; /* of the one under way */
    uint32_t next_purged;
};

void index_progress_write(struct buffer *out, const struct index_progress *self);
/* False when the bytes are no such record. */
bool index_progress_read(struct text bytes, struct index_progress *self);
