/* Merge: one walk over all blocks, in steps. Short blocks of a term become full ones, and postings
 * of removed documents go away. Blocks that are well filled and clean are left alone. */
#include "context-svc/index/block.h"
#include "context-svc/index/key.h"
#include "context-svc/index/state.h"

enum {
    STEP_BYTES_WRITTEN = 64 * 1024,
    STEP_BYTES_READ = 512 * 1024,
    WELL_FILLED = INDEX_BLOCK_MAX / 2,
    SOURCES_MAX = 2 * INDEX_BLOCK_MAX,
    SEGMENTS_LEAST = 8, /* new ones that make a merge worth its while */
    UNITS_LEAST = INDEX_SEGMENT_UNITS,
};

/* The postings of some blocks of one term, on the way into new ones. */
struct carry {
    struct index *index;
    struct store_batch *batch;
    uint64_t term;
    struct index_posting postings[2 * INDEX_BLOCK_MAX];
    size_t count;
    uint32_t sources[SOURCES_MAX]; /* first units of the blocks they came from */
    size_t source_count;
    bool changed; /* they differ from what one source holds */
};

static void
put_block(struct carry *self, const struct index_posting *postings, size_t count)
{
    struct buffer *record = &self->index->record;
    buffer_clear(record);
    index_block_write(record, postings, count);
    struct index_key key = index_key_postings(self->index->tenant, self->term, postings[0].unit);
    store_batch_put(self->batch, index_key_text(&key), buffer_text(record));
}

static void
delete_sources(struct carry *self)
{
    for (size_t i = 0; i < self->source_count; i++) {
        struct index_key key =
            index_key_postings(self->index->tenant, self->term, self->sources[i]);
        store_batch_delete(self->batch, index_key_text(&key));
    }
    self->source_count = 0;
}

/* Writes what is carried: one block, or two of about the same size. */
static void
put_down(struct carry *self)
{
    if (self->source_count > 1 || self->changed) {
        delete_sources(self);
        size_t first = self->count > INDEX_BLOCK_MAX ? self->count / 2 : self->count;
        if (first)
            put_block(self, self->postings, first);
        if (self->count > first)
            put_block(self, self->postings + first, self->count - first);
    }
    self->count = 0;
    self->source_count = 0;
    self->changed = false;
}

/* Takes up the live postings of a block. */
static void
take_up(struct carry *self, const struct index_posting *postings, size_t count, size_t live)
{
    if (self->source_count == SOURCES_MAX) {
        delete_sources(self);
        self->changed = true;
    }
    self->sources[self->source_count++] = postings[0].unit;
    self->changed = self->changed || live < count;
    for (size_t i = 0; i < count; i++)
        if (live == count || index_state_unit_is_live(self->index, postings[i].unit))
            self->postings[self->count++] = postings[i];
    if (self->count >= INDEX_BLOCK_MAX)
        put_down(self);
}

static void
merge_block(struct carry *self, uint64_t term, const struct index_posting *postings, size_t count)
{
    if (term != self->term) {
        put_down(self);
        self->term = term;
    }
    size_t live = 0;
    for (size_t i = 0; i < count; i++)
        live += index_state_unit_is_live(self->index, postings[i].unit);
    bool is_good = live == count && count >= WELL_FILLED;
    if (is_good && (!self->count || self->count >= WELL_FILLED))
        put_down(self);
    else
        take_up(self, postings, count, live);
}

static bool
is_due(const struct index *self)
{
    const struct index_progress *progress = &self->progress;
    uint32_t flushed = self->published_progress.flushed;
    if (progress->merging)
        return true;
    uint32_t fresh = (flushed - progress->merged) / INDEX_SEGMENT_UNITS;
    uint32_t enough = progress->merged / INDEX_SEGMENT_UNITS / 4;
    if (fresh >= (enough > SEGMENTS_LEAST ? enough : SEGMENTS_LEAST))
        return true;
    uint32_t dead = flushed - self->live_flushed - progress->purged;
    return dead >= UNITS_LEAST && dead >= self->live_flushed / 4;
}

static void
begin(struct index *self)
{
    struct index_progress *progress = &self->progress;
    progress->merging = true;
    progress->merge_term = 0;
    progress->merge_unit = 0;
    progress->next_merged = self->published_progress.flushed;
    progress->next_purged = self->published_progress.flushed - self->live_flushed;
}

static void
end(struct index *self)
{
    struct index_progress *progress = &self->progress;
    progress->merging = false;
    progress->merged = progress->next_merged;
    progress->purged = progress->next_purged;
}

/* Walks on until the step is full; true at the end of all blocks. */
static bool
walk(struct index *self, struct store_scan *scan, struct store_batch *batch)
{
    struct carry carry = {.index = self, .batch = batch};
    size_t written_end = store_batch_bytes(batch) + STEP_BYTES_WRITTEN;
    size_t read_bytes = 0;
    struct text key;
    struct text value;
    bool ended = true;
    while (store_scan_next(scan, &key, &value)) {
        struct index_posting postings[INDEX_BLOCK_MAX];
        uint64_t term;
        uint32_t unit;
        size_t count = 0;
        if (index_key_read_postings(key, &term, &unit))
            count = index_block_read(value, unit, postings);
        ended = false;
        // cppcheck-suppress legacyUninitvar; index_block_read has filled the first count
        if (!count || postings[count - 1].unit >= self->units.count) {
            self->damaged = true;
            break;
        }
        self->progress.merge_term = term;
        self->progress.merge_unit = unit;
        if (store_batch_bytes(batch) >= written_end || read_bytes >= STEP_BYTES_READ)
            break;
        read_bytes += key.length + value.length;
        merge_block(&carry, term, postings, count);
        ended = true;
    }
    self->damaged = self->damaged || store_scan_status(scan) != STATUS_OK;
    put_down(&carry);
    return ended && !self->damaged;
}

bool
index_merge_step(
    struct index *self, const struct store_snapshot *snapshot, struct store_batch *batch)
{
    if (self->damaged || !is_due(self))
        return false;
    if (!self->progress.merging)
        begin(self);
    struct index_key from =
        index_key_postings(self->tenant, self->progress.merge_term, self->progress.merge_unit);
    struct index_key to = index_key_postings_end(self->tenant);
    struct store_scan *scan =
        store_scan_create(snapshot, index_key_text(&from), index_key_text(&to), false);
    if (walk(self, scan, batch))
        end(self);
    store_scan_destroy(&scan);
    index_state_write_progress(self, batch);
    return true;
}
