/* postings: all postings of one term, from the store's blocks and the view's delta, ascending by
 * unit. Scratch memory of a reader. */
#pragma once

#include "common/base/problem.h"
#include "context-svc/index/block.h"
#include "context-svc/index/view.h"

/* Made to be embedded; zeroed is empty. */
struct index_postings {
    struct index_posting *items;
    size_t count, capacity;
};

void index_postings_release(struct index_postings *self);

/* `scan` walks the postings of the view's tenant in the view's snapshot. STATUS_DATA_LOSS: damage.
 */
enum status index_postings_gather(struct index_postings *self, const struct index_view *view,
    struct store_scan *scan, uint64_t term, struct problem *problem) MUST_CHECK;
