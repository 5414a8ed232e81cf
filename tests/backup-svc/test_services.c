/* A backup of the real context-svc and metrics-svc, and their return from it, over ipc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backup.pb-c.h"
#include "metrics.pb-c.h"

#include "backup-svc/service.h"
#include "common/base/clock.h"
#include "common/base/memory.h"
#include "metrics-svc/service.h"
#include "tests/context-svc/desk.h"

enum { PUSHES_MS = 10000, ENTRIES = 40 };

struct setting {
    char folder[64];
    char context_endpoint[128], metrics_endpoint[128], backup_endpoint[128];
    struct metrics *metrics;
    zactor_t *context, *metrics_thread, *backup;
    struct desk desk;     /* of context-svc */
    struct desk operator; /* of backup-svc */
    struct kept_id ids[ENTRIES];
};

static void
start(const struct rpc_actor *actor, const void *options, zactor_t **thread)
{
    struct problem problem = {0};
    if (rpc_actor_start(actor, options, thread, &problem) != STATUS_OK)
        fail_msg("%s", problem.text);
}

/* Both stores in folders of this name; the services before are ended, and the desk turns to the new
 * ones. */
static void
start_stores(struct setting *self, const char *name)
{
    char context[128], metrics[128];
    snprintf(context, sizeof context, "%s/%s-context", self->folder, name);
    snprintf(metrics, sizeof metrics, "%s/%s-metrics", self->folder, name);
    zactor_destroy(&self->context);
    zactor_destroy(&self->metrics_thread);
    start(&metrics_service_actor,
        &(struct metrics_service_options){
            .endpoint = self->metrics_endpoint,
            .instance = "metrics@test",
            .store_path = metrics,
            .min_free_bytes = 1,
            .metrics = self->metrics,
        },
        &self->metrics_thread);
    start(&context_actor,
        &(struct context_service_options){
            .endpoint = self->context_endpoint,
            .instance = "context@test",
            .store_path = context,
            .min_free_bytes = 1,
            .metrics_endpoint = self->metrics_endpoint,
        },
        &self->context);
    desk_close(&self->desk);
    desk_open(&self->desk, self->context_endpoint);
}

static int
set_up(void **state)
{
    struct setting *self = memory_new(sizeof *self);
    char backups[128];
    folder_make(self->folder);
    snprintf(backups, sizeof backups, "%s/backups", self->folder);
    snprintf(self->context_endpoint, sizeof self->context_endpoint, "ipc://%s/context.sock",
        self->folder);
    snprintf(self->metrics_endpoint, sizeof self->metrics_endpoint, "ipc://%s/metrics.sock",
        self->folder);
    snprintf(
        self->backup_endpoint, sizeof self->backup_endpoint, "ipc://%s/backup.sock", self->folder);
    self->metrics = metrics_create();
    start_stores(self, "first");
    start(&backup_actor,
        &(struct backup_service_options){
            .endpoint = self->backup_endpoint,
            .instance = "backup@test",
            .folder = backups,
            .context_endpoint = self->context_endpoint,
            .metrics_endpoint = self->metrics_endpoint,
        },
        &self->backup);
    desk_open(&self->operator, self->backup_endpoint);
    self->operator.principal.roles = ROLE_OPERATOR;
    self->operator.wait_ms = 30000;
    *state = self;
    return 0;
}

static int
tear_down(void **state)
{
    struct setting *self = *state;
    desk_close(&self->operator);
    desk_close(&self->desk);
    zactor_destroy(&self->backup);
    zactor_destroy(&self->context);
    zactor_destroy(&self->metrics_thread);
    metrics_destroy(&self->metrics);
    folder_remove(self->folder);
    free(self);
    return 0;
}

static void
save_entries(struct setting *self)
{
    for (int i = 0; i < ENTRIES; i++) {
        char text[96];
        snprintf(text, sizeof text, "Decision %d: the ledger of shard%d is kept in UTC.", i, i);
        self->ids[i] = keep_id(desk_save(&self->desk, "atlas", text)->id);
    }
}

static void
assert_entries(struct setting *self)
{
    for (int i = 0; i < ENTRIES; i++)
        assert_non_null(desk_get(&self->desk, id_bytes(&self->ids[i])));
    Forge__SearchReply *found = desk_search(&self->desk, "shard17");
    assert_int_equal(found->n_hits, 1);
    assert_memory_equal(found->hits[0]->entry->id.data, self->ids[17].bytes, 16);
}

static void *
ask(struct setting *self, const char *method, const void *request)
{
    void *reply = desk_ask(&self->operator, & forge__backup__descriptor, method, request);
    if (!reply)
        fail_msg("%s: %s", method, self->operator.last.detail);
    return reply;
}

static void
restore(struct setting *self, char *id)
{
    Forge__BackupRestoreRequest request = FORGE__BACKUP_RESTORE_REQUEST__INIT;
    request.id = id;
    request.confirm = id;
    Forge__BackupRestoreReply *reply = ask(self, "Restore", &request);
    assert_true(reply->records > ENTRIES);
}

static void
make_and_verify(struct setting *self, char id[64])
{
    /* The metrics store holds nothing before the first pushes have reached it. */
    Forge__BackupRunRequest run = FORGE__BACKUP_RUN_REQUEST__INIT;
    Forge__BackupRunReply *made = ask(self, "Run", &run);
    int64_t deadline_ms = clock_monotonic_ms() + PUSHES_MS;
    while (made->backup->stores[1]->records == 0 && clock_monotonic_ms() < deadline_ms)
        made = ask(self, "Run", &run);
    snprintf(id, 64, "%s", made->backup->id);
    assert_true(made->backup->stores[0]->records >= ENTRIES);
    assert_true(made->backup->stores[1]->records > 0);
    Forge__BackupVerifyRequest verify = FORGE__BACKUP_VERIFY_REQUEST__INIT;
    Forge__BackupVerifyReply *verified = ask(self, "Verify", &verify);
    assert_true(verified->good);
}

static void
the_services_come_back_from_their_backup(void **state)
{
    struct setting *self = *state;
    char id[64];
    save_entries(self);
    make_and_verify(self, id);
    start_stores(self, "second");

    restore(self, id);

    assert_entries(self);
    desk_save(&self->desk, "atlas", "Life goes on after the restore.");
    start_stores(self, "second");
    assert_entries(self);
    assert_int_equal(desk_count(&self->desk)->entries, ENTRIES + 1);
}

static void
a_restore_over_entries_is_refused(void **state)
{
    struct setting *self = *state;
    char id[64];
    save_entries(self);
    make_and_verify(self, id);
    Forge__BackupRestoreRequest request = FORGE__BACKUP_RESTORE_REQUEST__INIT;
    request.id = id;
    request.confirm = id;

    assert_null(desk_ask(&self->operator, & forge__backup__descriptor, "Restore", &request));

    assert_int_equal(self->operator.last.status, STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(self->operator.last.detail, "stop context-svc"));
    assert_entries(self);
    desk_save(&self->desk, "atlas", "And writing goes on.");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_services_come_back_from_their_backup),
        TEST(a_restore_over_entries_is_refused),
    };
    zsys_handler_set(NULL);
    int failed = cmocka_run_group_tests_name("backup of the services", tests, NULL, NULL);
    zsys_shutdown();
    return failed;
}
