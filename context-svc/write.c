#include "context-svc/write.h"

#include <openssl/sha.h>

#include "records.pb-c.h"

#include "common/base/clock.h"
#include "context-svc/dedupe.h"
#include "context-svc/entry.h"
#include "context-svc/limits.h"

/* Above it the group is committed in parts; one write adds some 4 MiB at most. */
enum { BATCH_FULL_BYTES = 8 * 1024 * 1024 };

static enum status
begin(struct context_write *self, struct context_writer *writer)
{
    *self = (struct context_write){
        .writer = writer, .now_ms = clock_wall_ms(), .arena = context_writer_arena(writer)};
    arena_reset(self->arena);
    enum status status = context_writer_admits(writer, &self->problem);
    if (status != STATUS_OK)
        return status;
    if (store_batch_bytes(context_stage_batch(context_writer_stage(writer))) > BATCH_FULL_BYTES)
        return context_writer_flush(writer, &self->problem);
    return STATUS_OK;
}

enum status
context_write_begin_for(
    struct context_write *self, struct context_writer *writer, struct context_tenant *tenant)
{
    enum status status = begin(self, writer);
    self->tenant = tenant;
    self->tenant_number = context_tenant_number(tenant);
    self->principal.name = TEXT("");
    return status;
}

enum status
context_write_begin(struct context_write *self, struct context_writer *writer,
    const struct rpc_principal *principal, struct text project)
{
    enum status status = begin(self, writer);
    if (status != STATUS_OK)
        return status;
    self->principal = *principal;
    self->project = project;
    struct context_tenants *tenants = context_writer_tenants(writer);
    self->tenant = context_tenants_find(tenants, principal->tenant);
    if (!self->tenant)
        status = context_tenants_add(tenants, principal->tenant,
            context_view_snapshot(context_writer_view(writer)), &self->tenant, &self->problem);
    if (status == STATUS_OK)
        self->tenant_number = context_tenant_number(self->tenant);
    return status;
}

/* Another principal with the same key asks something else, and must not get this reply. */
static void
hash_request(struct context_write *self, const struct rpc_request *request)
{
    CLEANUP(buffer_release) struct buffer parts = {0};
    buffer_add_text(&parts, rpc_request_method(request));
    buffer_add_byte(&parts, '\0');
    buffer_add_text(&parts, self->principal.name);
    buffer_add_byte(&parts, '\0');
    buffer_add_text(&parts, rpc_request_project(request));
    buffer_add_byte(&parts, '\0');
    buffer_add_text(&parts, rpc_request_body(request));
    SHA256((const unsigned char *)parts.data, parts.length, self->request_hash);
}

/* True: the key is known and the call was answered. */
static bool
answer_known(struct context_write *self, struct rpc_request *request, context_write_replay *replay)
{
    struct context_dedupe_found found;
    enum status status = context_dedupe_find(self, &found);
    if (status == STATUS_NOT_FOUND)
        return false;
    if (status != STATUS_OK) {
        rpc_request_fail(request, status, "%s", self->problem.text);
        return true;
    }
    if (!found.same_request) {
        rpc_request_fail(request, STATUS_FAILED_PRECONDITION,
            "this idempotency key was used for another request: use a new key for a new request");
        return true;
    }
    /* A duplicate inside one group waits for the commit as the first one does. */
    if (found.staged)
        rpc_request_stage(request, found.sequence);
    else
        rpc_request_set_outcome(request, OUTCOME_COMMITTED, found.sequence);
    if (replay)
        replay(self, request, found.reply);
    else
        rpc_request_reply_packed(request, found.reply);
    return true;
}

bool
context_write_open(struct context_write *self, struct context_writer *writer,
    struct rpc_request *request, context_write_replay *replay)
{
    enum status status = context_write_begin(
        self, writer, rpc_request_principal(request), rpc_request_project(request));
    if (status != STATUS_OK) {
        rpc_request_set_outcome(request, OUTCOME_NOT_COMMITTED, 0);
        rpc_request_fail(request, status, "%s", self->problem.text);
        return false;
    }
    self->key = rpc_request_key(request);
    if (!self->key)
        return true;
    hash_request(self, request);
    return !answer_known(self, request, replay);
}

