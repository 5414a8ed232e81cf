/* backup-svc whole: the real service as an actor, real stores behind fake services, real calls. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup.pb-c.h"
#include "health.pb-c.h"

#include "backup-svc/service.h"
#include "common/base/clock.h"
#include "common/base/memory.h"
#include "tests/common/rpc/ask.h"
#include "tests/common/store/fixture.h"

#include "fake_transfer.h"

enum { CONTEXT, METRICS, STORES };

struct setting {
    char *folder;
    char *backups;
    struct store *stores[STORES];
    struct fake_transfer_options fakes[STORES];
    zactor_t *fake_threads[STORES];
    zactor_t *service;
    struct rpc_client *client;

    /* The last answer. */
    unsigned answers;
    unsigned expected;
    struct rpc_call call;
    enum status status;
    char detail[512];
    Forge__BackupInfo *info; /* the reply's backup, or the list's first */
    size_t listed;
    bool good;
    char problem[256];
    uint64_t records;
};

static const char *const endpoints[STORES] = {"inproc://fake-context", "inproc://fake-metrics"};

static void
start_fake(struct setting *self, int which)
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
static void
replace_fake(struct setting *self, int which, struct store *store)
{
    zactor_destroy(&self->fake_threads[which]);
    store_close(&self->stores[which]);
    self->stores[which] = store;
    start_fake(self, which);
}

static void
start_service(struct setting *self)
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

static int
set_up(void **state)
{
    struct setting *self = memory_new(sizeof *self);
    self->folder = folder_make();
    self->backups = folder_path(self->folder, "backups");
    CLEANUP(memory_free) char *path = folder_path(self->folder, "context");
    self->stores[CONTEXT] = store_of(STORE_LEVELDB, path);
    self->stores[METRICS] = store_of(STORE_MEMORY, NULL);
    commit_many(self->stores[CONTEXT], 2000, 300);
    commit_many(self->stores[METRICS], 500, 100);
    for (int i = 0; i < STORES; i++)
        start_fake(self, i);
    start_service(self);
    *state = self;
    return 0;
}

static void
forget_answer(struct setting *self)
{
    if (self->info)
        forge__backup_info__free_unpacked(self->info, NULL);
    self->info = NULL;
    self->detail[0] = self->problem[0] = '\0';
}

static int
tear_down(void **state)
{
    struct setting *self = *state;
    rpc_client_destroy(&self->client);
    zactor_destroy(&self->service);
    for (int i = 0; i < STORES; i++) {
        zactor_destroy(&self->fake_threads[i]);
        store_close(&self->stores[i]);
    }
    forget_answer(self);
    umount2(self->backups, MNT_DETACH); /* where a test mounted something */
    free(self->backups);
    folder_remove(&self->folder);
    free(self);
    return 0;
}

static ProtobufCService *
bind_as(struct setting *self, const ProtobufCServiceDescriptor *descriptor, uint32_t roles)
{
    forget_answer(self);
    self->expected = self->answers + 1;
    self->call = ask_call();
    self->call.deadline_ms = clock_monotonic_ms() + 30000;
    self->call.principal.roles = roles;
    return rpc_client_bind(self->client, descriptor, &self->call);
}

static ProtobufCService *
bind_backup(struct setting *self)
{
    return bind_as(self, &forge__backup__descriptor, ROLE_OPERATOR);
}

static enum status
wait_for_answer(struct setting *self)
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

static void
take_answer(struct setting *self, const Forge__BackupInfo *info)
{
    self->answers++;
    self->status = self->call.reply.status;
    snprintf(self->detail, sizeof self->detail, "%.*s", TEXT_FORMAT(self->call.reply.detail));
    if (info)
        self->info = copy_info(info);
}

static void
on_run(const Forge__BackupRunReply *reply, void *argument)
{
    take_answer(argument, reply ? reply->backup : NULL);
}

static void
send_run(struct setting *self, const char *note)
{
    Forge__BackupRunRequest request = FORGE__BACKUP_RUN_REQUEST__INIT;
    request.note = (char *)note;
    forge__backup__run(bind_backup(self), &request, on_run, self);
}

static enum status
run(struct setting *self, const char *note)
{
    send_run(self, note);
    return wait_for_answer(self);
}

static void
on_list(const Forge__BackupListReply *reply, void *argument)
{
    struct setting *self = argument;
    self->listed = reply ? reply->n_backups : 0;
    take_answer(self, self->listed ? reply->backups[0] : NULL);
}

