/* The calls of forge.Backup and forge.Health, each in a worker thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup-svc/info.h"
#include "backup-svc/proof.h"
#include "backup-svc/service_parts.h"
#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/process/log.h"
#include "common/process/program.h"
#include "common/rpc/server.h"

enum { LIST_DEFAULT = 50, LIST_MAX = 1000 };

static struct backup_workshop *
workshop_of(void *closure_data)
{
    return rpc_request_state(closure_data);
}

/* An empty id means the newest complete backup. False when the call was refused. */
static bool
read_id(
    struct rpc_request *request, struct archive *archive, const char *text, struct backup_id *id)
{
    struct problem problem = {0};
    if (*text) {
        if (backup_id_parse(text_of(text), id))
            return true;
        rpc_request_fail(request, STATUS_INVALID_ARGUMENT,
            "id is none of a backup; ids look like 20261124T073215Z-1a2b3c4d, see backup list");
        return false;
    }
    enum status status = archive_newest(archive, id, &problem);
    if (status != STATUS_OK)
        rpc_request_fail(request, status, "%s", problem.text);
    return status == STATUS_OK;
}

/* The entry as it stands now, for a reply; free with free(). */
static struct backup_entry *
entry_of(const struct archive *archive, struct backup_id id)
{
    struct backup_entry *entry = memory_new(sizeof *entry);
    if (archive_find(archive, id, entry, NULL) != STATUS_OK)
        entry->manifest.id = id;
    return entry;
}

static void
log_end(struct rpc_request *request, const char *work, struct backup_id id, enum status status,
    const char *words)
{
    char name[BACKUP_ID_SIZE];
    struct text principal = rpc_request_principal(request)->name;
    backup_id_format(id, name);
    if (status == STATUS_OK)
        log_info("%s done id=%s principal=%.*s", work, name, TEXT_FORMAT(principal));
    else if (status == STATUS_FAILED_PRECONDITION || status == STATUS_NOT_FOUND)
        log_warn("%s refused id=%s principal=%.*s reason=\"%s\"", work, name,
            TEXT_FORMAT(principal), words);
    else
        log_error("%s failed id=%s principal=%.*s status=%s reason=\"%s\"", work, name,
            TEXT_FORMAT(principal), status_name(status), words);
}

static void
count_run(struct backup_workshop *self, enum status status, const struct manifest *manifest,
    uint64_t bytes)
{
    metrics_add(status == STATUS_OK ? self->runs_good : self->runs_failed, 1);
    if (status != STATUS_OK)
        return;
    int64_t took_ms = manifest->finished_at_ms - manifest->started_at_ms;
    metrics_set(self->last_success, (double)manifest->finished_at_ms / 1000);
    metrics_set(self->last_seconds, (double)took_ms / 1000);
    metrics_set(self->last_bytes, (double)bytes);
}

static enum status
run_claimed(struct backup_workshop *self, struct backup_id id, const char *note,
    struct backup_entry *entry, struct problem *problem)
{
    enum status status = work_run(&self->work, id, note, &entry->manifest, problem);
    if (status == STATUS_OK)
        status = archive_find(self->work.archive, id, entry, problem);
    count_run(self, status, &entry->manifest, entry->bytes);
    return status;
}

static void
on_run(Forge__Backup_Service *service, const Forge__BackupRunRequest *input,
    Forge__BackupRunReply_Closure closure, void *closure_data)
{
    (void)service;
    struct backup_workshop *self = workshop_of(closure_data);
    struct backup_id id = backup_id_create(clock_wall_ms());
    struct problem problem = {0};
    struct text note = text_of(input->note);
    if (note.length >= MANIFEST_NOTE_SIZE || !text_is_utf8(note)) {
        rpc_request_fail(closure_data, STATUS_INVALID_ARGUMENT, "note is UTF-8 of at most %d bytes",
            MANIFEST_NOTE_SIZE - 1);
        return;
    }
    if (!claim_take(&self->work.claim, WORK_RUN, id, &problem)) {
        rpc_request_fail(closure_data, STATUS_FAILED_PRECONDITION, "%s", problem.text);
        return;
    }
    CLEANUP(memory_free) struct backup_entry *entry = memory_new(sizeof *entry);
    enum status status = run_claimed(self, id, input->note, entry, &problem);
    claim_release(&self->work.claim);
    log_end(closure_data, "Backup", id, status, problem.text);
    if (status != STATUS_OK) {
        rpc_request_fail(closure_data, status, "%s", problem.text);
        return;
    }
    struct info info;
    Forge__BackupRunReply reply = FORGE__BACKUP_RUN_REPLY__INIT;
    info_fill(&info, entry);
    reply.backup = &info.message;
    closure(&reply, closure_data);
}

static void
on_list(Forge__Backup_Service *service, const Forge__BackupListRequest *input,
    Forge__BackupListReply_Closure closure, void *closure_data)
{
    (void)service;
    struct backup_workshop *self = workshop_of(closure_data);
    size_t max = input->limit == 0 ? LIST_DEFAULT : input->limit;
    if (max > LIST_MAX) {
        rpc_request_fail(closure_data, STATUS_INVALID_ARGUMENT, "limit is at most %d", LIST_MAX);
        return;
    }
    CLEANUP(memory_free) struct backup_entry *entries = memory_array(max, sizeof *entries);
    CLEANUP(memory_free) struct info *infos = memory_array(max, sizeof *infos);
    CLEANUP(memory_free) Forge__BackupInfo **pointers = memory_array(max, sizeof(void *));
    Forge__BackupListReply reply = FORGE__BACKUP_LIST_REPLY__INIT;
    reply.n_backups = archive_list(self->work.archive, entries, max);
    for (size_t i = 0; i < reply.n_backups; i++) {
        info_fill(&infos[i], &entries[i]);
        pointers[i] = &infos[i].message;
    }
    reply.backups = pointers;
    reply.folder = (char *)archive_folder(self->work.archive);
    closure(&reply, closure_data);
}

