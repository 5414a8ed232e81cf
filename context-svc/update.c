#include "context-svc/update.h"

#include "context-svc/entry.h"
#include "context-svc/limits.h"
#include "context-svc/rows.h"

static enum status
change_text(struct context_write *self, const Forge__UpdateRequest *request, Forge__Entry *entry)
{
    enum status status = STATUS_OK;
    if (request->has_content_case == FORGE__UPDATE_REQUEST__HAS_CONTENT_CONTENT) {
        struct text content = text_of_bytes(request->content);
        if (!text_trim(content).length) {
            problem_set(&self->problem, "content is empty: to remove the entry, forget it");
            return STATUS_INVALID_ARGUMENT;
        }
        status = context_check_text("content", content, LIMIT_CONTENT_BYTES, &self->problem);
        entry->content = request->content;
    }
    if (status == STATUS_OK && request->has_title_case == FORGE__UPDATE_REQUEST__HAS_TITLE_TITLE) {
        struct text title = text_trim(text_of_bytes(request->title));
        status = context_check_word("title", title, LIMIT_TITLE_BYTES, &self->problem);
        if (!title.length)
            title = context_entry_derive_title(text_of_bytes(entry->content), self->arena);
        entry->title = bytes_of_text(title);
    }
    if (status == STATUS_OK && request->has_kind_case == FORGE__UPDATE_REQUEST__HAS_KIND_KIND) {
        status =
            context_check_word("kind", text_of(request->kind), LIMIT_KIND_BYTES, &self->problem);
        entry->kind = context_entry_kind(request->kind, self->arena);
    }
    return status;
}

static enum status
change_scope(struct context_write *self, const Forge__UpdateRequest *request, Forge__Entry *entry)
{
    if (request->has_scope_case != FORGE__UPDATE_REQUEST__HAS_SCOPE_SCOPE)
        return STATUS_OK;
    enum status status = context_check_scope((int)request->scope, &self->problem);
    if (status != STATUS_OK)
        return status;
    if (request->scope == FORGE__SCOPE__SCOPE_UNSET)
        return STATUS_OK;
    /* Nobody can take an entry that others see for themselves, or give it to its author. */
    if (request->scope == FORGE__SCOPE__PRIVATE &&
        !text_equals(text_of(entry->author), self->principal.name)) {
        problem_set(
            &self->problem, "only the author %s can make this entry private", entry->author);
        return STATUS_PERMISSION_DENIED;
    }
    entry->scope = request->scope;
    return STATUS_OK;
}

static enum status
change_marks(struct context_write *self, const Forge__UpdateRequest *request, Forge__Entry *entry)
{
    enum status status = STATUS_OK;
    if (request->has_pinned_case == FORGE__UPDATE_REQUEST__HAS_PINNED_PINNED)
        entry->pinned = request->pinned;
    if (request->has_expiry_case == FORGE__UPDATE_REQUEST__HAS_EXPIRY_EXPIRES_AT_MS) {
        status = context_check_expiry(request->expires_at_ms, self->now_ms, &self->problem);
        entry->expires_at_ms = request->expires_at_ms;
    }
    if (status != STATUS_OK || request->has_tags_case != FORGE__UPDATE_REQUEST__HAS_TAGS_TAGS ||
        !request->tags)
        return status;
    status = context_check_words("tags", request->tags->tags, request->tags->n_tags, LIMIT_TAGS,
        LIMIT_TAG_BYTES, &self->problem);
    if (status != STATUS_OK)
        return status;
    bool added;
    entry->n_tags = 0;
    (void)context_entry_join_tags(
        entry, request->tags->tags, request->tags->n_tags, self->arena, &added);
    return STATUS_OK;
}

static bool
is_same_text(const Forge__Entry *a, const Forge__Entry *b)
{
    return text_equals(text_of_bytes(a->content), text_of_bytes(b->content)) &&
           text_equals(text_of_bytes(a->title), text_of_bytes(b->title)) &&
           strcmp(a->kind, b->kind) == 0;
}

static bool
is_same(const Forge__Entry *a, const Forge__Entry *b)
{
    return is_same_text(a, b) && a->scope == b->scope && a->pinned == b->pinned &&
           a->expires_at_ms == b->expires_at_ms && a->n_tags == b->n_tags &&
           context_tags_hold(a->tags, a->n_tags, b->tags, b->n_tags);
}

/* A work session's text is written by its own calls. */
static enum status
check_session(struct context_write *self, const Forge__Entry *old, const Forge__Entry *entry)
{
    if (is_same_text(old, entry) && old->scope == entry->scope)
        return STATUS_OK;
    problem_set(&self->problem,
        "this entry is a work session: its text changes by "
        "context_session_checkpoint and context_session_end; here only tags, pin and expiry");
    return STATUS_FAILED_PRECONDITION;
}

enum status
context_update_entry(
    struct context_write *self, const Forge__UpdateRequest *request, Forge__UpdateReply *reply)
{
    struct uuid id;
    Forge__Entry *old = NULL;
    uint8_t flags = 0;
    enum status status = context_check_id("id", request->id, &id, &self->problem);
    if (status == STATUS_OK)
        status = context_write_load(self, &id, &old, &flags);
    if (status != STATUS_OK)
        return status;
    if (request->expected_version && request->expected_version != old->version) {
        problem_set(&self->problem,
            "the entry is at version %u, not %u: somebody changed it, read it again first",
            old->version, request->expected_version);
        return STATUS_ABORTED;
    }
    Forge__Entry entry = *old;
    status = change_text(self, request, &entry);
    if (status == STATUS_OK)
        status = change_scope(self, request, &entry);
    if (status == STATUS_OK)
        status = change_marks(self, request, &entry);
    if (status == STATUS_OK && (flags & RECORD_WORK_SESSION))
        status = check_session(self, old, &entry);
    if (status != STATUS_OK)
        return status;
    self->sequence = old->sequence;
    if (!is_same(old, &entry))
        context_rows_revise(self, old, &entry, flags);
    reply->id = entry.id;
    reply->version = entry.version;
    reply->sequence = entry.sequence;
    return STATUS_OK;
}
