#include "context-svc/brief.h"

#include "session.pb-c.h"

#include "context-svc/keys.h"
#include "context-svc/limits.h"
#include "context-svc/walk.h"

enum {
    BUDGET_DEFAULT = 8000,
    BUDGET_MIN = 200,
    ITEMS_MAX = 40,
    TEXT_LEAST = 80, /* a shorter rest of the budget says too little */
    PINNED_MAX = 10,
    MATCHES_LOOKED_AT = 20,
    MATCHES_MAX = 8,
    RECENT_MAX = 6,
    RECENT_ROWS = 500,
    SESSION_ROWS = 200,
};

struct brief {
    struct context_reading *reading;
    const Forge__BriefRequest *request;
    Forge__BriefReply *reply;
    char *project;
    size_t left; /* bytes of the budget */
};

static bool
has_item(const struct brief *self, const Forge__Entry *entry)
{
    for (size_t i = 0; i < self->reply->n_items; i++) {
        const Forge__Entry *there = self->reply->items[i]->entry;
        if (text_equals(text_of_bytes(there->id), text_of_bytes(entry->id)) ||
            text_equals(text_of_bytes(there->content_hash), text_of_bytes(entry->content_hash)) ||
            text_equals(text_of_bytes(there->title), text_of_bytes(entry->title)))
            return true;
    }
    return false;
}

static bool
is_full(const struct brief *self)
{
    return self->left < TEXT_LEAST || self->reply->n_items == ITEMS_MAX;
}

/* `share_max` keeps one long text from taking the room of all others. */
static bool
offer(struct brief *self, Forge__Entry *entry, struct text content, const char *reason,
    size_t share_max)
{
    self->reply->considered++;
    if (is_full(self) || entry->superseded_by.len || has_item(self, entry))
        return false;
    size_t room = self->left < share_max ? self->left : share_max;
    if (entry->title.len + TEXT_LEAST > room)
        return false;
    struct arena *arena = self->reading->arena;
    struct text cut = text_cut(content, room - entry->title.len);
    Forge__BriefItem *item = arena_new(arena, sizeof *item);
    forge__brief_item__init(item);
    item->entry = entry;
    item->text = bytes_of_text(text_from(arena_copy(arena, cut), cut.length));
    item->reason = arena_copy(arena, text_of(reason));
    self->reply->items[self->reply->n_items++] = item;
    self->left -= entry->title.len + cut.length;
    return true;
}

