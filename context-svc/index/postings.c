#include "context-svc/index/postings.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "context-svc/index/forward.h"
#include "context-svc/index/key.h"
#include "context-svc/index/unreadable.h"

void
index_postings_release(struct index_postings *self)
{
    free(self->items);
    *self = (struct index_postings){0};
}

static void
reserve(struct index_postings *self, size_t count)
{
    if (self->count + count <= self->capacity)
        return;
    self->capacity = (self->count + count) * 2;
    self->items = memory_resize(self->items, self->capacity * sizeof *self->items);
}

/* Appends a block; false when it is none, or does not come after what is there. */
static bool
take_block(struct index_postings *self, struct text value, uint32_t unit, uint32_t bound)
{
    reserve(self, INDEX_BLOCK_MAX);
    struct index_posting *items = self->items + self->count;
    size_t count = index_block_read(value, unit, items);
    if (!count || items[count - 1].unit >= bound || (self->count && items[-1].unit >= unit))
        return false;
    self->count += count;
    return true;
}

static void
take_delta(struct index_postings *self, const struct index_view *view, uint64_t term)
{
    uint32_t unit = index_view_delta_from(view, term);
    for (; unit < view->unit_count; unit++) {
        uint32_t offset = unit - view->flushed;
        if (offset >> INDEX_CHUNK_BITS >= view->chunk_count)
            return;
        const struct index_delta_chunk *chunk = view->chunks[offset >> INDEX_CHUNK_BITS];
        uint32_t place = offset & (INDEX_CHUNK_ROWS - 1);
        if (!index_delta_may_hold(chunk, place, term))
            continue;
        struct index_forward forward;
        if (!index_forward_read(index_delta_record(chunk, place), &forward))
            continue;
        int64_t at = index_forward_find(&forward, term);
        if (at < 0)
            continue;
        reserve(self, 1);
        self->items[self->count++] = (struct index_posting){unit, forward.weights[at]};
    }
}

enum status
index_postings_gather(struct index_postings *self, const struct index_view *view,
    struct store_scan *scan, uint64_t term, struct problem *problem)
{
    self->count = 0;
    struct index_key from = index_key_postings(view->tenant, term, 0);
    uint32_t bound = index_view_delta_from(view, term);
    struct text key;
    struct text value;
    store_scan_seek(scan, index_key_text(&from));
    while (store_scan_next(scan, &key, &value)) {
        uint64_t found;
        uint32_t unit;
        if (!index_key_read_postings(key, &found, &unit))
            return index_unreadable(STATUS_OK, problem, "a posting block of term", term);
        if (found != term)
            break;
        if (!take_block(self, value, unit, bound))
            return index_unreadable(STATUS_OK, problem, "a posting block of term", term);
    }
    enum status status = store_scan_status(scan);
    if (status != STATUS_OK)
        return index_unreadable(status, problem, "the posting blocks of term", term);
    take_delta(self, view, term);
    return STATUS_OK;
}
