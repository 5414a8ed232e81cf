#include "context-svc/rows.h"

#include "records.pb-c.h"
#include "session.pb-c.h"

#include "context-svc/counts.h"
#include "context-svc/entry.h"
#include "context-svc/limits.h"

static void
put_record(struct context_write *self, const struct context_key *key, const Forge__Entry *entry,
    uint8_t flags)
{
    struct buffer *buffer = context_writer_buffer(self->writer);
    context_record_build(buffer, entry, flags);
    context_write_put(self, key, buffer_text(buffer));
}

static void
put_card(struct context_write *self, const Forge__Entry *entry, const struct uuid *id)
{
    struct buffer *buffer = context_writer_buffer(self->writer);
    struct context_key key =
        context_key_project(self->tenant_number, text_of(entry->project), entry->created_at_ms, id);
    context_entry_pack_card(entry, buffer);
    context_write_put(self, &key, buffer_text(buffer));
}

/* Texts of work sessions never stand for one another. */
static bool
has_place(const Forge__Entry *entry, uint8_t flags)
{
    return entry->content.len > 0 && !(flags & RECORD_WORK_SESSION);
}

/* An update may have made two entries alike: the first keeps the place. A new entry takes it, as
 * one that still holds it has expired. */
static void
put_place(struct context_write *self, const Forge__Entry *entry, const struct uuid *id)
{
    uint8_t hash[KEY_HASH_SIZE];
    context_entry_place_hash(entry, hash);
    struct context_key key = context_key_content(self->tenant_number, hash);
    CLEANUP(store_value_release) struct store_value value = {0};
    if (entry->version == 1 || context_write_get(self, &key, &value) == STATUS_NOT_FOUND)
        context_write_put(self, &key, text_from(id->bytes, UUID_SIZE));
}

static void
delete_place(struct context_write *self, const Forge__Entry *entry, const struct uuid *id)
{
    uint8_t hash[KEY_HASH_SIZE];
    context_entry_place_hash(entry, hash);
    struct context_key key = context_key_content(self->tenant_number, hash);
    CLEANUP(store_value_release) struct store_value value = {0};
    if (context_write_get(self, &key, &value) == STATUS_OK &&
        text_equals(value.bytes, text_from(id->bytes, UUID_SIZE)))
        context_write_delete(self, &key);
}

/* The rows beside entry and card; equal ones of an old version are simply put again. */
static void
put_rows(struct context_write *self, const Forge__Entry *entry, uint8_t flags)
{
    struct uuid id = context_entry_id(entry);
    struct context_key entry_key = context_key_entry(self->tenant_number, &id);
    put_record(self, &entry_key, entry, flags);
    put_card(self, entry, &id);
    if (has_place(entry, flags))
        put_place(self, entry, &id);
    if (entry->pinned) {
        struct context_key key =
            context_key_pinned(self->tenant_number, text_of(entry->project), &id);
        context_write_put(self, &key, TEXT(""));
    }
    if (entry->expires_at_ms) {
        struct context_key key = context_key_expiry(entry->expires_at_ms, self->tenant_number, &id);
        context_write_put(self, &key, TEXT(""));
    }
}

static void
delete_rows(struct context_write *self, const Forge__Entry *entry, uint8_t flags)
{
    struct uuid id = context_entry_id(entry);
    if (has_place(entry, flags))
        delete_place(self, entry, &id);
    if (entry->pinned) {
        struct context_key key =
            context_key_pinned(self->tenant_number, text_of(entry->project), &id);
        context_write_delete(self, &key);
    }
    if (entry->expires_at_ms) {
        struct context_key key = context_key_expiry(entry->expires_at_ms, self->tenant_number, &id);
        context_write_delete(self, &key);
    }
}

static void
index_entry(struct context_write *self, const Forge__Entry *entry)
{
    if (!context_entry_is_searched(entry))
        return;
    struct index_document document;
    context_entry_document(entry, self->arena, &document);
    index_add(context_tenant_index(self->tenant),
        context_stage_batch(context_writer_stage(self->writer)), &document);
}

static void
unindex_entry(struct context_write *self, const Forge__Entry *entry)
{
    if (!context_entry_is_searched(entry))
        return;
    struct uuid id = context_entry_id(entry);
    index_remove(context_tenant_index(self->tenant),
        context_stage_batch(context_writer_stage(self->writer)), &id);
}

static void
set_hash(struct context_write *self, Forge__Entry *entry)
{
    uint8_t *hash = arena_new(self->arena, ENTRY_HASH_SIZE);
    context_entry_content_hash(entry, hash);
    entry->content_hash = (ProtobufCBinaryData){.data = hash, .len = ENTRY_HASH_SIZE};
    entry->content_bytes = (uint32_t)entry->content.len;
}

