#include "context-svc/session.h"

#include "context-svc/counts.h"
#include "context-svc/entry.h"
#include "context-svc/keys.h"
#include "context-svc/limits.h"
#include "context-svc/rows.h"
#include "context-svc/save.h"

enum { HANDLE_RANDOM_BYTES = 16 };

/* 128 random bits as "ws_" and 26 letters of Crockford's base 32. */
static char *
make_handle(struct arena *arena)
{
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
    uint8_t random[HANDLE_RANDOM_BYTES];
    uuid_random(random, sizeof random);
    char handle[3 + 26 + 1] = "ws_";
    size_t at = 3;
    unsigned bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < sizeof random; i++) {
        held = (held << 8 | random[i]) & 0xFFF;
        for (bits += 8; bits >= 5; bits -= 5)
            handle[at++] = letters[held >> (bits - 5) & 31];
    }
    handle[at++] = letters[held << (5 - bits) & 31];
    return arena_copy(arena, text_from(handle, at));
}

static enum status
refuse_handle(struct context_write *self)
{
    problem_set(&self->problem,
        "there is no work session of yours with this handle: context_session_list "
        "shows yours, context_session_start opens a new one");
    return STATUS_NOT_FOUND;
}

enum status
context_session_load(struct context_write *self, struct text handle, Forge__WorkSession **session)
{
    if (!handle.length || handle.length > LIMIT_SESSION_BYTES)
        return refuse_handle(self);
    struct context_key key = context_key_handle(self->tenant_number, handle);
    CLEANUP(store_value_release) struct store_value found = {0};
    enum status status = context_write_get(self, &key, &found);
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && found.bytes.length != UUID_SIZE))
        return refuse_handle(self);
    if (status != STATUS_OK)
        return status;
    struct uuid id;
    memcpy(id.bytes, found.bytes.data, UUID_SIZE);
    key = context_key_session(self->tenant_number, &id);
    CLEANUP(store_value_release) struct store_value value = {0};
    status = context_write_get(self, &key, &value);
    Forge__WorkSession *loaded = NULL;
    if (status == STATUS_OK)
        loaded = forge__work_session__unpack(
            &self->arena->allocator, value.bytes.length, (const uint8_t *)value.bytes.data);
    if (!loaded || loaded->entry_id.len != UUID_SIZE) {
        problem_set(&self->problem, "the work session is damaged in the store");
        return STATUS_DATA_LOSS;
    }
    if (!text_is(self->principal.name, loaded->author))
        return refuse_handle(self);
    *session = loaded;
    return STATUS_OK;
}

static enum status
load_open(struct context_write *self, const char *handle, Forge__WorkSession **session)
{
    enum status status = context_session_load(self, text_of(handle), session);
    if (status == STATUS_OK && (*session)->ended_at_ms) {
        problem_set(&self->problem, "this work session has ended: open a new one");
        return STATUS_FAILED_PRECONDITION;
    }
    return status;
}

static void
put_session(struct context_write *self, const Forge__WorkSession *session)
{
    struct uuid id;
    memcpy(id.bytes, session->entry_id.data, UUID_SIZE);
    struct context_key key = context_key_session(self->tenant_number, &id);
    context_write_put_message(self, &key, &session->base);
}

static enum status
check_start(struct context_write *self, const Forge__SessionStartRequest *request)
{
    struct problem *problem = &self->problem;
    enum status status =
        context_check_text("task", text_of(request->task), LIMIT_TASK_BYTES, problem);
    if (status == STATUS_OK)
        status =
            context_check_word("branch", text_of(request->branch), LIMIT_BRANCH_BYTES, problem);
    if (status == STATUS_OK)
        status = context_check_word("client", text_of(request->client), LIMIT_NAME_BYTES, problem);
    return status;
}

