/* Flush: the postings of the oldest full segment of the delta become blocks, term by term. */
#include <assert.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "context-svc/index/block.h"
#include "context-svc/index/forward.h"
#include "context-svc/index/key.h"
#include "context-svc/index/state.h"

/* A posting in 57 bits: term, place of the unit in the segment, weight. */
enum { WEIGHT_BITS = 8, PLACE_SHIFT = WEIGHT_BITS, TERM_SHIFT = PLACE_SHIFT + INDEX_CHUNK_BITS };

/* Some 2 ms of the writer's time. */
enum { STEP_BYTES = 64 * 1024 };

void
index_flush_forget(struct index *self)
{
    free(self->flush_postings);
    self->flush_postings = NULL;
    self->flush_count = 0;
    self->flush_at = 0;
}

static int
compare_postings(const void *a, const void *b)
{
    const uint64_t *left = a;
    const uint64_t *right = b;
    return (*left > *right) - (*left < *right);
}

static size_t
gather_unit(struct index *self, const struct index_delta_chunk *chunk, uint32_t place, size_t at)
{
    struct index_forward forward;
    if (!index_forward_read(index_delta_record(chunk, place), &forward))
        return at;
    for (uint32_t i = 0; i < forward.count; i++) {
        uint64_t term = index_forward_term(&forward, i);
        if (term < self->progress.flush_term)
            continue;
        self->flush_postings[at++] =
            term << TERM_SHIFT | (uint64_t)place << PLACE_SHIFT | forward.weights[i];
    }
    return at;
}

static void
gather(struct index *self, const struct index_delta_chunk *chunk)
{
    size_t most = 0;
    for (uint32_t place = 0; place < INDEX_SEGMENT_UNITS; place++)
        most += chunk->units[place].size / (INDEX_TERM_SIZE + 1);
    self->flush_postings = memory_array(most, sizeof *self->flush_postings);
    size_t count = 0;
    for (uint32_t place = 0; place < INDEX_SEGMENT_UNITS; place++)
        if (index_state_unit_is_live(self, self->progress.flushed + place))
            count = gather_unit(self, chunk, place, count);
    qsort(self->flush_postings, count, sizeof *self->flush_postings, compare_postings);
    self->flush_count = count;
    self->flush_at = 0;
}

/* The next postings of the term, at most a block of them; 0 when the term has no more. */
static size_t
take_postings(struct index *self, uint64_t term, struct index_posting *postings)
{
    size_t count = 0;
    for (; count < INDEX_BLOCK_MAX && self->flush_at < self->flush_count; count++) {
        uint64_t packed = self->flush_postings[self->flush_at];
        if (packed >> TERM_SHIFT != term)
            break;
        uint32_t place = (uint32_t)(packed >> PLACE_SHIFT) & (INDEX_CHUNK_ROWS - 1);
        postings[count] = (struct index_posting){self->progress.flushed + place, (uint8_t)packed};
        self->flush_at++;
    }
    return count;
}

/* All postings of the term at flush_at, in blocks. */
static void
write_term(struct index *self, struct store_batch *batch)
{
    assert(self->flush_postings); /* none gathered, none to write: flush_count is 0 */
    uint64_t term = self->flush_postings[self->flush_at] >> TERM_SHIFT;
    struct index_posting postings[INDEX_BLOCK_MAX];
    for (size_t count; (count = take_postings(self, term, postings)) > 0;) {
        buffer_clear(&self->record);
        index_block_write(&self->record, postings, count);
        struct index_key key = index_key_postings(self->tenant, term, postings[0].unit);
        store_batch_put(batch, index_key_text(&key), buffer_text(&self->record));
    }
    self->progress.flush_term = term + 1;
}

bool
index_flush_step(struct index *self, struct store_batch *batch)
{
    uint32_t waiting = (self->units.settled - self->progress.flushed) / INDEX_SEGMENT_UNITS;
    if (!waiting)
        return false;
    if (!self->flush_postings) {
        size_t at = (self->progress.flushed - self->delta.first_unit) / INDEX_SEGMENT_UNITS;
        if (at < self->delta.count)
            gather(self, self->delta.chunks[at]);
    }
    /* A writer that never idles takes larger steps, so that the delta stays small. */
    size_t end = store_batch_bytes(batch) + (size_t)STEP_BYTES * waiting * waiting;
    while (self->flush_at < self->flush_count && store_batch_bytes(batch) < end)
        write_term(self, batch);
    if (self->flush_at == self->flush_count) {
        index_flush_forget(self);
        self->progress.flush_term = 0;
        self->progress.flushed += INDEX_SEGMENT_UNITS;
    }
    index_state_write_progress(self, batch);
    return true;
}