static enum status
list(struct setting *self)
{
    Forge__BackupListRequest request = FORGE__BACKUP_LIST_REQUEST__INIT;
    forge__backup__list(
        bind_as(self, &forge__backup__descriptor, ROLE_READER), &request, on_list, self);
    return wait_for_answer(self);
}

static void
on_verify(const Forge__BackupVerifyReply *reply, void *argument)
{
    struct setting *self = argument;
    take_answer(self, reply ? reply->backup : NULL);
    self->good = reply && reply->good;
    if (reply && reply->n_problems)
        snprintf(self->problem, sizeof self->problem, "%s", reply->problems[0]);
}

static enum status
verify(struct setting *self, const char *id)
{
    Forge__BackupVerifyRequest request = FORGE__BACKUP_VERIFY_REQUEST__INIT;
    request.id = (char *)id;
    forge__backup__verify(bind_backup(self), &request, on_verify, self);
    return wait_for_answer(self);
}

static void
on_restore(const Forge__BackupRestoreReply *reply, void *argument)
{
    struct setting *self = argument;
    take_answer(self, reply ? reply->backup : NULL);
    self->records = reply ? reply->records : 0;
}

static enum status
restore(struct setting *self, const char *id, const char *confirm)
{
    Forge__BackupRestoreRequest request = FORGE__BACKUP_RESTORE_REQUEST__INIT;
    request.id = (char *)id;
    request.confirm = (char *)confirm;
    forge__backup__restore(bind_backup(self), &request, on_restore, self);
    return wait_for_answer(self);
}

static void
assert_detail(const struct setting *self, const char *words)
{
    if (!strstr(self->detail, words))
        fail_msg("\"%s\" does not say \"%s\"", self->detail, words);
}

/* Runs a backup and keeps its id in `id`. */
static void
run_for_id(struct setting *self, char id[64])
{
    if (run(self, "") != STATUS_OK)
        fail_msg("%s", self->detail);
    snprintf(id, 64, "%s", self->info->id);
}

static char *
file_of(const struct setting *self, const char *id, const char *name)
{
    CLEANUP(memory_free) char *folder = folder_path(self->backups, id);
    return folder_path(folder, name);
}

static void
a_backup_is_made_and_listed(void **state)
{
    struct setting *self = *state;

    assert_int_equal(run(self, "before the move"), STATUS_OK);

    assert_int_equal(self->info->state, FORGE__BACKUP_STATE__COMPLETE);
    assert_string_equal(self->info->note, "before the move");
    assert_int_equal(self->info->n_stores, 2);
    assert_string_equal(self->info->stores[CONTEXT]->service, "context");
    assert_int_equal(self->info->stores[CONTEXT]->records, 2000);
    assert_int_equal(self->info->stores[CONTEXT]->sequence, 20);
    assert_string_equal(self->info->stores[METRICS]->service, "metrics");
    assert_int_equal(self->info->stores[METRICS]->records, 500);
    assert_true(self->info->bytes > 650000);
    assert_true(self->info->finished_at_ms >= self->info->started_at_ms);
    CLEANUP(memory_free) char *id = strdup(self->info->id);
    assert_int_equal(list(self), STATUS_OK);
    assert_int_equal(self->listed, 1);
    assert_string_equal(self->info->id, id);
    assert_int_equal(self->info->verified_at_ms, 0);
}

static void
a_good_backup_is_verified(void **state)
{
    struct setting *self = *state;
    char id[64];
    run_for_id(self, id);

    assert_int_equal(verify(self, ""), STATUS_OK);

    assert_true(self->good);
    assert_string_equal(self->info->id, id);
    assert_true(self->info->verified_at_ms > 0);
    assert_int_equal(list(self), STATUS_OK);
    assert_true(self->info->verified_at_ms > 0);
}

static void
assert_same_rows(struct store *a, struct store *b)
{
    assert_int_equal(count_rows(a), count_rows(b));
    struct store_snapshot *left = store_snapshot_create(a), *right = store_snapshot_create(b);
    struct store_scan *scan = store_scan_create(left, TEXT(""), TEXT(""), false);
    struct text key, value;
    while (store_scan_next(scan, &key, &value)) {
        struct store_value other = {0};
        assert_int_equal(store_get(right, key, &other), STATUS_OK);
        assert_true(text_equals(value, other.bytes));
        store_value_release(&other);
    }
    store_scan_destroy(&scan);
    store_snapshot_destroy(&left);
    store_snapshot_destroy(&right);
}