static enum status
offer_id(
    struct brief *self, const struct uuid *id, const char *reason, size_t share_max, bool *taken)
{
    CLEANUP(store_value_release) struct store_value value = {0};
    Forge__Entry *entry = NULL;
    struct text content;
    enum status status = context_reading_card(self->reading, id, &entry, &content, &value);
    *taken = status == STATUS_OK && offer(self, entry, content, reason, share_max);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* Newest first. */
static enum status
add_pinned(struct brief *self)
{
    struct context_reading *reading = self->reading;
    struct context_key from =
        context_key_table_project('b', reading->tenant_number, text_of(self->project));
    struct context_key to = context_key_end(&from);
    CLEANUP(store_scan_destroy)
    struct store_scan *scan = store_scan_create(
        context_view_snapshot(reading->view), context_key_text(&from), context_key_text(&to), true);
    struct text key;
    struct text value;
    for (size_t count = 0; count < PINNED_MAX && store_scan_next(scan, &key, &value);) {
        struct uuid id = context_key_id(key);
        bool taken;
        enum status status = offer_id(self, &id, "pinned", self->left / 2, &taken);
        if (status != STATUS_OK)
            return status;
        count += taken;
    }
    return store_scan_status(scan) == STATUS_OK
               ? STATUS_OK
               : context_reading_damaged(reading, "the pinned entries");
}

static enum status
add_matches(struct brief *self)
{
    struct context_reading *reading = self->reading;
    const struct index_query query = {.query = text_of(self->request->task),
        .project = text_of(self->project),
        .now_ms = reading->now_ms,
        .principal = reading->principal.name,
        .min_score = -1.0F,
        .limit = MATCHES_LOOKED_AT};
    struct index_result result;
    struct problem problem;
    enum status status =
        index_search(reading->index_reader, context_tenant_view_index(reading->tenant),
            context_view_snapshot(reading->view), &query, &result, &problem);
    if (status == STATUS_INVALID_ARGUMENT) /* a task without a word matches nothing */
        return STATUS_OK;
    if (status != STATUS_OK)
        return context_reading_damaged(reading, "the index");
    size_t count = 0;
    for (size_t i = 0; i < result.hit_count && count < MATCHES_MAX; i++) {
        bool taken;
        status = offer_id(self, &result.hits[i].id, "matches the task", self->left / 3, &taken);
        if (status != STATUS_OK)
            return status;
        if (taken)
            self->reply->items[self->reply->n_items - 1]->score = result.hits[i].score;
        count += taken;
    }
    return STATUS_OK;
}

/* The newest work session of the project that has something to say. */
static enum status
add_last_session(struct brief *self)
{
    struct context_reading *reading = self->reading;
    struct context_key from = context_key_table('w', reading->tenant_number);
    struct context_key to = context_key_end(&from);
    CLEANUP(store_scan_destroy)
    struct store_scan *scan = store_scan_create(
        context_view_snapshot(reading->view), context_key_text(&from), context_key_text(&to), true);
    struct text key;
    struct text value;
    for (size_t rows = 0; rows < SESSION_ROWS && store_scan_next(scan, &key, &value); rows++) {
        const Forge__WorkSession *session = forge__work_session__unpack(
            &reading->arena->allocator, value.length, (const uint8_t *)value.data);
        if (!session)
            return context_reading_damaged(reading, "a work session");
        if (strcmp(session->project, self->project) != 0 || !session->summary.len)
            continue;
        struct uuid id = context_key_id(key);
        bool taken;
        return offer_id(self, &id, "last session", self->left / 2, &taken);
    }
    return store_scan_status(scan) == STATUS_OK
               ? STATUS_OK
               : context_reading_damaged(reading, "the work sessions");
}

static const char *
recent_reason(const char *kind)
{
    if (strcmp(kind, "decision") == 0)
        return "recent decision";
    return strcmp(kind, "convention") == 0 ? "recent convention" : "recent error";
}

static enum status
add_recent(struct brief *self)
{
    char kinds[][12] = {"decision", "convention", "error"};
    char *list[] = {kinds[0], kinds[1], kinds[2]};
    const struct context_filter filter = {.project = self->project,
        .kinds = list,
        .kind_count = sizeof list / sizeof list[0],
        .author = kinds[2] + strlen(kinds[2])};
    CLEANUP(context_walk_destroy)
    struct context_walk *walk = context_walk_create(self->reading, &filter, TEXT(""));
    enum status status = STATUS_OK;
    for (size_t count = 0; status == STATUS_OK && count < RECENT_MAX && !is_full(self);) {
        Forge__Entry *entry = NULL;
        struct text content;
        status = context_walk_next(walk, RECENT_ROWS, &entry, &content);
        if (status == STATUS_OK)
            count += offer(self, entry, content, recent_reason(entry->kind), self->left / 3);
    }
    bool ended = status == STATUS_NOT_FOUND || status == STATUS_RESOURCE_EXHAUSTED;
    return ended ? STATUS_OK : status;
}

static enum status
check_request(struct brief *self)
{
    struct problem *problem = &self->reading->problem;
    enum status status =
        context_check_text("task", text_of(self->request->task), LIMIT_TASK_BYTES, problem);
    if (status == STATUS_OK)
        status =
            context_check_word("project", text_of(self->project), LIMIT_PROJECT_BYTES, problem);
    size_t budget = self->request->max_bytes ? self->request->max_bytes : BUDGET_DEFAULT;
    if (budget > LIMIT_BRIEF_BYTES)
        budget = LIMIT_BRIEF_BYTES;
    self->left = budget < BUDGET_MIN ? BUDGET_MIN : budget;
    return status;
}

enum status
context_brief_make(
    struct context_reading *reading, const Forge__BriefRequest *request, Forge__BriefReply *reply)
{
    struct brief self = {
        .reading = reading, .request = request, .reply = reply, .project = request->project};
    if (!self.project[0])
        self.project = arena_copy(
            reading->arena, reading->project.length ? reading->project : TEXT("default"));
    reply->sequence = context_view_sequence(reading->view);
    reply->items = arena_new(reading->arena, (ITEMS_MAX + 1) * sizeof *reply->items);
    enum status status = check_request(&self);
    if (status != STATUS_OK || !reading->tenant)
        return status;
    status = add_pinned(&self);
    if (status == STATUS_OK && request->task[0])
        status = add_matches(&self);
    if (status == STATUS_OK)
        status = add_last_session(&self);
    if (status == STATUS_OK)
        status = add_recent(&self);
    return status;
}