/* The session's entry, as it is to be inserted. */
static void
fill_entry(struct context_write *self, const Forge__WorkSession *session, Forge__Entry *entry)
{
    forge__entry__init(entry);
    struct text title = session->task[0]
                            ? context_entry_derive_title(text_of(session->task), self->arena)
                            : TEXT("Work session");
    entry->project = session->project;
    entry->kind = context_entry_kind("session", self->arena);
    entry->title = bytes_of_text(title);
    entry->scope = FORGE__SCOPE__PROJECT;
    entry->author = session->author;
    entry->client = session->client;
    entry->session = session->handle;
    entry->branch = session->branch;
    entry->created_at_ms = session->started_at_ms;
    entry->updated_at_ms = session->started_at_ms;
}

enum status
context_session_start(struct context_write *self, const Forge__SessionStartRequest *request,
    Forge__WorkSession **session, bool *resumed)
{
    enum status status = check_start(self, request);
    if (status != STATUS_OK)
        return status;
    *resumed = request->resume[0] != '\0';
    if (*resumed) {
        status = load_open(self, request->resume, session);
        if (status != STATUS_OK)
            return status;
        (*session)->touched_at_ms = self->now_ms;
        self->sequence = context_view_sequence(context_writer_view(self->writer));
        put_session(self, *session);
        return STATUS_OK;
    }
    Forge__WorkSession *fresh = arena_new(self->arena, sizeof *fresh);
    forge__work_session__init(fresh);
    status = context_write_project(self, request->project, &fresh->project);
    if (status != STATUS_OK)
        return status;
    fresh->handle = make_handle(self->arena);
    fresh->task = request->task;
    fresh->branch = request->branch;
    fresh->client = request->client;
    fresh->author = arena_copy(self->arena, self->principal.name);
    fresh->started_at_ms = self->now_ms;
    fresh->touched_at_ms = self->now_ms;
    Forge__Entry entry;
    fill_entry(self, fresh, &entry);
    context_rows_insert(self, &entry, RECORD_WORK_SESSION);
    fresh->entry_id = entry.id;
    struct context_key key = context_key_handle(self->tenant_number, text_of(fresh->handle));
    context_write_put(self, &key, text_of_bytes(entry.id));
    put_session(self, fresh);
    context_counts_add(self, 0, 1);
    *session = fresh;
    return STATUS_OK;
}

static void
add_list(struct buffer *out, const char *heading, char *const *items, size_t count)
{
    if (count)
        buffer_format(out, "\n\n%s:", heading);
    for (size_t i = 0; i < count; i++)
        buffer_format(out, "\n- %s", items[i]);
}

/* What is read and searched of a session. */
static ProtobufCBinaryData
compose(struct context_write *self, const Forge__WorkSession *session)
{
    CLEANUP(buffer_release) struct buffer text = {0};
    buffer_add_text(&text, text_of_bytes(session->summary));
    add_list(&text, "Next steps", session->next_steps, session->n_next_steps);
    add_list(&text, "Files", session->files, session->n_files);
    return bytes_of_text(text_from(arena_copy(self->arena, buffer_text(&text)), text.length));
}

static enum status
load_entry(struct context_write *self, const Forge__WorkSession *session, Forge__Entry **entry)
{
    struct uuid id;
    memcpy(id.bytes, session->entry_id.data, UUID_SIZE);
    return context_write_load_any(self, &id, entry, NULL);
}

static void
revise(struct context_write *self, const Forge__WorkSession *session, const Forge__Entry *old)
{
    Forge__Entry entry = *old;
    entry.content = compose(self, session);
    context_rows_revise(self, old, &entry, RECORD_WORK_SESSION);
    put_session(self, session);
}

