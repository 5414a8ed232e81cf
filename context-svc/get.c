#include "context-svc/get.h"

#include "records.pb-c.h"

#include "context-svc/keys.h"
#include "context-svc/limits.h"

/* Fields of forge.GetReply. */
enum { FIELD_ENTRIES = 1, FIELD_MISSING = 2 };

static const size_t reply_max_bytes = 4 << 20;

static void
append_missing(struct buffer *reply, const struct uuid *id)
{
    const char field[2] = {FIELD_MISSING << 3 | 2, UUID_SIZE};
    buffer_add(reply, field, sizeof field);
    buffer_add(reply, id->bytes, UUID_SIZE);
}

/* OK, or NOT_FOUND when this principal is not to see it. */
static enum status
append_entry(struct context_reading *self, const struct uuid *id, struct buffer *reply)
{
    struct context_key key = context_key_entry(self->tenant_number, id);
    CLEANUP(store_value_release) struct store_value value = {0};
    enum status status =
        store_get(context_view_snapshot(self->view), context_key_text(&key), &value);
    if (status == STATUS_NOT_FOUND)
        return status;
    struct context_record_head head;
    struct text packed;
    if (status != STATUS_OK || !context_record_parse(value.bytes, &head, &packed))
        return context_reading_damaged(self, "an entry");
    if (!context_record_is_visible(&head, self->principal.name, self->now_ms))
        return STATUS_NOT_FOUND;
    if (reply->length + packed.length > reply_max_bytes) {
        problem_set(&self->problem,
            "these entries are more than 4 MiB together: ask for fewer ids at a time");
        return STATUS_RESOURCE_EXHAUSTED;
    }
    context_record_append(reply, FIELD_ENTRIES, &head, packed);
    return STATUS_OK;
}

enum status
context_get_entries(struct context_reading *self, const Forge__GetRequest *request,
    struct buffer *reply, struct uuid *found, size_t *found_count)
{
    if (!request->n_ids || request->n_ids > LIMIT_GET_IDS) {
        problem_set(&self->problem, "give 1 to %d ids", LIMIT_GET_IDS);
        return STATUS_INVALID_ARGUMENT;
    }
    *found_count = 0;
    for (size_t i = 0; i < request->n_ids; i++) {
        struct uuid id;
        enum status status =
            context_check_id("one of the ids", request->ids[i], &id, &self->problem);
        if (status != STATUS_OK)
            return status;
        status = self->tenant ? append_entry(self, &id, reply) : STATUS_NOT_FOUND;
        if (status == STATUS_NOT_FOUND)
            append_missing(reply, &id);
        else if (status != STATUS_OK)
            return status;
        else
            found[(*found_count)++] = id;
    }
    return STATUS_OK;
}

static enum status
add_counts(struct context_reading *self, uint32_t tenant, Forge__CountReply *reply)
{
    struct context_key key = context_key_counts(tenant);
    ProtobufCMessage *message = NULL;
    enum status status =
        context_reading_message(self, &key, &context__counts__descriptor, &message);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    const Context__Counts *counts = (const Context__Counts *)message;
    reply->entries += counts->entries;
    reply->sessions_open += counts->sessions_open;
    return STATUS_OK;
}

/* A program of the cluster counts for all tenants, everyone else for the own one. */
enum status
context_get_counts(struct context_reading *self, Forge__CountReply *reply)
{
    reply->sequence = context_view_sequence(self->view);
    if (!(self->principal.roles & ROLE_PROGRAM))
        return self->tenant ? add_counts(self, self->tenant_number, reply) : STATUS_OK;
    for (size_t i = 0; i < context_view_tenant_count(self->view); i++) {
        enum status status = add_counts(
            self, context_tenant_view_number(context_view_tenant_at(self->view, i)), reply);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* The project and the author in a key of project counts. */
static void
split_key(struct text key, struct text *project, struct text *author)
{
    const char *start = key.data + 5;
    size_t length = strnlen(start, key.length - 5);
    *project = text_from(start, length);
    *author = text_from(start + length + 1, key.length - 5 - length - 1);
}

static enum status
add_project(struct context_reading *self, struct text project, struct text value,
    Forge__ProjectsReply *reply)
{
    const Context__ProjectCount *count = context__project_count__unpack(
        &self->arena->allocator, value.length, (const uint8_t *)value.data);
    if (!count)
        return context_reading_damaged(self, "a project's count");
    Forge__ProjectSummary *last = reply->n_projects ? reply->projects[reply->n_projects - 1] : NULL;
    if (!last || !text_is(project, last->name)) {
        last = arena_new(self->arena, sizeof *last);
        forge__project_summary__init(last);
        last->name = arena_copy(self->arena, project);
        reply->projects[reply->n_projects++] = last;
    }
    last->entries += count->entries;
    return STATUS_OK;
}

enum status
context_get_projects(struct context_reading *self, const Forge__ProjectsRequest *request,
    Forge__ProjectsReply *reply)
{
    struct text prefix = text_of(request->prefix);
    enum status status = context_check_word("prefix", prefix, LIMIT_PROJECT_BYTES, &self->problem);
    if (status != STATUS_OK || !self->tenant)
        return status;
    uint32_t limit =
        request->limit && request->limit < LIMIT_PROJECTS ? request->limit : LIMIT_PROJECTS;
    reply->projects = arena_new(self->arena, (limit + 1) * sizeof *reply->projects);
    struct context_key from = context_key_table_project('j', self->tenant_number, prefix);
    from.length--; /* the prefix may be the beginning of a longer name */
    struct context_key to = context_key_end(&from);
    CLEANUP(store_scan_destroy)
    struct store_scan *scan = store_scan_create(
        context_view_snapshot(self->view), context_key_text(&from), context_key_text(&to), false);
    struct text key;
    struct text value;
    while (store_scan_next(scan, &key, &value)) {
        struct text project;
        struct text author;
        split_key(key, &project, &author);
        if (author.length && !text_equals(author, self->principal.name))
            continue;
        if (reply->n_projects == limit && !text_is(project, reply->projects[limit - 1]->name))
            break;
        status = add_project(self, project, value, reply);
        if (status != STATUS_OK)
            return status;
    }
    return store_scan_status(scan) == STATUS_OK
               ? STATUS_OK
               : context_reading_damaged(self, "the list of projects");
}