static void
a_restore_brings_every_record_back(void **state)
{
    struct setting *self = *state;
    char id[64];
    run_for_id(self, id);
    struct store *expected[STORES];
    for (int i = 0; i < STORES; i++) {
        expected[i] = TAKE(self->stores[i]);
        replace_fake(self, i, store_of(STORE_MEMORY, NULL));
    }

    assert_int_equal(restore(self, "", id), STATUS_OK);

    assert_int_equal(self->records, 2500);
    for (int i = 0; i < STORES; i++) {
        assert_same_rows(expected[i], self->stores[i]);
        assert_int_equal(store_sequence(self->stores[i]), store_sequence(expected[i]));
        store_close(&expected[i]);
    }
}

static void
a_restore_must_be_confirmed(void **state)
{
    struct setting *self = *state;
    char id[64];
    run_for_id(self, id);

    assert_int_equal(restore(self, id, ""), STATUS_INVALID_ARGUMENT);
    assert_detail(self, id);
    assert_int_equal(restore(self, id, "yes"), STATUS_INVALID_ARGUMENT);
    assert_int_equal(restore(self, "../../etc", "../../etc"), STATUS_INVALID_ARGUMENT);
    assert_int_equal(
        restore(self, "20200101T000000Z-00000000", "20200101T000000Z-00000000"), STATUS_NOT_FOUND);
}

static void
a_restore_into_a_used_store_changes_nothing(void **state)
{
    struct setting *self = *state;
    char id[64];
    run_for_id(self, id);
    struct store *used = store_of(STORE_MEMORY, NULL);
    assert_int_equal(commit_one(used, "mine", "1"), STATUS_OK);
    replace_fake(self, CONTEXT, store_of(STORE_MEMORY, NULL));
    replace_fake(self, METRICS, used);

    assert_int_equal(restore(self, id, id), STATUS_FAILED_PRECONDITION);

    assert_detail(self, "not empty");
    assert_detail(self, "stop metrics-svc, move its store's folder away, start it");
    assert_int_equal(count_rows(self->stores[METRICS]), 1);
    assert_int_equal(count_rows(self->stores[CONTEXT]), 0);
    assert_int_equal(commit_one(self->stores[CONTEXT], "a", "1"), STATUS_OK);
}

static void
flip_middle(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    struct stat info;
    char byte = 0;
    assert_int_equal(fstat(fd, &info), 0);
    assert_int_equal(pread(fd, &byte, 1, info.st_size / 2), 1);
    byte ^= 0x08;
    assert_int_equal(pwrite(fd, &byte, 1, info.st_size / 2), 1);
    close(fd);
}

static void
damage_in_any_file_is_found_and_named(void **state)
{
    struct setting *self = *state;
    static const char *const names[] = {"context.records", "metrics.records", "manifest.json"};
    char id[64];
    run_for_id(self, id);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        CLEANUP(memory_free) char *path = file_of(self, id, names[i]);
        flip_middle(path);

        assert_int_equal(verify(self, id), STATUS_OK);
        assert_false(self->good);
        assert_non_null(strstr(self->problem, names[i]));
        assert_int_equal(self->info->state, FORGE__BACKUP_STATE__BROKEN);
        assert_int_equal(restore(self, id, id), STATUS_DATA_LOSS);
        assert_detail(self, names[i]);

        flip_middle(path);
    }
    assert_int_equal(verify(self, id), STATUS_OK);
    assert_true(self->good);
}

static void
a_header_of_another_snapshot_is_found(void **state)
{
    struct setting *self = *state;
    char id[64];
    run_for_id(self, id);
    CLEANUP(memory_free) char *path = file_of(self, id, "context.records");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "\x63", 1, 31), 1); /* last byte of the sequence */
    close(fd);

    assert_int_equal(verify(self, id), STATUS_OK);
    assert_false(self->good);
    assert_non_null(strstr(self->problem, "context.records is another than the manifest's"));
}

