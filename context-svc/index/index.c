#include "context-svc/index/index.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "context-svc/index/codec.h"
#include "context-svc/index/key.h"
#include "context-svc/index/record.h"
#include "context-svc/index/state.h"
#include "context-svc/index/view.h"

void
index_close(struct index **self_p)
{
    struct index *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    index_flush_forget(self);
    buffer_release(&self->units_record);
    buffer_release(&self->record);
    index_digest_destroy(&self->digest);
    free(self->changes);
    index_delta_release(&self->delta);
    index_identity_release(&self->identity);
    index_strings_destroy(&self->strings);
    index_table_release(&self->tags);
    index_table_release(&self->documents);
    index_table_release(&self->places);
    index_table_release(&self->units);
    free(self);
}

static void
note_change(struct index *self, uint32_t document, bool removed)
{
    if (self->change_count == self->change_capacity) {
        self->change_capacity = self->change_capacity ? self->change_capacity * 2 : 64;
        self->changes = memory_resize(self->changes, self->change_capacity * sizeof *self->changes);
    }
    self->changes[self->change_count++] = (struct index_change){document, removed};
}

/* The record of the document that was digested; encoded tags and units lie in units_record. */
static struct index_record
describe(struct index *self, const struct index_document *document, uint32_t unit_count)
{
    struct buffer *lists = &self->units_record;
    size_t tag_count = document->tag_count < UINT16_MAX ? document->tag_count : UINT16_MAX;
    buffer_clear(lists);
    for (size_t i = 0; i < tag_count; i++)
        index_put_text(lists, document->tags[i]);
    size_t tags_size = lists->length;
    for (uint32_t i = 0; i < unit_count; i++) {
        const struct index_digest_unit *unit = index_digest_unit(self->digest, i);
        index_put_varint(lists, unit->length);
        index_put_varint(lists, unit->place);
    }
    struct text all = buffer_text(lists);
    return (struct index_record){
        .id = document->id,
        .analyser = INDEX_ANALYSER_VERSION,
        .scope = document->scope,
        .flags = (uint8_t)((document->pinned ? INDEX_IS_PINNED : 0) |
                           (document->superseded ? INDEX_IS_SUPERSEDED : 0)),
        .created_at_ms = document->created_at_ms,
        .updated_at_ms = document->updated_at_ms,
        .expires_at_ms = document->expires_at_ms,
        .project = document->project,
        .kind = document->kind,
        .author = document->author,
        .branch = document->branch,
        .session = document->session,
        .tag_count = (uint32_t)tag_count,
        .tags = text_from(all.data, tags_size),
        .unit_count = unit_count,
        .units = text_from(all.data + tags_size, all.length - tags_size),
    };
}

void
index_add(struct index *self, struct store_batch *batch, const struct index_document *document)
{
    index_remove(self, batch, &document->id);
    uint32_t unit_count = index_digest_document(self->digest, document);
    uint32_t first_unit = self->units.count;
    struct index_record record = describe(self, document, unit_count);
    bool loaded = index_state_load(self, first_unit, &record);
    assert(loaded);
    note_change(self, self->documents.count - 1, false);

    buffer_clear(&self->record);
    index_record_write(&self->record, &record);
    buffer_add_text(&self->record, record.tags);
    buffer_add_text(&self->record, record.units);
    struct index_key key = index_key_document(self->tenant, first_unit);
    store_batch_put(batch, index_key_text(&key), buffer_text(&self->record));
    for (uint32_t i = 0; i < unit_count; i++) {
        struct text forward = index_digest_record(self->digest, i);
        index_delta_add(&self->delta, first_unit + i, forward);
        key = index_key_forward(self->tenant, first_unit + i);
        store_batch_put(batch, index_key_text(&key), forward);
    }
}

