#include "context-svc/index/state.h"

#include "context-svc/index/codec.h"
#include "context-svc/index/key.h"
#include "context-svc/index/record.h"

static void
load_tags(struct index *self, struct index_document_row *row, const struct index_record *record)
{
    struct index_cursor cursor = index_cursor_over(record->tags);
    row->first_tag = self->tags.count;
    row->tag_count = (uint16_t)record->tag_count;
    for (uint32_t i = 0; i < record->tag_count; i++) {
        uint32_t *tag = index_table_append(&self->tags);
        *tag = index_strings_intern(self->strings, index_take_text(&cursor));
    }
}

static uint8_t
unit_flags(const struct index_document_row *row)
{
    bool guarded = row->scope == INDEX_SCOPE_PRIVATE || row->expires_at_ms;
    return (uint8_t)((row->unit_count > 1 ? INDEX_UNIT_OF_SEVERAL : 0) |
                     (guarded ? INDEX_UNIT_GUARDED : 0));
}

static bool
load_units(struct index *self, struct index_document_row *row, uint32_t ordinal,
    const struct index_record *record)
{
    struct index_cursor cursor = index_cursor_over(record->units);
    for (uint32_t i = 0; i < record->unit_count; i++) {
        uint64_t length = index_take_varint(&cursor);
        uint64_t place = index_take_varint(&cursor);
        if (cursor.failed || length > UINT16_MAX || place > UINT16_MAX)
            return false;
        struct index_unit_row *unit = index_table_place(&self->units, row->first_unit + i);
        unit->document = ordinal + 1;
        unit->project = row->project;
        unit->length = (uint16_t)length;
        unit->kind_slot = row->kind_slot;
        atomic_init(&unit->flags, unit_flags(row));
        row->length += unit->length;
        uint16_t *unit_place = index_table_place(&self->places, row->first_unit + i);
        *unit_place = (uint16_t)place;
    }
    return cursor.at == cursor.end;
}

bool
index_state_load(struct index *self, uint32_t first_unit, const struct index_record *record)
{
    if (first_unit < self->units.count || first_unit > UINT32_MAX - record->unit_count ||
        index_identity_find(&self->identity, &record->id) != index_identity_none)
        return false;
    uint32_t ordinal = self->documents.count;
    struct index_document_row *row = index_table_append(&self->documents);
    row->first_unit = first_unit;
    row->unit_count = (uint16_t)record->unit_count;
    row->flags = record->flags;
    row->scope = record->scope;
    row->id = record->id;
    row->created_at_ms = record->created_at_ms;
    row->updated_at_ms = record->updated_at_ms;
    row->expires_at_ms = record->expires_at_ms;
    row->project = index_strings_intern(self->strings, record->project);
    row->kind = index_strings_intern(self->strings, record->kind);
    row->author = index_strings_intern(self->strings, record->author);
    row->branch = index_strings_intern(self->strings, record->branch);
    row->session = index_strings_intern(self->strings, record->session);
    row->kind_slot = index_totals_slot(&self->totals, row->kind, record->kind);
    load_tags(self, row, record);
    if (!load_units(self, row, ordinal, record))
        return false;
    index_identity_add(&self->identity, ordinal);
    index_totals_add(&self->totals, row->kind_slot, row->unit_count, row->length);
    return true;
}

void
index_state_enliven(struct index *self, uint32_t ordinal)
{
    const struct index_document_row *row = index_table_at(&self->documents, ordinal);
    for (uint32_t i = 0; i < row->unit_count; i++) {
        index_table_enliven(&self->units, row->first_unit + i);
        index_table_enliven(&self->places, row->first_unit + i);
    }
    for (uint32_t i = 0; i < row->tag_count; i++)
        index_table_enliven(&self->tags, row->first_tag + i);
    index_table_enliven(&self->documents, ordinal);
}

void
index_state_retire(struct index *self, uint32_t ordinal)
{
    const struct index_document_row *row = index_table_at(&self->documents, ordinal);
    for (uint32_t i = 0; i < row->unit_count; i++) {
        index_table_retire(&self->units, row->first_unit + i);
        index_table_retire(&self->places, row->first_unit + i);
    }
    for (uint32_t i = 0; i < row->tag_count; i++)
        index_table_retire(&self->tags, row->first_tag + i);
    index_table_retire(&self->documents, ordinal);
}

bool
index_state_unit_is_live(const struct index *self, uint32_t unit)
{
    if (unit >= self->units.count)
        return false;
    const struct index_unit_row *row = index_table_at(&self->units, unit);
    return row && row->document &&
           !(atomic_load_explicit(&row->flags, memory_order_relaxed) & INDEX_UNIT_REMOVED);
}

void
index_state_mark_removed(struct index *self, uint32_t ordinal, bool removed)
{
    struct index_document_row *row = index_table_at(&self->documents, ordinal);
    /* Readers of older views that see the mark before the epoch, or the other way round, find the
     * document alive either way: it is removed in an epoch after theirs, or not at all. */
    atomic_store_explicit(&row->removed_at, removed ? self->epoch + 1 : 0, memory_order_relaxed);
    for (uint32_t i = 0; i < row->unit_count; i++) {
        struct index_unit_row *unit = index_table_at(&self->units, row->first_unit + i);
        if (removed)
            atomic_fetch_or_explicit(&unit->flags, INDEX_UNIT_REMOVED, memory_order_relaxed);
        else
            atomic_fetch_and_explicit(
                &unit->flags, (uint8_t)~INDEX_UNIT_REMOVED, memory_order_relaxed);
    }
}

void
index_state_write_progress(struct index *self, struct store_batch *batch)
{
    buffer_clear(&self->record);
    index_progress_write(&self->record, &self->progress);
    struct index_key key = index_key_state(self->tenant);
    store_batch_put(batch, index_key_text(&key), buffer_text(&self->record));
}