static void
a_truncated_and_a_missing_file_are_found(void **state)
{
    struct setting *self = *state;
    char id[64];
    run_for_id(self, id);
    CLEANUP(memory_free) char *path = file_of(self, id, "context.records");
    assert_int_equal(truncate(path, 100000), 0);

    assert_int_equal(verify(self, id), STATUS_OK);
    assert_false(self->good);
    assert_non_null(strstr(self->problem, "context.records"));
    assert_non_null(strstr(self->problem, "ends too early"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(verify(self, id), STATUS_OK);
    assert_non_null(strstr(self->problem, "context.records cannot be opened"));
}

static void
a_backup_without_manifest_is_not_complete(void **state)
{
    struct setting *self = *state;
    char id[64];
    run_for_id(self, id);
    CLEANUP(memory_free) char *path = file_of(self, id, "manifest.json");
    assert_int_equal(unlink(path), 0);

    assert_int_equal(list(self), STATUS_OK);
    assert_int_equal(self->info->state, FORGE__BACKUP_STATE__BROKEN);
    assert_int_equal(verify(self, ""), STATUS_NOT_FOUND);
    assert_int_equal(restore(self, id, id), STATUS_DATA_LOSS);
    assert_detail(self, "manifest.json is missing");
}

static void
a_second_run_is_refused_by_name_and_the_first_goes_on(void **state)
{
    struct setting *self = *state;
    zactor_destroy(&self->fake_threads[CONTEXT]);
    self->fakes[CONTEXT].slow_ms = 30;
    self->fakes[CONTEXT].page_records = 100;
    start_fake(self, CONTEXT);
    struct rpc_call first;
    send_run(self, "");
    do {
        turn_for(self->client, 20);
        first = self->call;
        assert_int_equal(self->answers, 0);
        /* A list goes on meanwhile; it is the second call of this client. */
        struct rpc_call running = self->call;
        Forge__BackupListRequest request = FORGE__BACKUP_LIST_REQUEST__INIT;
        struct setting other = {.client = self->client};
        forge__backup__list(
            bind_as(&other, &forge__backup__descriptor, ROLE_READER), &request, on_list, &other);
        wait_for_answer(&other);
        self->listed = other.listed;
        if (other.info)
            assert_int_equal(other.info->state, FORGE__BACKUP_STATE__RUNNING);
        snprintf(self->problem, sizeof self->problem, "%s", other.info ? other.info->id : "");
        forget_answer(&other);
        assert_int_equal(running.call_id, first.call_id);
    } while (!self->listed);

    struct setting second = {.client = self->client};
    assert_int_equal(run(&second, ""), STATUS_FAILED_PRECONDITION);
    assert_detail(&second, "is being made");
    assert_detail(&second, self->problem);
    forget_answer(&second);

    assert_int_equal(wait_for_answer(self), STATUS_OK);
    assert_int_equal(self->info->state, FORGE__BACKUP_STATE__COMPLETE);
}

static void
a_run_goes_on_after_its_caller_gave_up(void **state)
{
    struct setting *self = *state;
    Forge__BackupRunRequest request = FORGE__BACKUP_RUN_REQUEST__INIT;
    zactor_destroy(&self->fake_threads[CONTEXT]);
    self->fakes[CONTEXT].slow_ms = 30;
    self->fakes[CONTEXT].page_records = 200;
    start_fake(self, CONTEXT);
    ProtobufCService *backup = bind_backup(self);
    self->call.deadline_ms = clock_monotonic_ms() + 200;

    forge__backup__run(backup, &request, on_run, self);
    assert_int_equal(wait_for_answer(self), STATUS_DEADLINE_EXCEEDED);

    int64_t patience_ms = clock_monotonic_ms() + 20000;
    do
        assert_int_equal(list(self), STATUS_OK);
    while (self->info->state == FORGE__BACKUP_STATE__RUNNING && clock_monotonic_ms() < patience_ms);
    assert_int_equal(self->info->state, FORGE__BACKUP_STATE__COMPLETE);
}

static void
a_run_that_fails_leaves_a_note_alone(void **state)
{
    struct setting *self = *state;
    zactor_destroy(&self->fake_threads[METRICS]);
    self->fakes[METRICS].page_records = 20;
    self->fakes[METRICS].fails_after = 3;
    start_fake(self, METRICS);

    assert_int_equal(run(self, "doomed"), STATUS_INTERNAL);

    assert_detail(self, "the export was told to fail");
    assert_detail(self, "metrics");
    assert_int_equal(list(self), STATUS_OK);
    assert_int_equal(self->listed, 1);
    assert_int_equal(self->info->state, FORGE__BACKUP_STATE__BROKEN);
    assert_non_null(strstr(self->info->problem, "told to fail"));
    assert_true(self->info->bytes < 2000);
    assert_int_equal(verify(self, ""), STATUS_NOT_FOUND);
}

static void
a_service_that_is_not_there_fails_the_run(void **state)
{
    struct setting *self = *state;
    zactor_destroy(&self->fake_threads[METRICS]);

    assert_int_equal(run(self, ""), STATUS_UNAVAILABLE);

    assert_detail(self, "metrics-svc at inproc://fake-metrics");
}

static void
a_full_disk_fails_the_run_and_is_cleaned_up(void **state)
{
    struct setting *self = *state;
    rpc_client_destroy(&self->client);
    zactor_destroy(&self->service);
    if (mount("none", self->backups, "tmpfs", 0, "size=400k")) {
        print_message("skipped: a tmpfs cannot be mounted here (needs root)\n");
        skip();
    }
    start_service(self);

    assert_int_equal(run(self, ""), STATUS_RESOURCE_EXHAUSTED);

    assert_detail(self, "make room");
    assert_int_equal(list(self), STATUS_OK);
    assert_int_equal(self->info->state, FORGE__BACKUP_STATE__BROKEN);
    assert_true(self->info->bytes < 2000);
}

static void
an_ending_service_breaks_its_run_off(void **state)
{
    struct setting *self = *state;
    zactor_destroy(&self->fake_threads[CONTEXT]);
    self->fakes[CONTEXT].slow_ms = 50;
    self->fakes[CONTEXT].page_records = 10;
    start_fake(self, CONTEXT);
    send_run(self, "");
    turn_for(self->client, 200);
    int64_t begun_ms = clock_monotonic_ms();

    zactor_destroy(&self->service);

    assert_true(clock_monotonic_ms() - begun_ms < 5000);
    rpc_client_destroy(&self->client);
    assert_int_not_equal(self->status, STATUS_OK);
    start_service(self);
    assert_int_equal(list(self), STATUS_OK);
    assert_int_equal(self->info->state, FORGE__BACKUP_STATE__BROKEN);
    assert_string_equal(self->info->problem, "the program is ending");
}

static void
on_prove(const Forge__ProveReply *reply, void *argument)
{
    struct setting *self = argument;
    take_answer(self, NULL);
    if (!reply)
        return;
    self->good = reply->n_proofs == 1 && reply->proofs[0]->good;
    snprintf(self->problem, sizeof self->problem, "%s %s", reply->proofs[0]->name,
        reply->proofs[0]->reason);
}

static enum status
prove(struct setting *self)
{
    Forge__ProveRequest request = FORGE__PROVE_REQUEST__INIT;
    forge__health__prove(
        bind_as(self, &forge__health__descriptor, ROLE_PROGRAM), &request, on_prove, self);
    return wait_for_answer(self);
}

static void
the_folder_is_proved_by_writing_into_it(void **state)
{
    struct setting *self = *state;

    assert_int_equal(prove(self), STATUS_OK);
    assert_true(self->good);
    assert_string_equal(self->problem, "backup-folder ");
    CLEANUP(memory_free) char *away = folder_path(self->folder, "away");
    assert_int_equal(rename(self->backups, away), 0);
    assert_int_equal(prove(self), STATUS_OK);
    assert_false(self->good);
    assert_non_null(strstr(self->problem, "No such file"));
}

static void
roles_are_checked(void **state)
{
    struct setting *self = *state;
    Forge__BackupRunRequest request = FORGE__BACKUP_RUN_REQUEST__INIT;

    forge__backup__run(bind_as(self, &forge__backup__descriptor, ROLE_READER | ROLE_WRITER),
        &request, on_run, self);

    assert_int_equal(wait_for_answer(self), STATUS_PERMISSION_DENIED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_backup_is_made_and_listed),
        TEST(a_good_backup_is_verified),
        TEST(a_restore_brings_every_record_back),
        TEST(a_restore_must_be_confirmed),
        TEST(a_restore_into_a_used_store_changes_nothing),
        TEST(damage_in_any_file_is_found_and_named),
        TEST(a_header_of_another_snapshot_is_found),
        TEST(a_truncated_and_a_missing_file_are_found),
        TEST(a_backup_without_manifest_is_not_complete),
        TEST(a_second_run_is_refused_by_name_and_the_first_goes_on),
        TEST(a_run_goes_on_after_its_caller_gave_up),
        TEST(a_run_that_fails_leaves_a_note_alone),
        TEST(a_service_that_is_not_there_fails_the_run),
        TEST(a_full_disk_fails_the_run_and_is_cleaned_up),
        TEST(an_ending_service_breaks_its_run_off),
        TEST(the_folder_is_proved_by_writing_into_it),
        TEST(roles_are_checked),
    };
    zsys_handler_set(NULL);
    int failed = cmocka_run_group_tests_name("backup", tests, NULL, NULL);
    zsys_shutdown();
    return failed;
}