static void
on_verify(Forge__Backup_Service *service, const Forge__BackupVerifyRequest *input,
    Forge__BackupVerifyReply_Closure closure, void *closure_data)
{
    (void)service;
    struct backup_workshop *self = workshop_of(closure_data);
    struct backup_id id;
    struct problem problem = {0};
    if (!read_id(closure_data, self->work.archive, input->id, &id))
        return;
    if (!claim_take(&self->work.claim, WORK_VERIFICATION, id, &problem)) {
        rpc_request_fail(closure_data, STATUS_FAILED_PRECONDITION, "%s", problem.text);
        return;
    }
    CLEANUP(memory_free) struct work_findings *findings = memory_new(sizeof *findings);
    enum status status = work_verify(&self->work, id, findings, &problem);
    claim_release(&self->work.claim);
    bool good = status == STATUS_OK && findings->count == 0;
    metrics_add(good ? self->verifications_good : self->verifications_failed, 1);
    log_end(closure_data, "Verification", id, good ? STATUS_OK : STATUS_DATA_LOSS,
        findings->count ? findings->words[0] : problem.text);
    if (status != STATUS_OK) {
        rpc_request_fail(closure_data, status, "%s", problem.text);
        return;
    }
    struct info info;
    char *words[WORK_PROBLEMS_MAX];
    CLEANUP(memory_free) struct backup_entry *entry = entry_of(self->work.archive, id);
    Forge__BackupVerifyReply reply = FORGE__BACKUP_VERIFY_REPLY__INIT;
    info_fill(&info, entry);
    reply.backup = &info.message;
    reply.good = good;
    for (size_t i = 0; i < findings->count; i++)
        words[i] = findings->words[i];
    reply.problems = words;
    reply.n_problems = findings->count;
    closure(&reply, closure_data);
}

/* False when the call was refused. */
static bool
check_confirmation(struct rpc_request *request, struct backup_id id, const char *confirm)
{
    char name[BACKUP_ID_SIZE];
    backup_id_format(id, name);
    if (strcmp(confirm, name) == 0)
        return true;
    rpc_request_fail(request, STATUS_INVALID_ARGUMENT,
        "a restore replaces what the services hold: to restore this backup send confirm=\"%s\"",
        name);
    return false;
}

static void
on_restore(Forge__Backup_Service *service, const Forge__BackupRestoreRequest *input,
    Forge__BackupRestoreReply_Closure closure, void *closure_data)
{
    (void)service;
    struct backup_workshop *self = workshop_of(closure_data);
    struct backup_id id;
    struct problem problem = {0};
    uint64_t records = 0;
    if (!read_id(closure_data, self->work.archive, input->id, &id) ||
        !check_confirmation(closure_data, id, input->confirm))
        return;
    if (!claim_take(&self->work.claim, WORK_RESTORE, id, &problem)) {
        rpc_request_fail(closure_data, STATUS_FAILED_PRECONDITION, "%s", problem.text);
        return;
    }
    enum status status = work_restore(&self->work, id, &records, &problem);
    claim_release(&self->work.claim);
    metrics_add(status == STATUS_OK ? self->restores_good : self->restores_failed, 1);
    log_end(closure_data, "Restore", id, status, problem.text);
    if (status != STATUS_OK) {
        rpc_request_fail(closure_data, status, "%s", problem.text);
        return;
    }
    struct info info;
    CLEANUP(memory_free) struct backup_entry *entry = entry_of(self->work.archive, id);
    Forge__BackupRestoreReply reply = FORGE__BACKUP_RESTORE_REPLY__INIT;
    info_fill(&info, entry);
    reply.backup = &info.message;
    reply.records = records;
    closure(&reply, closure_data);
}

/* Pings are answered by the server itself; this is here because the struct has a place for it. */
static void
on_ping(Forge__Health_Service *service, const Forge__PingRequest *input,
    Forge__PingReply_Closure closure, void *closure_data)
{
    (void)service;
    (void)input;
    Forge__PingReply reply = FORGE__PING_REPLY__INIT;
    reply.version = (char *)program_version();
    closure(&reply, closure_data);
}

static void
on_prove(Forge__Health_Service *service, const Forge__ProveRequest *input,
    Forge__ProveReply_Closure closure, void *closure_data)
{
    (void)service;
    (void)input;
    struct backup_workshop *self = workshop_of(closure_data);
    struct problem problem = {0};
    int64_t begun_us = clock_monotonic_us();
    Forge__Proof proof = FORGE__PROOF__INIT;
    Forge__Proof *proofs[] = {&proof};
    Forge__ProveReply reply = FORGE__PROVE_REPLY__INIT;
    proof.name = (char *)"backup-folder";
    proof.good = proof_of_folder(archive_folder(self->work.archive), &problem) == STATUS_OK;
    proof.reason = problem.text;
    proof.took_us = (uint32_t)(clock_monotonic_us() - begun_us);
    reply.proofs = proofs;
    reply.n_proofs = 1;
    closure(&reply, closure_data);
}

const Forge__Backup_Service backup_handlers = FORGE__BACKUP__INIT(on_);
const Forge__Health_Service backup_health_handlers = FORGE__HEALTH__INIT(on_);
