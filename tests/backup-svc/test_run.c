/* Runs of the whole backup service, and what else it is asked meanwhile. */
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "health.pb-c.h"

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "tests/common/rpc/ask.h"

#include "vault.h"

static void
a_backup_is_made_and_listed(void **state)
{
    struct vault *self = *state;

    assert_int_equal(vault_run(self, "before the move"), STATUS_OK);

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
    assert_int_equal(vault_list(self), STATUS_OK);
    assert_int_equal(self->listed, 1);
    assert_string_equal(self->info->id, id);
    assert_int_equal(self->info->verified_at_ms, 0);
}

static void
a_second_run_is_refused_by_name_and_the_first_goes_on(void **state)
{
    struct vault *self = *state;
    zactor_destroy(&self->fake_threads[CONTEXT]);
    self->fakes[CONTEXT].slow_ms = 30;
    self->fakes[CONTEXT].page_records = 100;
    vault_start_fake(self, CONTEXT);
    struct rpc_call first;
    vault_send_run(self, "");
    do {
        turn_for(self->client, 20);
        first = self->call;
        assert_int_equal(self->answers, 0);
        /* A list goes on meanwhile; it is the second call of this client. */
        struct rpc_call running = self->call;
        Forge__BackupListRequest request = FORGE__BACKUP_LIST_REQUEST__INIT;
        struct vault other = {.client = self->client};
        forge__backup__list(vault_bind(&other, &forge__backup__descriptor, ROLE_READER), &request,
            vault_on_list, &other);
        vault_wait(&other);
        self->listed = other.listed;
        if (other.info)
            assert_int_equal(other.info->state, FORGE__BACKUP_STATE__RUNNING);
        snprintf(self->problem, sizeof self->problem, "%s", other.info ? other.info->id : "");
        vault_forget_answer(&other);
        assert_int_equal(running.call_id, first.call_id);
    } while (!self->listed);

    struct vault second = {.client = self->client};
    assert_int_equal(vault_run(&second, ""), STATUS_FAILED_PRECONDITION);
    vault_assert_detail(&second, "is being made");
    vault_assert_detail(&second, self->problem);
    vault_forget_answer(&second);

    assert_int_equal(vault_wait(self), STATUS_OK);
    assert_int_equal(self->info->state, FORGE__BACKUP_STATE__COMPLETE);
}

static void
a_run_goes_on_after_its_caller_gave_up(void **state)
{
    struct vault *self = *state;
    Forge__BackupRunRequest request = FORGE__BACKUP_RUN_REQUEST__INIT;
    zactor_destroy(&self->fake_threads[CONTEXT]);
    self->fakes[CONTEXT].slow_ms = 30;
    self->fakes[CONTEXT].page_records = 200;
    vault_start_fake(self, CONTEXT);
    ProtobufCService *backup = vault_bind_backup(self);
    self->call.deadline_ms = clock_monotonic_ms() + 200;

    forge__backup__run(backup, &request, vault_on_run, self);
    assert_int_equal(vault_wait(self), STATUS_DEADLINE_EXCEEDED);

    int64_t patience_ms = clock_monotonic_ms() + 20000;
    do
        assert_int_equal(vault_list(self), STATUS_OK);
    while (self->info->state == FORGE__BACKUP_STATE__RUNNING && clock_monotonic_ms() < patience_ms);
    assert_int_equal(self->info->state, FORGE__BACKUP_STATE__COMPLETE);
}

