#include "context-svc/changes.h"

#include "records.pb-c.h"

#include "context-svc/keys.h"
#include "context-svc/limits.h"

enum { CHANGES_DEFAULT = 100, CHANGES_MAX = 1000 };

static bool
is_for_asker(struct context_reading *self, const Forge__ChangesRequest *request,
    const Context__ChangeRecord *record)
{
    if (request->project[0] && strcmp(request->project, record->project) != 0)
        return false;
    return !record->owner[0] || text_is(self->principal.name, record->owner);
}

/* The entry may have become private or expired since. */
static enum status
look_up_title(
    struct context_reading *self, const Context__ChangeRecord *record, Forge__Change *change)
{
    if (record->kind == FORGE__CHANGE_KIND__FORGOTTEN || record->id.len != UUID_SIZE)
        return STATUS_OK;
    struct uuid id;
    memcpy(id.bytes, record->id.data, UUID_SIZE);
    CLEANUP(store_value_release) struct store_value value = {0};
    Forge__Entry *entry = NULL;
    struct text content;
    enum status status = context_reading_card(self, &id, &entry, &content, &value);
    if (status == STATUS_OK)
        change->title = entry->title;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status
add_change(struct context_reading *self, uint64_t sequence, const Context__ChangeRecord *record,
    Forge__ChangesReply *reply)
{
    Forge__Change *change = arena_new(self->arena, sizeof *change);
    forge__change__init(change);
    change->sequence = sequence;
    change->kind = (Forge__ChangeKind)record->kind;
    change->id = record->id;
    change->project = record->project;
    change->author = record->author;
    change->at_ms = record->at_ms;
    change->entry_kind = record->entry_kind;
    change->version = record->version;
    reply->changes[reply->n_changes++] = change;
    return look_up_title(self, record, change);
}

static enum status
add_row(struct context_reading *self, const Forge__ChangesRequest *request, uint64_t sequence,
    struct text value, Forge__ChangesReply *reply)
{
    const Context__ChangeRecord *record = context__change_record__unpack(
        &self->arena->allocator, value.length, (const uint8_t *)value.data);
    if (!record)
        return context_reading_damaged(self, "a row of the change log");
    if (!is_for_asker(self, request, record))
        return STATUS_OK;
    return add_change(self, sequence, record, reply);
}

static enum status
fill_page(struct context_reading *self, const Forge__ChangesRequest *request, size_t max,
    Forge__ChangesReply *reply)
{
    struct context_key from = context_key_change(self->tenant_number, request->after_sequence + 1);
    struct context_key table = context_key_table('c', self->tenant_number);
    struct context_key to = context_key_end(&table);
    CLEANUP(store_scan_destroy)
    struct store_scan *scan = store_scan_create(
        context_view_snapshot(self->view), context_key_text(&from), context_key_text(&to), false);
    struct text key;
    struct text value;
    size_t scanned = 0;
    while (store_scan_next(scan, &key, &value)) {
        uint64_t sequence = context_key_number(key, 8);
        enum status status = add_row(self, request, sequence, value, reply);
        if (status != STATUS_OK)
            return status;
        if (reply->n_changes == max || ++scanned == LIMIT_SCANNED) {
            reply->last_sequence = sequence;
            break;
        }
    }
    return store_scan_status(scan) == STATUS_OK ? STATUS_OK
                                                : context_reading_damaged(self, "the change log");
}

enum status
context_changes_page(
    struct context_reading *self, const Forge__ChangesRequest *request, Forge__ChangesReply *reply)
{
    enum status status = context_check_word(
        "project", text_of(request->project), LIMIT_PROJECT_BYTES, &self->problem);
    if (status != STATUS_OK)
        return status;
    uint64_t now = context_view_sequence(self->view);
    /* A caller that was ahead of a restored store learns where the log ends now. */
    reply->last_sequence = now;
    if (!self->tenant || context_tenant_view_last_change(self->tenant) <= request->after_sequence)
        return STATUS_OK;
    size_t max = request->max ? request->max : CHANGES_DEFAULT;
    if (max > CHANGES_MAX)
        max = CHANGES_MAX;
    reply->changes = arena_new(self->arena, (max + 1) * sizeof *reply->changes);
    return fill_page(self, request, max, reply);
}
