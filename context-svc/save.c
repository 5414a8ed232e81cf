#include "context-svc/save.h"

#include "context-svc/entry.h"
#include "context-svc/limits.h"
#include "context-svc/rows.h"

static enum status
check_marks(const Forge__SaveRequest *request, struct problem *problem)
{
    const struct {
        const char *what;
        const char *word;
        size_t max;
    } words[] = {
        {"kind", request->kind, LIMIT_KIND_BYTES},
        {"client", request->client, LIMIT_NAME_BYTES},
        {"session", request->session, LIMIT_SESSION_BYTES},
        {"branch", request->branch, LIMIT_BRANCH_BYTES},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        enum status status =
            context_check_word(words[i].what, text_of(words[i].word), words[i].max, problem);
        if (status != STATUS_OK)
            return status;
    }
    return context_check_words(
        "tags", request->tags, request->n_tags, LIMIT_TAGS, LIMIT_TAG_BYTES, problem);
}

enum status
context_save_check(struct context_write *self, const Forge__SaveRequest *request)
{
    struct problem *problem = &self->problem;
    struct text content = text_of_bytes(request->content);
    if (!text_trim(content).length) {
        problem_set(problem, "content is empty: send the text to keep");
        return STATUS_INVALID_ARGUMENT;
    }
    enum status status = context_check_text("content", content, LIMIT_CONTENT_BYTES, problem);
    if (status == STATUS_OK)
        status =
            context_check_word("title", text_of_bytes(request->title), LIMIT_TITLE_BYTES, problem);
    if (status == STATUS_OK)
        status = check_marks(request, problem);
    if (status == STATUS_OK)
        status = context_check_scope((int)request->scope, problem);
    if (status == STATUS_OK)
        status = context_check_expiry(request->expires_at_ms, self->now_ms, problem);
    if (status == STATUS_OK)
        status = context_check_created(request->created_at_ms, self->now_ms, problem);
    return status;
}

/* The entry as it will be, without id; borrows from request and arena. */
static enum status
fill(struct context_write *self, const Forge__SaveRequest *request, Forge__Entry *entry)
{
    forge__entry__init(entry);
    enum status status = context_write_project(self, request->project, &entry->project);
    if (status != STATUS_OK)
        return status;
    struct text title = text_trim(text_of_bytes(request->title));
    if (!title.length)
        title = context_entry_derive_title(text_of_bytes(request->content), self->arena);
    entry->kind = context_entry_kind(request->kind, self->arena);
    entry->title = bytes_of_text(title);
    entry->content = request->content;
    entry->scope = request->scope ? request->scope : FORGE__SCOPE__PROJECT;
    entry->author = arena_copy(self->arena, self->principal.name);
    entry->client = request->client;
    entry->session = request->session;
    entry->branch = request->branch;
    entry->created_at_ms = request->created_at_ms ? request->created_at_ms : self->now_ms;
    entry->updated_at_ms = entry->created_at_ms;
    entry->pinned = request->pinned;
    entry->expires_at_ms = request->expires_at_ms;
    entry->supersedes = request->supersedes;
    bool added;
    /* Within the limit, as context_check_words has counted them. */
    (void)context_entry_join_tags(entry, request->tags, request->n_tags, self->arena, &added);
    uint8_t *hash = arena_new(self->arena, ENTRY_HASH_SIZE);
    context_entry_content_hash(entry, hash);
    entry->content_hash = (ProtobufCBinaryData){.data = hash, .len = ENTRY_HASH_SIZE};
    return STATUS_OK;
}

/* The entry that the new one takes the place of; NULL when none is named. */
struct superseded {
    Forge__Entry *entry;
    uint8_t flags;
};

static enum status
load_superseded(
    struct context_write *self, const Forge__SaveRequest *request, struct superseded *superseded)
{
    *superseded = (struct superseded){.entry = NULL};
    if (!request->supersedes.len)
        return STATUS_OK;
    struct uuid id;
    enum status status = context_check_id("supersedes", request->supersedes, &id, &self->problem);
    if (status == STATUS_OK)
        status = context_write_load(self, &id, &superseded->entry, &superseded->flags);
    return status;
}

static void
supersede(struct context_write *self, const struct superseded *superseded, const Forge__Entry *by)
{
    if (!superseded->entry)
        return;
    Forge__Entry old = *superseded->entry;
    old.superseded_by = by->id;
    context_rows_amend(self, &old, superseded->flags);
}

static void
answer(Forge__SaveReply *reply, const Forge__Entry *entry, Forge__SaveOutcome outcome)
{
    reply->id = entry->id;
    reply->version = entry->version;
    reply->outcome = outcome;
    reply->sequence = entry->sequence;
}

/* The same text is there: what the request adds to it becomes its next version. */
static enum status
merge(struct context_write *self, const Forge__Entry *wanted, const Forge__Entry *same,
    uint8_t flags, const struct superseded *superseded, Forge__SaveReply *reply)
{
    Forge__Entry merged = *same;
    bool more_tags = false;
    if (!context_entry_join_tags(&merged, wanted->tags, wanted->n_tags, self->arena, &more_tags)) {
        problem_set(&self->problem,
            "the same text is kept already, and with these tags it would have more than %d: "
            "update its tags instead",
            LIMIT_TAGS);
        return STATUS_INVALID_ARGUMENT;
    }
    const Forge__Entry *old = superseded->entry;
    if (old && text_equals(text_of_bytes(old->id), text_of_bytes(same->id))) {
        problem_set(&self->problem, "the entry to supersede holds this very text: leave "
                                    "supersedes out, or change the text");
        return STATUS_INVALID_ARGUMENT;
    }
    bool pins = wanted->pinned && !same->pinned;
    bool replaces = old && !text_equals(text_of_bytes(old->superseded_by), text_of_bytes(same->id));
    self->sequence = same->sequence;
    if (!more_tags && !pins && !replaces) {
        answer(reply, same, FORGE__SAVE_OUTCOME__UNCHANGED);
        return STATUS_OK;
    }
    merged.pinned = same->pinned || pins;
    if (replaces)
        merged.supersedes = old->id;
    context_rows_revise(self, same, &merged, flags);
    if (replaces)
        supersede(self, superseded, &merged);
    answer(reply, &merged, FORGE__SAVE_OUTCOME__MERGED);
    return STATUS_OK;
}

enum status
context_save_entry(struct context_write *self, const Forge__SaveRequest *request, Forge__Link *link,
    Forge__SaveReply *reply)
{
    enum status status = context_save_check(self, request);
    if (status != STATUS_OK)
        return status;
    struct superseded superseded;
    status = load_superseded(self, request, &superseded);
    if (status != STATUS_OK)
        return status;
    Forge__Entry entry;
    status = fill(self, request, &entry);
    if (status != STATUS_OK)
        return status;
    Forge__Entry *same = NULL;
    uint8_t flags = 0;
    status = context_rows_find_same(self, &entry, &same, &flags);
    if (status == STATUS_OK)
        return merge(self, &entry, same, flags, &superseded, reply);
    if (status != STATUS_NOT_FOUND)
        return status;
    entry.links = &link;
    entry.n_links = link ? 1 : 0;
    context_rows_insert(self, &entry, 0);
    supersede(self, &superseded, &entry);
    answer(reply, &entry, FORGE__SAVE_OUTCOME__CREATED);
    return STATUS_OK;
}
