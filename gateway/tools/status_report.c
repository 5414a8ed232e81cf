#include "gateway/tools/status_report.h"

#include "common/base/buffer.h"
#include "gateway/tools/backup_info.h"
#include "gateway/tools/budget.h"
#include "gateway/tools/call.h"
#include "gateway/tools/entry.h"

enum { DEFAULT_TOKENS = 4000, TAIL_BYTES = sizeof ",\"truncated\":false" };

static const char *const service_names[] = {
    [STATUS_CONTEXT] = "context-svc",
    [STATUS_METRICS] = "metrics-svc",
    [STATUS_BACKUP] = "backup-svc",
};

static const char *
kept(struct arena *arena, const char *words)
{
    return words && *words ? arena_copy(arena, text_of(words)) : NULL;
}

void
status_report_take_count(
    struct status_report *self, struct arena *arena, const Forge__CountReply *reply)
{
    self->entries = reply->entries;
    self->open_sessions = reply->sessions_open;
    self->store_bytes = reply->store_bytes;
    self->sequence = reply->sequence;
    self->relevance = reply->relevance;
    self->services[STATUS_CONTEXT].store_state = kept(arena, reply->store_state);
    self->services[STATUS_CONTEXT].store_reason = kept(arena, reply->store_reason);
}

/* One program's object, kept as text. */
static char *
program_json(struct arena *arena, const Forge__ProgramStatus *program)
{
    struct buffer out = {0};
    struct json_writer writer;
    json_writer_init(&writer, &out);
    json_write_object_begin(&writer);
    entry_write_string(&writer, "program", program->program);
    entry_write_string(&writer, "instance", program->instance);
    entry_write_string(&writer, "host", program->host);
    entry_write_string(&writer, "version", program->version);
    entry_write_time(&writer, "started_at", program->started_at_ms);
    entry_write_time(&writer, "last_seen", program->last_push_ms);
    json_write_key(&writer, "rss_bytes");
    json_write_number(&writer, program->rss_bytes);
    json_write_key(&writer, "cpu_ratio");
    json_write_number(&writer, program->cpu_ratio);
    json_write_object_end(&writer);
    char *json = arena_copy(arena, buffer_text(&out));
    buffer_release(&out);
    return json;
}

void
status_report_take_programs(
    struct status_report *self, struct arena *arena, const Forge__StatusReply *reply)
{
    self->services[STATUS_METRICS].store_state = kept(arena, reply->store_state);
    self->services[STATUS_METRICS].store_reason = kept(arena, reply->store_reason);
    self->programs = arena_new(arena, (reply->n_programs + 1) * sizeof *self->programs);
    for (size_t i = 0; i < reply->n_programs; i++)
        self->programs[self->program_count++] = program_json(arena, reply->programs[i]);
}

void
status_report_take_backups(
    struct status_report *self, struct arena *arena, const Forge__BackupListReply *reply)
{
    if (!reply->n_backups)
        return;
    struct buffer out = {0};
    struct json_writer writer;
    json_writer_init(&writer, &out);
    backup_info_write(&writer, reply->backups[0]);
    self->backup = arena_copy(arena, buffer_text(&out));
    buffer_release(&out);
}

static bool
is_good(const struct status_service_report *service)
{
    return service->up && (!service->store_state || strcmp(service->store_state, "writable") == 0);
}

static void
write_services(const struct status_report *self, struct json_writer *writer)
{
    json_write_key(writer, "services");
    json_write_object_begin(writer);
    for (unsigned i = 0; i < STATUS_SERVICES; i++) {
        const struct status_service_report *service = &self->services[i];
        json_write_key(writer, service_names[i]);
        json_write_object_begin(writer);
        json_write_key(writer, "up");
        json_write_boolean(writer, service->up);
        entry_write_string(writer, "reason", service->reason);
        entry_write_string(writer, "store", service->store_state);
        entry_write_string(writer, "store_reason", service->store_reason);
        json_write_object_end(writer);
    }
    json_write_object_end(writer);
}

static void
write_contexts(const struct status_report *self, struct json_writer *writer)
{
    if (!self->services[STATUS_CONTEXT].up)
        return;
    json_write_key(writer, "contexts");
    json_write_object_begin(writer);
    json_write_key(writer, "entries");
    json_write_unsigned(writer, self->entries);
    json_write_key(writer, "open_sessions");
    json_write_unsigned(writer, self->open_sessions);
    json_write_key(writer, "store_bytes");
    json_write_unsigned(writer, self->store_bytes);
    json_write_key(writer, "sequence");
    json_write_unsigned(writer, self->sequence);
    json_write_key(writer, "relevance");
    json_write_number(writer, self->relevance);
    json_write_object_end(writer);
}

static void
write_programs(const struct status_report *self, struct budget *budget)
{
    struct json_writer *writer = budget->writer;
    struct budget_mark mark = budget_mark(budget);
    json_write_key(writer, "programs");
    json_write_array_begin(writer);
    for (size_t i = 0; i < self->program_count; i++) {
        struct budget_mark before = budget_mark(budget);
        json_write_raw(writer, text_of(self->programs[i]));
        if (!budget_keep(budget, &before))
            break;
    }
    json_write_array_end(writer);
    budget_keep(budget, &mark);
}

static void
write_health(struct tool_call *call, struct budget *budget)
{
    if (!call->write_health)
        return;
    struct budget_mark mark = budget_mark(budget);
    json_write_key(budget->writer, "gateway");
    call->write_health(call->health_argument, budget->writer);
    budget_keep(budget, &mark);
}

void
status_report_write(const struct status_report *self, struct tool_call *call, bool verbose,
    const struct argument_value *max_tokens)
{
    struct json_writer writer;
    struct budget budget;
    buffer_clear(call->out);
    json_writer_init(&writer, call->out);
    json_write_object_begin(&writer);
    budget_init(&budget, &writer, max_tokens, DEFAULT_TOKENS, TAIL_BYTES);
    bool good = true;
    for (unsigned i = 0; i < STATUS_SERVICES; i++)
        good = good && is_good(&self->services[i]);
    json_write_key(&writer, "status");
    json_write_string(&writer, good ? "ok" : "degraded");
    struct budget_mark mark = budget_mark(&budget);
    write_services(self, &writer);
    budget_keep(&budget, &mark);
    mark = budget_mark(&budget);
    write_contexts(self, &writer);
    budget_keep(&budget, &mark);
    mark = budget_mark(&budget);
    if (self->backup) {
        json_write_key(&writer, "last_backup");
        json_write_raw(&writer, text_of(self->backup));
    }
    budget_keep(&budget, &mark);
    write_health(call, &budget);
    if (verbose)
        write_programs(self, &budget);
    json_write_key(&writer, "truncated");
    json_write_boolean(&writer, budget.cut);
    tool_call_finish(call, &writer);
}