enum status
context_session_checkpoint(struct context_write *self,
    const Forge__SessionCheckpointRequest *request, Forge__WorkSession **session)
{
    struct problem *problem = &self->problem;
    struct text summary = text_of_bytes(request->summary);
    enum status status = context_check_text("summary", summary, LIMIT_SUMMARY_BYTES, problem);
    if (status == STATUS_OK && !text_trim(summary).length) {
        problem_set(problem, "summary is empty: say what was done and what is known now");
        return STATUS_INVALID_ARGUMENT;
    }
    if (status == STATUS_OK)
        status = context_check_words("next_steps", request->next_steps, request->n_next_steps,
            LIMIT_STEPS, LIMIT_STEP_BYTES, problem);
    if (status == STATUS_OK)
        status = context_check_words(
            "files", request->files, request->n_files, LIMIT_FILES, LIMIT_FILE_BYTES, problem);
    Forge__Entry *entry = NULL;
    if (status == STATUS_OK)
        status = load_open(self, request->handle, session);
    if (status == STATUS_OK)
        status = load_entry(self, *session, &entry);
    if (status != STATUS_OK)
        return status;
    Forge__WorkSession *changed = *session;
    changed->summary = request->summary;
    changed->n_next_steps = request->n_next_steps;
    changed->next_steps = request->next_steps;
    changed->n_files = request->n_files;
    changed->files = request->files;
    changed->checkpoints++;
    changed->touched_at_ms = self->now_ms;
    revise(self, changed, entry);
    return STATUS_OK;
}

/* The texts to keep, as saves; all are checked before the first is staged. */
static enum status
check_keeps(struct context_write *self, const Forge__SessionEndRequest *request,
    const Forge__WorkSession *session, Forge__SaveRequest *saves)
{
    size_t bytes = 0;
    if (request->n_keep > LIMIT_KEEPS) {
        problem_set(&self->problem,
            "%zu texts are to be kept, at most %d are at once: save the "
            "others by themselves",
            request->n_keep, LIMIT_KEEPS);
        return STATUS_INVALID_ARGUMENT;
    }
    for (size_t i = 0; i < request->n_keep; i++) {
        Forge__SaveRequest *save = &saves[i];
        forge__save_request__init(save);
        save->project = session->project;
        save->content = request->keep[i];
        save->client = session->client;
        save->session = session->handle;
        save->branch = session->branch;
        bytes += save->content.len;
        enum status status = context_save_check(self, save);
        if (status != STATUS_OK)
            return status;
    }
    if (bytes > LIMIT_KEEP_BYTES) {
        problem_set(&self->problem,
            "the texts to keep are more than 1 MiB together: save the others by themselves");
        return STATUS_INVALID_ARGUMENT;
    }
    return STATUS_OK;
}

static void
keep(struct context_write *self, const Forge__WorkSession *session, Forge__SaveRequest *saves,
    size_t count, Forge__SessionEndReply *reply)
{
    Forge__Link link = FORGE__LINK__INIT;
    link.type = context_entry_kind("session", self->arena);
    link.to = session->entry_id;
    reply->kept_ids = arena_new(self->arena, (count + 1) * sizeof *reply->kept_ids);
    for (size_t i = 0; i < count; i++) {
        Forge__SaveReply saved = FORGE__SAVE_REPLY__INIT;
        enum status status = context_save_entry(self, &saves[i], &link, &saved);
        if (status == STATUS_OK)
            reply->kept_ids[reply->n_kept_ids++] = saved.id;
        else
            context_writer_spoil(self->writer, status, "a text to keep");
    }
}

enum status
context_session_end(struct context_write *self, const Forge__SessionEndRequest *request,
    Forge__SessionEndReply *reply)
{
    enum status status = context_check_text(
        "outcome", text_of_bytes(request->outcome), LIMIT_SUMMARY_BYTES, &self->problem);
    Forge__WorkSession *session = NULL;
    Forge__Entry *entry = NULL;
    if (status == STATUS_OK)
        status = load_open(self, request->handle, &session);
    if (status == STATUS_OK)
        status = load_entry(self, session, &entry);
    if (status != STATUS_OK)
        return status;
    Forge__SaveRequest *saves = arena_new(self->arena, (LIMIT_KEEPS + 1) * sizeof *saves);
    status = check_keeps(self, request, session, saves);
    if (status != STATUS_OK)
        return status;
    if (text_trim(text_of_bytes(request->outcome)).length)
        session->summary = request->outcome;
    session->ended_at_ms = self->now_ms;
    session->touched_at_ms = self->now_ms;
    revise(self, session, entry);
    context_counts_add(self, 0, -1);
    keep(self, session, saves, request->n_keep, reply);
    reply->session = session;
    reply->sequence = self->sequence;
    return STATUS_OK;
}
