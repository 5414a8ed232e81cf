/* Load: what index_open reads. */
#include "common/base/memory.h"
#include "context-svc/index/forward.h"
#include "context-svc/index/key.h"
#include "context-svc/index/record.h"
#include "context-svc/index/state.h"
#include "context-svc/index/unreadable.h"

static enum status
load_progress(struct index *self, const struct store_snapshot *snapshot, struct problem *problem)
{
    CLEANUP(store_value_release) struct store_value value = {0};
    struct index_key key = index_key_state(self->tenant);
    enum status status = store_get(snapshot, index_key_text(&key), &value);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK || !index_progress_read(value.bytes, &self->progress))
        return index_unreadable(status, problem, "the state of tenant", self->tenant);
    self->published_progress = self->progress;
    self->delta.first_unit = self->progress.flushed;
    return STATUS_OK;
}

static enum status
load_document(struct index *self, struct text key, struct text value, struct problem *problem)
{
    uint32_t first_unit;
    struct index_record record;
    if (!index_key_read_unit(key, &first_unit))
        return index_unreadable(STATUS_OK, problem, "a document of tenant", self->tenant);
    if (!index_record_read(value, &record))
        return index_unreadable(STATUS_OK, problem, "the document at unit", first_unit);
    if (record.analyser > INDEX_ANALYSER_VERSION) {
        problem_set(problem,
            "index: the document at unit %u was analysed by version %u, newer than this program's "
            "%u; run the newer program",
            first_unit, (unsigned)record.analyser, (unsigned)INDEX_ANALYSER_VERSION);
        return STATUS_FAILED_PRECONDITION;
    }
    if (!index_state_load(self, first_unit, &record))
        return index_unreadable(STATUS_OK, problem, "the document at unit", first_unit);
    uint32_t ordinal = self->documents.count - 1;
    index_state_enliven(self, ordinal);
    return STATUS_OK;
}

static enum status
load_documents(struct index *self, const struct store_snapshot *snapshot, struct problem *problem)
{
    struct index_key from = index_key_document(self->tenant, 0);
    struct index_key to = index_key_documents_end(self->tenant);
    CLEANUP(store_scan_destroy)
    struct store_scan *scan =
        store_scan_create(snapshot, index_key_text(&from), index_key_text(&to), false);
    struct text key;
    struct text value;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && store_scan_next(scan, &key, &value))
        status = load_document(self, key, value, problem);
    if (status != STATUS_OK)
        return status;
    status = store_scan_status(scan);
    if (status != STATUS_OK)
        return index_unreadable(status, problem, "the documents of tenant", self->tenant);
    return STATUS_OK;
}

/* Numbers that postings may stand under are never given again. */
static void
settle(struct index *self)
{
    uint32_t reserved = self->progress.flushed;
    if (self->progress.flush_term)
        reserved += INDEX_SEGMENT_UNITS;
    index_table_settle(&self->units, reserved);
    index_table_settle(&self->places, reserved);
    index_table_settle(&self->documents, 0);
    index_table_settle(&self->tags, 0);
    for (uint32_t unit = 0; unit < self->progress.flushed; unit++)
        self->live_flushed += index_state_unit_is_live(self, unit);
    self->published_totals = self->totals;
}

static enum status
load_forward(struct index *self, struct text key, struct text value, struct problem *problem)
{
    uint32_t unit;
    struct index_forward forward;
    if (!index_key_read_unit(key, &unit) || !index_forward_read(value, &forward) ||
        !index_state_unit_is_live(self, unit))
        return index_unreadable(STATUS_OK, problem, "a forward record of tenant", self->tenant);
    index_delta_add(&self->delta, unit, value);
    return STATUS_OK;
}

static enum status
load_delta(struct index *self, const struct store_snapshot *snapshot, struct problem *problem)
{
    struct index_key from = index_key_forward(self->tenant, self->progress.flushed);
    struct index_key to = index_key_forwards_end(self->tenant);
    CLEANUP(store_scan_destroy)
    struct store_scan *scan =
        store_scan_create(snapshot, index_key_text(&from), index_key_text(&to), false);
    struct text key;
    struct text value;
    uint32_t loaded = 0;
    enum status status = STATUS_OK;
    for (; status == STATUS_OK && store_scan_next(scan, &key, &value); loaded++)
        status = load_forward(self, key, value, problem);
    if (status != STATUS_OK)
        return status;
    uint32_t expected = 0;
    for (uint32_t unit = self->progress.flushed; unit < self->units.count; unit++)
        expected += index_state_unit_is_live(self, unit);
    status = store_scan_status(scan);
    if (status != STATUS_OK || loaded != expected)
        return index_unreadable(status, problem, "the forward records of tenant", self->tenant);
    return STATUS_OK;
}

enum status
index_open(const struct store_snapshot *snapshot, uint32_t tenant, struct index **self_p,
    struct problem *problem)
{
    CLEANUP(index_close) struct index *self = memory_new(sizeof *self);
    self->tenant = tenant;
    index_table_init(&self->units, sizeof(struct index_unit_row));
    index_table_init(&self->places, sizeof(uint16_t));
    index_table_init(&self->documents, sizeof(struct index_document_row));
    index_table_init(&self->tags, sizeof(uint32_t));
    self->strings = index_strings_create();
    index_identity_init(&self->identity, &self->documents);
    self->digest = index_digest_create();

    enum status status = load_progress(self, snapshot, problem);
    if (status == STATUS_OK)
        status = load_documents(self, snapshot, problem);
    if (status != STATUS_OK)
        return status;
    settle(self);
    status = load_delta(self, snapshot, problem);
    if (status != STATUS_OK)
        return status;
    *self_p = TAKE(self);
    return STATUS_OK;
}