void
context_rows_insert(struct context_write *self, Forge__Entry *entry, uint8_t flags)
{
    struct uuid id = uuid_create(entry->created_at_ms);
    uint8_t *bytes = arena_new(self->arena, UUID_SIZE);
    memcpy(bytes, id.bytes, UUID_SIZE);
    entry->id = (ProtobufCBinaryData){.data = bytes, .len = UUID_SIZE};
    entry->version = 1;
    set_hash(self, entry);
    entry->sequence = context_write_change(self, FORGE__CHANGE_KIND__SAVED, entry);
    put_rows(self, entry, flags);
    struct context_key age = context_key_by_age(self->tenant_number, entry->created_at_ms, &id);
    context_write_put(self, &age, TEXT(""));
    index_entry(self, entry);
    context_counts_add(self, 1, 0);
    context_counts_add_project(self, entry, 1);
}

void
context_rows_revise(
    struct context_write *self, const Forge__Entry *old, Forge__Entry *entry, uint8_t flags)
{
    struct uuid id = context_entry_id(old);
    struct context_key past = context_key_history(self->tenant_number, &id, old->version);
    put_record(self, &past, old, flags);
    if (old->version > LIMIT_VERSIONS) {
        struct context_key oldest =
            context_key_history(self->tenant_number, &id, old->version - LIMIT_VERSIONS);
        context_write_delete(self, &oldest);
    }
    entry->version = old->version + 1;
    entry->updated_at_ms = self->now_ms;
    set_hash(self, entry);
    entry->sequence = context_write_change(self, FORGE__CHANGE_KIND__UPDATED, entry);
    delete_rows(self, old, flags);
    put_rows(self, entry, flags);
    unindex_entry(self, old);
    index_entry(self, entry);
    if (!text_equals(context_entry_owner(old), context_entry_owner(entry))) {
        context_counts_add_project(self, old, -1);
        context_counts_add_project(self, entry, 1);
    }
}

void
context_rows_amend(struct context_write *self, const Forge__Entry *entry, uint8_t flags)
{
    context_write_change(self, FORGE__CHANGE_KIND__UPDATED, entry);
    put_rows(self, entry, flags);
    unindex_entry(self, entry);
    index_entry(self, entry);
}

static void
forget_session(struct context_write *self, const Forge__Entry *entry, const struct uuid *id)
{
    struct context_key session = context_key_session(self->tenant_number, id);
    struct context_key handle = context_key_handle(self->tenant_number, text_of(entry->session));
    CLEANUP(store_value_release) struct store_value value = {0};
    enum status status = context_write_get(self, &session, &value);
    if (status != STATUS_OK) {
        context_writer_spoil(self->writer, status, "a work session");
        return;
    }
    const Forge__WorkSession *record = forge__work_session__unpack(
        &self->arena->allocator, value.bytes.length, (const uint8_t *)value.bytes.data);
    if (!record || !record->ended_at_ms)
        context_counts_add(self, 0, -1);
    context_write_delete(self, &session);
    context_write_delete(self, &handle);
}

void
context_rows_forget(struct context_write *self, const Forge__Entry *entry, uint8_t flags)
{
    struct uuid id = context_entry_id(entry);
    context_write_change(self, FORGE__CHANGE_KIND__FORGOTTEN, entry);
    delete_rows(self, entry, flags);
    struct context_key entry_key = context_key_entry(self->tenant_number, &id);
    struct context_key age = context_key_by_age(self->tenant_number, entry->created_at_ms, &id);
    struct context_key card = context_key_project(
        self->tenant_number, text_of(entry->project), entry->created_at_ms, &id);
    context_write_delete(self, &entry_key);
    context_write_delete(self, &age);
    context_write_delete(self, &card);
    uint32_t oldest = entry->version > LIMIT_VERSIONS ? entry->version - LIMIT_VERSIONS : 1;
    for (uint32_t version = oldest; version < entry->version; version++) {
        struct context_key past = context_key_history(self->tenant_number, &id, version);
        context_write_delete(self, &past);
    }
    unindex_entry(self, entry);
    if (flags & RECORD_WORK_SESSION)
        forget_session(self, entry, &id);
    context_counts_add(self, -1, 0);
    context_counts_add_project(self, entry, -1);

    Context__Tombstone tombstone = CONTEXT__TOMBSTONE__INIT;
    tombstone.forgotten_at_ms = self->now_ms;
    tombstone.by = arena_copy(self->arena, self->principal.name);
    tombstone.version = entry->version;
    struct context_key grave = context_key_tombstone(self->tenant_number, &id);
    context_write_put_message(self, &grave, &tombstone.base);
}

enum status
context_rows_find_same(
    struct context_write *self, const Forge__Entry *like, Forge__Entry **entry, uint8_t *flags)
{
    uint8_t hash[KEY_HASH_SIZE];
    context_entry_place_hash(like, hash);
    struct context_key key = context_key_content(self->tenant_number, hash);
    CLEANUP(store_value_release) struct store_value value = {0};
    enum status status = context_write_get(self, &key, &value);
    if (status != STATUS_OK)
        return status;
    struct uuid id;
    if (value.bytes.length != UUID_SIZE) {
        problem_set(&self->problem, "a record of the store is damaged: restore a backup");
        return STATUS_DATA_LOSS;
    }
    memcpy(id.bytes, value.bytes.data, UUID_SIZE);
    return context_write_load(self, &id, entry, flags);
}