bool
context_write_settle(struct context_write *self, struct rpc_request *request, enum status status,
    const ProtobufCMessage *stored)
{
    if (status != STATUS_OK) {
        rpc_request_set_outcome(request, OUTCOME_NOT_COMMITTED, 0);
        rpc_request_fail(request, status, "%s", self->problem.text);
        return false;
    }
    if (self->key && stored)
        context_dedupe_put(self, stored);
    context_writer_count_call(self->writer);
    rpc_request_stage(request, self->sequence);
    return true;
}

enum status
context_write_get(
    struct context_write *self, const struct context_key *key, struct store_value *value)
{
    enum status status = context_source_get(context_writer_source(self->writer), key, value);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        problem_set(&self->problem,
            "a record of the store cannot be read (%s): see the service's "
            "log, and restore a backup if it stays",
            status_name(status));
    return status;
}

void
context_write_put(struct context_write *self, const struct context_key *key, struct text value)
{
    struct context_stage *stage = context_writer_stage(self->writer);
    context_tenant_stage(self->tenant, stage);
    context_stage_put(stage, key, value);
}

void
context_write_put_message(
    struct context_write *self, const struct context_key *key, const ProtobufCMessage *message)
{
    struct buffer *buffer = context_writer_buffer(self->writer);
    buffer_clear(buffer);
    size_t size = protobuf_c_message_get_packed_size(message);
    protobuf_c_message_pack(message, (uint8_t *)buffer_reserve(buffer, size));
    context_write_put(self, key, text_from(buffer->data, size));
}

void
context_write_delete(struct context_write *self, const struct context_key *key)
{
    context_stage_delete(context_writer_stage(self->writer), key);
}

uint64_t
context_write_change(struct context_write *self, Forge__ChangeKind kind, const Forge__Entry *entry)
{
    Context__ChangeRecord record = CONTEXT__CHANGE_RECORD__INIT;
    record.kind = (uint32_t)kind;
    record.id = entry->id;
    record.project = entry->project;
    record.author = arena_copy(self->arena, self->principal.name);
    record.at_ms = self->now_ms;
    record.entry_kind = entry->kind;
    record.version = entry->version;
    if (entry->scope == FORGE__SCOPE__PRIVATE)
        record.owner = entry->author;
    self->sequence = context_writer_next_sequence(self->writer);
    struct context_key key = context_key_change(self->tenant_number, self->sequence);
    context_write_put_message(self, &key, &record.base);
    context_tenant_note_change(self->tenant, self->sequence);
    return self->sequence;
}

enum status
context_write_project(struct context_write *self, const char *wanted, char **project)
{
    char *meant = (char *)wanted;
    if (!meant[0])
        meant = arena_copy(self->arena, self->project.length ? self->project : TEXT("default"));
    *project = meant;
    return context_check_word("project", text_of(meant), LIMIT_PROJECT_BYTES, &self->problem);
}

static enum status
refuse_missing(struct context_write *self, const struct uuid *id)
{
    char text[UUID_TEXT_SIZE];
    uuid_format(id, text);
    problem_set(&self->problem,
        "there is no entry %s that you may see: it was forgotten, has expired, or is private",
        text);
    return STATUS_NOT_FOUND;
}

enum status
context_write_load_any(
    struct context_write *self, const struct uuid *id, Forge__Entry **entry, uint8_t *flags)
{
    struct context_key key = context_key_entry(self->tenant_number, id);
    CLEANUP(store_value_release) struct store_value value = {0};
    enum status status = context_write_get(self, &key, &value);
    if (status == STATUS_NOT_FOUND)
        return refuse_missing(self, id);
    if (status != STATUS_OK)
        return status;
    Forge__Entry *loaded = context_record_unpack(value.bytes, self->arena, flags);
    if (!loaded) {
        problem_set(&self->problem, "the entry is damaged in the store: restore a backup");
        return STATUS_DATA_LOSS;
    }
    *entry = loaded;
    return STATUS_OK;
}

enum status
context_write_load(
    struct context_write *self, const struct uuid *id, Forge__Entry **entry, uint8_t *flags)
{
    Forge__Entry *loaded = NULL;
    enum status status = context_write_load_any(self, id, &loaded, flags);
    if (status != STATUS_OK)
        return status;
    if (!context_entry_is_visible(loaded, self->principal.name, self->now_ms))
        return refuse_missing(self, id);
    *entry = loaded;
    return STATUS_OK;
}
