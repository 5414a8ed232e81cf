#include "context-svc/list.h"

#include "context-svc/keys.h"
#include "context-svc/limits.h"
#include "context-svc/walk.h"

enum {
    LIST_DEFAULT = 20,
    CURSOR_FORM = 1,
    CURSOR_SIZE = 1 + WALK_PLACE_SIZE,
    HISTORY_DEFAULT = 20,
    HISTORY_BYTES = 1024 * 1024,
};

static enum status
read_cursor(struct context_reading *self, ProtobufCBinaryData cursor, struct text *before)
{
    *before = TEXT("");
    if (!cursor.len)
        return STATUS_OK;
    if (cursor.len != CURSOR_SIZE || cursor.data[0] != CURSOR_FORM) {
        problem_set(&self->problem, "the cursor is none of ours: leave it out to begin anew");
        return STATUS_INVALID_ARGUMENT;
    }
    *before = text_from(cursor.data + 1, WALK_PLACE_SIZE);
    return STATUS_OK;
}

static void
write_cursor(
    struct context_reading *self, const struct context_walk *walk, ProtobufCBinaryData *cursor)
{
    cursor->data = arena_new(self->arena, CURSOR_SIZE);
    cursor->len = CURSOR_SIZE;
    cursor->data[0] = CURSOR_FORM;
    context_walk_place(walk, cursor->data + 1);
}

static enum status
fill_page(
    struct context_reading *self, struct context_walk *walk, size_t limit, Forge__ListReply *reply)
{
    reply->entries = arena_new(self->arena, (limit + 1) * sizeof *reply->entries);
    enum status status = STATUS_OK;
    while (status == STATUS_OK && reply->n_entries < limit) {
        Forge__Entry *entry = NULL;
        struct text content;
        status = context_walk_next(walk, LIMIT_SCANNED, &entry, &content);
        if (status == STATUS_OK)
            reply->entries[reply->n_entries++] = entry;
    }
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK && status != STATUS_RESOURCE_EXHAUSTED)
        return status;
    write_cursor(self, walk, &reply->cursor);
    return STATUS_OK;
}

enum status
context_list_entries(
    struct context_reading *self, const Forge__ListRequest *request, Forge__ListReply *reply)
{
    struct context_filter filter = {.project = request->project,
        .kinds = request->kinds,
        .kind_count = request->n_kinds,
        .tags = request->tags,
        .tag_count = request->n_tags,
        .scope = (int)request->scope,
        .author = request->author,
        .since_ms = request->since_ms};
    struct text before;
    enum status status = context_filter_check(&filter, &self->problem);
    if (status == STATUS_OK)
        status = read_cursor(self, request->cursor, &before);
    if (status != STATUS_OK || !self->tenant)
        return status;
    size_t limit = request->limit ? request->limit : LIST_DEFAULT;
    if (limit > LIMIT_LIST)
        limit = LIMIT_LIST;
    CLEANUP(context_walk_destroy)
    struct context_walk *walk = context_walk_create(self, &filter, before);
    return fill_page(self, walk, limit, reply);
}

/* The version in the arena, its content too when the reply has room for it. */
static enum status
add_version(
    struct context_reading *self, struct text value, size_t *bytes, Forge__HistoryReply *reply)
{
    struct text content;
    Forge__Entry *entry = context_record_unpack_card(value, self->arena, &content);
    if (!entry)
        return context_reading_damaged(self, "an earlier version");
    if (*bytes + content.length <= HISTORY_BYTES) {
        *bytes += content.length;
        entry->content = bytes_of_text(text_from(arena_copy(self->arena, content), content.length));
    }
    reply->versions[reply->n_versions++] = entry;
    return STATUS_OK;
}

static enum status
add_past(struct context_reading *self, const struct uuid *id, size_t limit, size_t *bytes,
    Forge__HistoryReply *reply)
{
    struct context_key from = context_key_history(self->tenant_number, id, 0);
    struct context_key to = context_key_history(self->tenant_number, id, UINT32_MAX);
    CLEANUP(store_scan_destroy)
    struct store_scan *scan = store_scan_create(
        context_view_snapshot(self->view), context_key_text(&from), context_key_text(&to), true);
    struct text key;
    struct text value;
    while (reply->n_versions < limit && store_scan_next(scan, &key, &value)) {
        enum status status = add_version(self, value, bytes, reply);
        if (status != STATUS_OK)
            return status;
    }
    return store_scan_status(scan) == STATUS_OK
               ? STATUS_OK
               : context_reading_damaged(self, "an entry's history");
}

enum status
context_list_history(
    struct context_reading *self, const Forge__HistoryRequest *request, Forge__HistoryReply *reply)
{
    struct uuid id;
    enum status status = context_check_id("id", request->id, &id, &self->problem);
    if (status != STATUS_OK)
        return status;
    CLEANUP(store_value_release) struct store_value value = {0};
    Forge__Entry *newest = NULL;
    struct text content;
    status = self->tenant ? context_reading_card(self, &id, &newest, &content, &value)
                          : STATUS_NOT_FOUND;
    if (status == STATUS_NOT_FOUND)
        problem_set(&self->problem, "there is no such entry that you may see");
    if (status != STATUS_OK)
        return status;
    size_t limit = request->limit ? request->limit : HISTORY_DEFAULT;
    if (limit > LIMIT_HISTORY)
        limit = LIMIT_HISTORY;
    reply->versions = arena_new(self->arena, (limit + 1) * sizeof *reply->versions);
    size_t bytes = 0;
    status = add_version(self, value.bytes, &bytes, reply);
    return status == STATUS_OK ? add_past(self, &id, limit, &bytes, reply) : status;
}
