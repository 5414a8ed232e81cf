#include "context-svc/forget.h"

#include "context-svc/entry.h"
#include "context-svc/limits.h"
#include "context-svc/rows.h"

enum { SCRATCH_BYTES = 1024 * 1024 };

/* Ids found so far; room for one call's share. */
struct found {
    struct uuid ids[LIMIT_FORGET_IDS];
    size_t count;
};

static bool
matches(const Forge__ForgetRequest *filter, const Forge__Entry *entry)
{
    return (!filter->project[0] || strcmp(filter->project, entry->project) == 0) &&
           context_words_allow(filter->kinds, filter->n_kinds, entry->kind) &&
           context_tags_hold(entry->tags, entry->n_tags, filter->tags, filter->n_tags) &&
           (!filter->before_ms || entry->created_at_ms < filter->before_ms);
}

static bool
has_filter(const Forge__ForgetRequest *request)
{
    return request->project[0] || request->n_kinds || request->n_tags || request->before_ms;
}

static enum status
check_request(struct context_write *self, const Forge__ForgetRequest *request)
{
    struct problem *problem = &self->problem;
    if ((request->n_ids > 0) == has_filter(request)) {
        problem_set(problem, "give either ids, or a filter of which at least one field is set");
        return STATUS_INVALID_ARGUMENT;
    }
    if (request->n_ids > LIMIT_FORGET_IDS) {
        problem_set(problem, "%zu ids are given, at most %d are forgotten in one call",
            request->n_ids, LIMIT_FORGET_IDS);
        return STATUS_INVALID_ARGUMENT;
    }
    enum status status =
        context_check_word("project", text_of(request->project), LIMIT_PROJECT_BYTES, problem);
    if (status == STATUS_OK)
        status = context_check_words(
            "kinds", request->kinds, request->n_kinds, LIMIT_KINDS, LIMIT_KIND_BYTES, problem);
    if (status == STATUS_OK)
        status = context_check_words(
            "tags", request->tags, request->n_tags, LIMIT_TAGS, LIMIT_TAG_BYTES, problem);
    return status;
}

static bool
has_found(const struct found *found, const struct uuid *id)
{
    for (size_t i = 0; i < found->count; i++)
        if (memcmp(found->ids[i].bytes, id->bytes, UUID_SIZE) == 0)
            return true;
    return false;
}

/* OK: it is there for this principal, as the group left it, and passes the filter (or none). */
static enum status
judge(struct context_write *self, const struct uuid *id, const Forge__ForgetRequest *filter)
{
    CLEANUP(arena_release) struct arena scratch;
    arena_init(&scratch, SCRATCH_BYTES);
    struct arena *whole = self->arena;
    self->arena = &scratch;
    Forge__Entry *entry = NULL;
    enum status status = context_write_load(self, id, &entry, NULL);
    self->arena = whole;
    if (status == STATUS_OK && filter && !matches(filter, entry))
        return STATUS_NOT_FOUND;
    return status;
}

static enum status
find_ids(struct context_write *self, const Forge__ForgetRequest *request, struct found *found,
    Forge__ForgetReply *reply)
{
    reply->missing = arena_new(self->arena, (request->n_ids + 1) * sizeof *reply->missing);
    for (size_t i = 0; i < request->n_ids; i++) {
        struct uuid id;
        enum status status =
            context_check_id("one of the ids", request->ids[i], &id, &self->problem);
        if (status != STATUS_OK)
            return status;
        if (has_found(found, &id))
            continue;
        status = judge(self, &id, NULL);
        if (status == STATUS_OK)
            found->ids[found->count++] = id;
        else if (status == STATUS_NOT_FOUND)
            reply->missing[reply->n_missing++] = request->ids[i];
        else
            return status;
    }
    return STATUS_OK;
}

