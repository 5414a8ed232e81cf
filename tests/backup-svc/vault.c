#include "vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "tests/common/rpc/ask.h"

static const char *const endpoints[STORES] = {"inproc://fake-context", "inproc://fake-metrics"};

void
vault_start_fake(struct vault *self, int which)
{
    struct problem problem = {0};
    self->fakes[which].endpoint = endpoints[which];
    self->fakes[which].store = self->stores[which];
    /* An inproc name is free again only when ZeroMQ's own thread has reaped the last holder. */
    int64_t patience_ms = clock_monotonic_ms() + 10000;
    while (rpc_actor_start(&fake_transfer_actor, &self->fakes[which], &self->fake_threads[which],
               &problem) != STATUS_OK)
        if (clock_monotonic_ms() > patience_ms)
            fail_msg("%s", problem.text);
}

/* The same endpoint again, over another store. */
void
vault_replace_fake(struct vault *self, int which, struct store *store)
{
    zactor_destroy(&self->fake_threads[which]);
    store_close(&self->stores[which]);
    self->stores[which] = store;
    vault_start_fake(self, which);
}

void
vault_start_service(struct vault *self)
{
    struct problem problem = {0};
    struct backup_service_options options = {
        .endpoint = "inproc://backup",
        .instance = "backup@test",
        .folder = self->backups,
        .context_endpoint = endpoints[CONTEXT],
        .metrics_endpoint = endpoints[METRICS],
    };
    int64_t patience_ms = clock_monotonic_ms() + 10000;
    while (rpc_actor_start(&backup_actor, &options, &self->service, &problem) != STATUS_OK)
        if (clock_monotonic_ms() > patience_ms)
            fail_msg("%s", problem.text);
    self->client = ask_client("inproc://backup");
}

int
vault_set_up(void **state)
{
    struct vault *self = memory_new(sizeof *self);
    self->folder = folder_make();
    self->backups = folder_path(self->folder, "backups");
    CLEANUP(memory_free) char *path = folder_path(self->folder, "context");
    self->stores[CONTEXT] = store_of(STORE_LEVELDB, path);
    self->stores[METRICS] = store_of(STORE_MEMORY, NULL);
    commit_many(self->stores[CONTEXT], 2000, 300);
    commit_many(self->stores[METRICS], 500, 100);
    for (int i = 0; i < STORES; i++)
        vault_start_fake(self, i);
    vault_start_service(self);
    *state = self;
    return 0;
}

void
vault_forget_answer(struct vault *self)
{
    if (self->info)
        forge__backup_info__free_unpacked(self->info, NULL);
    self->info = NULL;
    self->detail[0] = self->problem[0] = '\0';
}

int
vault_tear_down(void **state)
{
    struct vault *self = *state;
    rpc_client_destroy(&self->client);
    zactor_destroy(&self->service);
    for (int i = 0; i < STORES; i++) {
        zactor_destroy(&self->fake_threads[i]);
        store_close(&self->stores[i]);
    }
    vault_forget_answer(self);
    umount2(self->backups, MNT_DETACH); /* where a test mounted something */
    free(self->backups);
    folder_remove(&self->folder);
    free(self);
    return 0;
}

ProtobufCService *
vault_bind(struct vault *self, const ProtobufCServiceDescriptor *descriptor, uint32_t roles)
{
    vault_forget_answer(self);
    self->expected = self->answers + 1;
    self->call = ask_call();
    self->call.deadline_ms = clock_monotonic_ms() + 30000;
    self->call.principal.roles = roles;
    return rpc_client_bind(self->client, descriptor, &self->call);
}

ProtobufCService *
vault_bind_backup(struct vault *self)
{
    return vault_bind(self, &forge__backup__descriptor, ROLE_OPERATOR);
}

enum status
vault_wait(struct vault *self)
{
    turn_until(self->client, &self->answers, self->expected);
    return self->status;
}

/* A copy that outlives the closure. */
static Forge__BackupInfo *
copy_info(const Forge__BackupInfo *info)
{
    size_t size = forge__backup_info__get_packed_size(info);
    CLEANUP(memory_free) uint8_t *packed = memory_new(size);
    forge__backup_info__pack(info, packed);
    return forge__backup_info__unpack(NULL, size, packed);
}

void
vault_take_answer(struct vault *self, const Forge__BackupInfo *info)
{
    self->answers++;
    self->status = self->call.reply.status;
    snprintf(self->detail, sizeof self->detail, "%.*s", TEXT_FORMAT(self->call.reply.detail));
    if (info)
        self->info = copy_info(info);
}

void
vault_on_run(const Forge__BackupRunReply *reply, void *argument)
{
    vault_take_answer(argument, reply ? reply->backup : NULL);
}

void
vault_send_run(struct vault *self, const char *note)
{
    Forge__BackupRunRequest request = FORGE__BACKUP_RUN_REQUEST__INIT;
    request.note = (char *)note;
    forge__backup__run(vault_bind_backup(self), &request, vault_on_run, self);
}

enum status
vault_run(struct vault *self, const char *note)
{
    vault_send_run(self, note);
    return vault_wait(self);
}

void
vault_on_list(const Forge__BackupListReply *reply, void *argument)
{
    struct vault *self = argument;
    self->listed = reply ? reply->n_backups : 0;
    vault_take_answer(self, self->listed ? reply->backups[0] : NULL);
}

enum status
vault_list(struct vault *self)
{
    Forge__BackupListRequest request = FORGE__BACKUP_LIST_REQUEST__INIT;
    forge__backup__list(
        vault_bind(self, &forge__backup__descriptor, ROLE_READER), &request, vault_on_list, self);
    return vault_wait(self);
}

static void
on_verify(const Forge__BackupVerifyReply *reply, void *argument)
{
    struct vault *self = argument;
    vault_take_answer(self, reply ? reply->backup : NULL);
    self->good = reply && reply->good;
    if (reply && reply->n_problems)
        snprintf(self->problem, sizeof self->problem, "%s", reply->problems[0]);
}

enum status
vault_verify(struct vault *self, const char *id)
{
    Forge__BackupVerifyRequest request = FORGE__BACKUP_VERIFY_REQUEST__INIT;
    request.id = (char *)id;
    forge__backup__verify(vault_bind_backup(self), &request, on_verify, self);
    return vault_wait(self);
}

static void
on_restore(const Forge__BackupRestoreReply *reply, void *argument)
{
    struct vault *self = argument;
    vault_take_answer(self, reply ? reply->backup : NULL);
    self->records = reply ? reply->records : 0;
}

enum status
vault_restore(struct vault *self, const char *id, const char *confirm)
{
    Forge__BackupRestoreRequest request = FORGE__BACKUP_RESTORE_REQUEST__INIT;
    request.id = (char *)id;
    request.confirm = (char *)confirm;
    forge__backup__restore(vault_bind_backup(self), &request, on_restore, self);
    return vault_wait(self);
}

void
vault_assert_detail(const struct vault *self, const char *words)
{
    if (!strstr(self->detail, words))
        fail_msg("\"%s\" does not say \"%s\"", self->detail, words);
}

/* Runs a backup and keeps its id in `id`. */
void
vault_run_for_id(struct vault *self, char id[64])
{
    if (vault_run(self, "") != STATUS_OK)
        fail_msg("%s", self->detail);
    snprintf(id, 64, "%s", self->info->id);
}

char *
vault_file(const struct vault *self, const char *id, const char *name)
{
    CLEANUP(memory_free) char *folder = folder_path(self->backups, id);
    return folder_path(folder, name);
}