static void
a_run_that_fails_leaves_a_note_alone(void **state)
{
    struct vault *self = *state;
    zactor_destroy(&self->fake_threads[METRICS]);
    self->fakes[METRICS].page_records = 20;
    self->fakes[METRICS].fails_after = 3;
    vault_start_fake(self, METRICS);

    assert_int_equal(vault_run(self, "doomed"), STATUS_INTERNAL);

    vault_assert_detail(self, "the export was told to fail");
    vault_assert_detail(self, "metrics");
    assert_int_equal(vault_list(self), STATUS_OK);
    assert_int_equal(self->listed, 1);
    assert_int_equal(self->info->state, FORGE__BACKUP_STATE__BROKEN);
    assert_non_null(strstr(self->info->problem, "told to fail"));
    assert_true(self->info->bytes < 2000);
    assert_int_equal(vault_verify(self, ""), STATUS_NOT_FOUND);
}

static void
a_service_that_is_not_there_fails_the_run(void **state)
{
    struct vault *self = *state;
    zactor_destroy(&self->fake_threads[METRICS]);

    assert_int_equal(vault_run(self, ""), STATUS_UNAVAILABLE);

    vault_assert_detail(self, "metrics-svc at inproc://fake-metrics");
}

static void
a_full_disk_fails_the_run_and_is_cleaned_up(void **state)
{
    struct vault *self = *state;
    rpc_client_destroy(&self->client);
    zactor_destroy(&self->service);
    if (mount("none", self->backups, "tmpfs", 0, "size=400k")) {
        print_message("skipped: a tmpfs cannot be mounted here (needs root)\n");
        skip();
    }
    vault_start_service(self);

    assert_int_equal(vault_run(self, ""), STATUS_RESOURCE_EXHAUSTED);

    vault_assert_detail(self, "make room");
    assert_int_equal(vault_list(self), STATUS_OK);
    assert_int_equal(self->info->state, FORGE__BACKUP_STATE__BROKEN);
    assert_true(self->info->bytes < 2000);
}

static void
an_ending_service_breaks_its_run_off(void **state)
{
    struct vault *self = *state;
    zactor_destroy(&self->fake_threads[CONTEXT]);
    self->fakes[CONTEXT].slow_ms = 50;
    self->fakes[CONTEXT].page_records = 10;
    vault_start_fake(self, CONTEXT);
    vault_send_run(self, "");
    turn_for(self->client, 200);
    int64_t begun_ms = clock_monotonic_ms();

    zactor_destroy(&self->service);

    assert_true(clock_monotonic_ms() - begun_ms < 5000);
    rpc_client_destroy(&self->client);
    assert_int_not_equal(self->status, STATUS_OK);
    vault_start_service(self);
    assert_int_equal(vault_list(self), STATUS_OK);
    assert_int_equal(self->info->state, FORGE__BACKUP_STATE__BROKEN);
    assert_string_equal(self->info->problem, "the program is ending");
}

static void
on_prove(const Forge__ProveReply *reply, void *argument)
{
    struct vault *self = argument;
    vault_take_answer(self, NULL);
    if (!reply)
        return;
    self->good = reply->n_proofs == 1 && reply->proofs[0]->good;
    snprintf(self->problem, sizeof self->problem, "%s %s", reply->proofs[0]->name,
        reply->proofs[0]->reason);
}

static enum status
prove(struct vault *self)
{
    Forge__ProveRequest request = FORGE__PROVE_REQUEST__INIT;
    forge__health__prove(
        vault_bind(self, &forge__health__descriptor, ROLE_PROGRAM), &request, on_prove, self);
    return vault_wait(self);
}

static void
the_folder_is_proved_by_writing_into_it(void **state)
{
    struct vault *self = *state;

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
    struct vault *self = *state;
    Forge__BackupRunRequest request = FORGE__BACKUP_RUN_REQUEST__INIT;

    forge__backup__run(vault_bind(self, &forge__backup__descriptor, ROLE_READER | ROLE_WRITER),
        &request, vault_on_run, self);

    assert_int_equal(vault_wait(self), STATUS_PERMISSION_DENIED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, vault_set_up, vault_tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_backup_is_made_and_listed),
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
    int failed = cmocka_run_group_tests_name("backup run", tests, NULL, NULL);
    zsys_shutdown();
    return failed;
}