/* Oldest first. The committed view is walked, each entry is judged as the group left it. */
static enum status
find_filtered(struct context_write *self, const Forge__ForgetRequest *request, struct found *found,
    Forge__ForgetReply *reply)
{
    struct context_key from =
        request->project[0]
            ? context_key_table_project('p', self->tenant_number, text_of(request->project))
            : context_key_table('a', self->tenant_number);
    struct context_key to = context_key_end(&from);
    CLEANUP(store_scan_destroy)
    struct store_scan *scan =
        store_scan_create(context_view_snapshot(context_writer_view(self->writer)),
            context_key_text(&from), context_key_text(&to), false);
    struct text row;
    struct text value;
    while (store_scan_next(scan, &row, &value)) {
        if (request->before_ms &&
            (int64_t)context_key_number(row, 8 + UUID_SIZE) >= request->before_ms)
            break;
        struct uuid id = context_key_id(row);
        enum status status = judge(self, &id, request);
        if (status == STATUS_OK && found->count == LIMIT_FORGET_IDS) {
            reply->more = true;
            break;
        }
        if (status == STATUS_OK)
            found->ids[found->count++] = id;
        else if (status != STATUS_NOT_FOUND)
            return status;
    }
    return store_scan_status(scan);
}

/* What was judged a moment ago can only be missing when the store is damaged. */
static void
forget_one(struct context_write *self, const struct uuid *id)
{
    Forge__Entry *entry = NULL;
    uint8_t flags = 0;
    enum status status = context_write_load_any(self, id, &entry, &flags);
    if (status == STATUS_OK)
        context_rows_forget(self, entry, flags);
    else
        context_writer_spoil(self->writer, status, "an entry to forget");
}

static void
list_ids(struct context_write *self, const struct found *found, Forge__ForgetReply *reply)
{
    reply->ids = arena_new(self->arena, (found->count + 1) * sizeof *reply->ids);
    for (size_t i = 0; i < found->count; i++)
        reply->ids[i] =
            (ProtobufCBinaryData){.data = (uint8_t *)found->ids[i].bytes, .len = UUID_SIZE};
    reply->n_ids = found->count;
}

enum status
context_forget_entries(
    struct context_write *self, const Forge__ForgetRequest *request, Forge__ForgetReply *reply)
{
    enum status status = check_request(self, request);
    if (status != STATUS_OK)
        return status;
    struct found *found = arena_new(self->arena, sizeof *found);
    *found = (struct found){.count = 0};
    status = request->n_ids ? find_ids(self, request, found, reply)
                            : find_filtered(self, request, found, reply);
    if (status != STATUS_OK)
        return status;
    self->sequence = context_view_sequence(context_writer_view(self->writer));
    for (size_t i = 0; i < found->count && !request->dry_run; i++)
        forget_one(self, &found->ids[i]);
    list_ids(self, found, reply);
    reply->sequence = self->sequence;
    return STATUS_OK;
}

bool
context_forget_expired(struct context_writer *writer, int64_t now_ms, unsigned limit)
{
    struct context_key from = context_key_letter('n');
    struct context_key to = context_key_expiry(now_ms + 1, 0, &(struct uuid){{0}});
    CLEANUP(store_scan_destroy)
    struct store_scan *scan = store_scan_create(context_view_snapshot(context_writer_view(writer)),
        context_key_text(&from), context_key_text(&to), false);
    struct text row;
    struct text value;
    unsigned removed = 0;
    while (removed < limit && store_scan_next(scan, &row, &value)) {
        struct context_tenant *tenant = context_tenants_by_number(context_writer_tenants(writer),
            context_number_read32(row.data + row.length - UUID_SIZE - 4));
        struct uuid id = context_key_id(row);
        struct context_write write;
        if (!tenant || context_write_begin_for(&write, writer, tenant) != STATUS_OK)
            break;
        forget_one(&write, &id);
        removed++;
    }
    if (store_scan_status(scan) != STATUS_OK)
        context_writer_spoil(writer, STATUS_DATA_LOSS, "the list of what expires");
    return removed == limit;
}
