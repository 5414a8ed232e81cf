#include "context-svc/keys.h"
#include "context-svc/limits.h"
#include "context-svc/session.h"

enum { LIST_DEFAULT = 20, CURSOR_FORM = 3, CURSOR_SIZE = 1 + UUID_SIZE };

static enum status
check_request(struct context_reading *self, const Forge__SessionListRequest *request)
{
    enum status status = context_check_word(
        "project", text_of(request->project), LIMIT_PROJECT_BYTES, &self->problem);
    if (status == STATUS_OK)
        status = context_check_word(
            "author", text_of(request->author), LIMIT_NAME_BYTES, &self->problem);
    if (status == STATUS_OK && request->cursor.len &&
        (request->cursor.len != CURSOR_SIZE || request->cursor.data[0] != CURSOR_FORM)) {
        problem_set(&self->problem, "the cursor is none of ours: leave it out to begin anew");
        return STATUS_INVALID_ARGUMENT;
    }
    return status;
}

static bool
matches(const Forge__SessionListRequest *request, const Forge__WorkSession *session)
{
    return (!request->project[0] || strcmp(request->project, session->project) == 0) &&
           (!request->author[0] || strcmp(request->author, session->author) == 0) &&
           (!request->active || !session->ended_at_ms);
}

static void
write_cursor(struct context_reading *self, struct text key, ProtobufCBinaryData *cursor)
{
    cursor->data = arena_new(self->arena, CURSOR_SIZE);
    cursor->len = CURSOR_SIZE;
    cursor->data[0] = CURSOR_FORM;
    memcpy(cursor->data + 1, key.data + key.length - UUID_SIZE, UUID_SIZE);
}

static enum status
add(struct context_reading *self, const Forge__SessionListRequest *request, struct text value,
    Forge__SessionListReply *reply)
{
    Forge__WorkSession *session = forge__work_session__unpack(
        &self->arena->allocator, value.length, (const uint8_t *)value.data);
    if (!session)
        return context_reading_damaged(self, "a work session");
    if (!matches(request, session))
        return STATUS_OK;
    if (!text_is(self->principal.name, session->author))
        session->handle = arena_copy(self->arena, TEXT(""));
    reply->sessions[reply->n_sessions++] = session;
    return STATUS_OK;
}

static bool
is_page_full(const struct context_reading *self, const Forge__SessionListReply *reply, size_t limit)
{
    return reply->n_sessions == limit || self->arena->used_bytes > self->arena->max_bytes / 4;
}

enum status
context_session_list(struct context_reading *self, const Forge__SessionListRequest *request,
    Forge__SessionListReply *reply)
{
    enum status status = check_request(self, request);
    if (status != STATUS_OK || !self->tenant)
        return status;
    size_t limit = request->limit ? request->limit : LIST_DEFAULT;
    if (limit > LIMIT_LIST)
        limit = LIMIT_LIST;
    reply->sessions = arena_new(self->arena, (limit + 1) * sizeof *reply->sessions);
    struct context_key from = context_key_table('w', self->tenant_number);
    struct context_key to = context_key_end(&from);
    if (request->cursor.len) {
        struct uuid before;
        memcpy(before.bytes, request->cursor.data + 1, UUID_SIZE);
        to = context_key_session(self->tenant_number, &before);
    }
    CLEANUP(store_scan_destroy)
    struct store_scan *scan = store_scan_create(
        context_view_snapshot(self->view), context_key_text(&from), context_key_text(&to), true);
    struct text key;
    struct text value;
    while (store_scan_next(scan, &key, &value)) {
        status = add(self, request, value, reply);
        if (status != STATUS_OK)
            return status;
        if (is_page_full(self, reply, limit)) {
            write_cursor(self, key, &reply->cursor);
            break;
        }
    }
    return store_scan_status(scan) == STATUS_OK
               ? STATUS_OK
               : context_reading_damaged(self, "the work sessions");
}