void
index_remove(struct index *self, struct store_batch *batch, const struct uuid *id)
{
    uint32_t ordinal = index_identity_find(&self->identity, id);
    if (ordinal == index_identity_none)
        return;
    const struct index_document_row *row = index_table_at(&self->documents, ordinal);
    index_identity_remove(&self->identity, ordinal);
    index_totals_remove(&self->totals, row->kind_slot, row->unit_count, row->length);
    index_state_mark_removed(self, ordinal, true);
    note_change(self, ordinal, true);

    struct index_key key = index_key_document(self->tenant, row->first_unit);
    store_batch_delete(batch, index_key_text(&key));
    for (uint32_t i = 0; i < row->unit_count; i++) {
        key = index_key_forward(self->tenant, row->first_unit + i);
        store_batch_delete(batch, index_key_text(&key));
    }
}

static uint32_t
units_below(const struct index_document_row *row, uint32_t bound)
{
    if (row->first_unit >= bound)
        return 0;
    uint32_t below = bound - row->first_unit;
    return below < row->unit_count ? below : row->unit_count;
}

static void
settle_changes(struct index *self)
{
    uint32_t flushed = self->published_progress.flushed;
    for (size_t i = 0; i < self->change_count; i++) {
        const struct index_change *change = &self->changes[i];
        if (!change->removed) {
            index_state_enliven(self, change->document);
            continue;
        }
        self->live_flushed -=
            units_below(index_table_at(&self->documents, change->document), flushed);
        index_state_retire(self, change->document);
    }
    self->change_count = 0;
}

/* Segments that were flushed leave the delta. */
static void
settle_flush(struct index *self)
{
    while (self->published_progress.flushed < self->progress.flushed) {
        uint32_t unit = self->published_progress.flushed;
        self->published_progress.flushed += INDEX_SEGMENT_UNITS;
        for (; unit < self->published_progress.flushed; unit++)
            self->live_flushed += index_state_unit_is_live(self, unit);
        index_delta_drop_first(&self->delta);
    }
    self->published_progress = self->progress;
}

static struct index_view *
create_view(struct index *self)
{
    size_t size =
        sizeof(struct index_view) + self->delta.count * sizeof(struct index_delta_chunk *);
    struct index_view *view = memory_new(size);
    atomic_init(&view->references, 1);
    view->tenant = self->tenant;
    view->epoch = self->epoch;
    view->live_documents = self->totals.documents;
    view->unit_count = self->units.count;
    view->document_count = self->documents.count;
    view->units = index_table_share(&self->units);
    view->places = index_table_share(&self->places);
    view->documents = index_table_share(&self->documents);
    view->tags = index_table_share(&self->tags);
    view->names = index_strings_share(self->strings);
    index_totals_scales(&self->totals, view->scales);
    view->flushed = self->progress.flushed;
    view->flush_term = self->progress.flush_term;
    view->chunk_count = (uint32_t)self->delta.count;
    for (size_t i = 0; i < self->delta.count; i++) {
        struct index_delta_chunk *chunk = self->delta.chunks[i];
        atomic_fetch_add_explicit(&chunk->references, 1, memory_order_relaxed);
        view->chunks[i] = chunk;
    }
    return view;
}

struct index_view *
index_publish(struct index *self)
{
    settle_changes(self);
    self->epoch++;
    settle_flush(self);
    self->published_totals = self->totals;
    return create_view(self);
}

void
index_discard(struct index *self)
{
    while (self->change_count) {
        const struct index_change *change = &self->changes[--self->change_count];
        if (!change->removed) {
            index_identity_remove(&self->identity, change->document);
            continue;
        }
        index_state_mark_removed(self, change->document, false);
        index_identity_add(&self->identity, change->document);
    }
    self->totals = self->published_totals;
    index_table_truncate(&self->tags, self->tags.settled);
    index_table_truncate(&self->documents, self->documents.settled);
    index_table_truncate(&self->places, self->places.settled);
    index_table_truncate(&self->units, self->units.settled);
    index_delta_truncate(&self->delta, self->units.settled);
    self->progress = self->published_progress;
    index_flush_forget(self);
}

bool
index_maintain(struct index *self, const struct store_snapshot *snapshot, struct store_batch *batch)
{
    return index_flush_step(self, batch) || index_merge_step(self, snapshot, batch);
}
