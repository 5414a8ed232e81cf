#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "health.pb-c.h"
#include "transfer.pb-c.h"

#include "common/base/clock.h"

#include "setting.h"

struct fixture {
    struct setting setting;
    struct asked asked;
};

static int
set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.asked = {.runs = 0}};
    setting_init(&fixture.setting);
    *state = &fixture;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;
    asked_release(&fixture->asked);
    setting_release(&fixture->setting);
    return 0;
}

static void
ask(struct fixture *fixture, const char *method, const void *input, uint32_t roles)
{
    setting_ask(
        &fixture->setting, &forge__metrics__descriptor, method, input, roles, &fixture->asked);
}

static void
push_once(struct fixture *fixture, double entries)
{
    static const uint64_t counts[] = {3, 1};
    struct push push = {.request = {.n_samples = 0}};
    push_begin(&push, "mcp_server", clock_wall_ms() - 1000);
    push_gauge(&push, "forge_entries", entries);
    push_counter(&push, "forge_x_total", 12);
    push_label(&push, "route", "/mcp");
    push_histogram(&push, "forge_t_seconds", -8, counts, 2);
    push_gauge(&push, "process_resident_memory_bytes", 1 << 20);
    ask(fixture, "Push", &push.request, ROLE_PROGRAM);
}

static Forge__QueryReply *
query(struct fixture *fixture, const char *metric)
{
    Forge__QueryRequest request = FORGE__QUERY_REQUEST__INIT;
    request.metric = (char *)metric;
    ask(fixture, "Query", &request, ROLE_READER);
    if (fixture->asked.status != STATUS_OK)
        return NULL;
    return forge__query_reply__unpack(
        NULL, fixture->asked.reply.length, (const uint8_t *)fixture->asked.reply.data);
}

static void
assert_exposed(struct fixture *fixture, const char *line)
{
    Forge__ExposeRequest request = FORGE__EXPOSE_REQUEST__INIT;
    ask(fixture, "Expose", &request, ROLE_READER);
    assert_int_equal(fixture->asked.status, STATUS_OK);
    Forge__ExposeReply *reply = forge__expose_reply__unpack(
        NULL, fixture->asked.reply.length, (const uint8_t *)fixture->asked.reply.data);
    assert_non_null(reply);
    assert_non_null(memmem(reply->text.data, reply->text.len, line, strlen(line)));
    forge__expose_reply__free_unpacked(reply, NULL);
}

static Forge__StatusReply *
ask_status(struct fixture *fixture)
{
    Forge__StatusRequest request = FORGE__STATUS_REQUEST__INIT;
    ask(fixture, "Status", &request, ROLE_READER);
    Forge__StatusReply *reply = forge__status_reply__unpack(
        NULL, fixture->asked.reply.length, (const uint8_t *)fixture->asked.reply.data);
    if (!reply)
        fail_msg("no status: %s", fixture->asked.detail);
    return reply;
}

static void
a_push_is_exposed_and_the_first_is_durable(void **state)
{
    struct fixture *fixture = *state;

    push_once(fixture, 4);
    assert_int_equal(fixture->asked.status, STATUS_OK);
    assert_int_equal(fixture->asked.outcome, OUTCOME_COMMITTED);
    assert_true(fixture->asked.commit_sequence > 0);

    assert_exposed(fixture, "\nforge_entries{program=\"mcp_server\",instance=\"mcp_server@test\","
                            "host=\"test\"} 4\n");
    assert_exposed(fixture, "\nforge_up{program=\"mcp_server\",instance=\"mcp_server@test\","
                            "host=\"test\"} 1\n");
}

static void
a_push_that_is_not_stored_claims_nothing(void **state)
{
    struct fixture *fixture = *state;

    /* Two pushes within one quarter of a minute, unless its end falls between them. */
    for (int tries = 0; tries < 3; tries++) {
        push_once(fixture, 4);
        push_once(fixture, 5);
        assert_int_equal(fixture->asked.status, STATUS_OK);
        if (fixture->asked.outcome == OUTCOME_NONE)
            break;
    }

    assert_int_equal(fixture->asked.outcome, OUTCOME_NONE);
    assert_exposed(fixture, "host=\"test\"} 5\n");
}

static void
the_services_own_numbers_are_among_them(void **state)
{
    struct fixture *fixture = *state;

    /* Its own push goes through its own endpoint, soon after the start. */
    int64_t deadline = clock_monotonic_ms() + 10000;
    Forge__StatusReply *reply = NULL;
    do {
        forge__status_reply__free_unpacked(reply, NULL);
        reply = ask_status(fixture);
    } while (reply->n_programs == 0 && clock_monotonic_ms() < deadline);

    assert_int_equal(reply->n_programs, 1);
    assert_string_equal(reply->programs[0]->program, "metrics-svc");
    assert_string_equal(reply->programs[0]->instance, "metrics-svc@test");
    assert_true(reply->programs[0]->rss_bytes > 1 << 20);
    assert_string_equal(reply->store_state, "writable");
    forge__status_reply__free_unpacked(reply, NULL);
    assert_exposed(fixture, "\nforge_store_writable{program=\"metrics-svc\"");
    assert_exposed(fixture, "\nforge_rpc_calls_total{program=\"metrics-svc\"");
}

static void
status_tells_who_is_there(void **state)
{
    struct fixture *fixture = *state;
    int64_t before = clock_wall_ms();
    push_once(fixture, 4);

    Forge__StatusReply *reply = ask_status(fixture);

    const Forge__ProgramStatus *found = NULL;
    for (size_t i = 0; i < reply->n_programs; i++)
        if (strcmp(reply->programs[i]->program, "mcp_server") == 0)
            found = reply->programs[i];
    if (!found) {
        fail_msg("mcp_server is not among the programs");
        return;
    }
    assert_string_equal(found->version, "1");
    assert_true(found->last_push_ms >= before);
    assert_true(found->rss_bytes == 1 << 20);
    assert_in_range(reply->series, 4, 200);
    forge__status_reply__free_unpacked(reply, NULL);
}

static void
assert_one_gauge(struct fixture *fixture, double value)
{
    Forge__QueryReply *reply = query(fixture, "forge_entries");
    if (!reply) {
        fail_msg("%s", fixture->asked.detail);
        return;
    }
    assert_int_equal(reply->n_series, 1);
    assert_string_equal(reply->series[0]->name, "forge_entries");
    assert_int_equal(reply->series[0]->n_points, 1);
    assert_true(reply->series[0]->points[0]->value == value);
    forge__query_reply__free_unpacked(reply, NULL);
}

static void
what_was_committed_is_there_after_a_restart(void **state)
{
    struct fixture *fixture = *state;
    push_once(fixture, 4);
    assert_int_equal(fixture->asked.outcome, OUTCOME_COMMITTED);
    assert_one_gauge(fixture, 4);

    setting_stop(&fixture->setting);
    setting_start(&fixture->setting);

    assert_one_gauge(fixture, 4);
    Forge__QueryReply *reply = query(fixture, "forge_x_total");
    assert_non_null(reply);
    assert_string_equal(reply->aggregation, "rate");
    assert_int_equal(reply->n_series, 1);
    forge__query_reply__free_unpacked(reply, NULL);
}

static void
an_unknown_metric_is_not_found(void **state)
{
    struct fixture *fixture = *state;
    push_once(fixture, 4);

    assert_null(query(fixture, "forge_entris"));

    assert_int_equal(fixture->asked.status, STATUS_NOT_FOUND);
    assert_string_equal(
        fixture->asked.detail, "no metric is named 'forge_entris'; did you mean forge_entries?");
}

static void
a_wrong_push_is_refused_and_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct push push = {.request = {.n_samples = 0}};
    push_begin(&push, "mcp_server", 1);
    push_gauge(&push, "forge entries", 1);

    ask(fixture, "Push", &push.request, ROLE_PROGRAM);

    assert_int_equal(fixture->asked.status, STATUS_INVALID_ARGUMENT);
    assert_string_equal(fixture->asked.detail, "sample 0 ('forge entries'): the name is none");
    Forge__StatusRequest request = FORGE__STATUS_REQUEST__INIT;
    ask(fixture, "Status", &request, ROLE_READER);
    assert_null(memmem(fixture->asked.reply.data, fixture->asked.reply.length, "mcp_server", 10));
}

static void
only_programs_push_and_only_operators_prove(void **state)
{
    struct fixture *fixture = *state;
    struct push push = {.request = {.n_samples = 0}};
    push_begin(&push, "mcp_server", 1);

    ask(fixture, "Push", &push.request, ROLE_READER | ROLE_WRITER | ROLE_OPERATOR);
    assert_int_equal(fixture->asked.status, STATUS_PERMISSION_DENIED);

    Forge__ProveRequest prove = FORGE__PROVE_REQUEST__INIT;
    setting_ask(&fixture->setting, &forge__health__descriptor, "Prove", &prove.base,
        ROLE_READER | ROLE_WRITER, &fixture->asked);
    assert_int_equal(fixture->asked.status, STATUS_PERMISSION_DENIED);
}

static void
health_is_proved_by_writing_and_reading(void **state)
{
    struct fixture *fixture = *state;
    Forge__ProveRequest request = FORGE__PROVE_REQUEST__INIT;

    setting_ask(&fixture->setting, &forge__health__descriptor, "Prove", &request.base,
        ROLE_OPERATOR, &fixture->asked);

    assert_int_equal(fixture->asked.status, STATUS_OK);
    Forge__ProveReply *reply = forge__prove_reply__unpack(
        NULL, fixture->asked.reply.length, (const uint8_t *)fixture->asked.reply.data);
    assert_non_null(reply);
    assert_int_equal(reply->n_proofs, 2);
    assert_string_equal(reply->proofs[0]->name, "write");
    assert_true(reply->proofs[0]->good && reply->proofs[1]->good);
    assert_string_equal(reply->proofs[1]->reason, "");
    forge__prove_reply__free_unpacked(reply, NULL);
}

/* All of one service's store as the one page of an import. */
static void
export_all(struct fixture *fixture, Forge__ImportRequest *import, Forge__ExportReply **page)
{
    Forge__ExportRequest request = FORGE__EXPORT_REQUEST__INIT;
    setting_ask(&fixture->setting, &forge__transfer__descriptor, "Export", &request.base,
        ROLE_PROGRAM, &fixture->asked);
    assert_int_equal(fixture->asked.status, STATUS_OK);
    *page = forge__export_reply__unpack(
        NULL, fixture->asked.reply.length, (const uint8_t *)fixture->asked.reply.data);
    assert_non_null(*page);
    assert_true((*page)->last);
    forge__import_request__init(import);
    import->records = (*page)->records;
    import->n_records = (*page)->n_records;
    import->record_count = (*page)->n_records;
    import->sequence = (*page)->sequence;
    import->format = (*page)->format;
    import->last = true;
}

static void
a_store_is_restored_into_a_fresh_service(void **state)
{
    struct fixture *fixture = *state;
    push_once(fixture, 4);
    assert_int_equal(fixture->asked.outcome, OUTCOME_COMMITTED);
    Forge__ImportRequest import;
    Forge__ExportReply *page;
    export_all(fixture, &import, &page);
    setting_release(&fixture->setting);
    setting_init(&fixture->setting);
    assert_null(query(fixture, "forge_entries"));

    setting_ask(&fixture->setting, &forge__transfer__descriptor, "Import", &import.base,
        ROLE_PROGRAM, &fixture->asked);
    if (fixture->asked.status != STATUS_OK)
        fail_msg("%s", fixture->asked.detail);

    assert_int_equal(fixture->asked.outcome, OUTCOME_COMMITTED);
    assert_one_gauge(fixture, 4);
    push_once(fixture, 4);
    assert_int_equal(fixture->asked.status, STATUS_OK);
    forge__export_reply__free_unpacked(page, NULL);
}

static void
a_full_disk_stores_nothing_but_hides_nothing(void **state)
{
    struct fixture *fixture = *state;
    setting_stop(&fixture->setting);
    fixture->setting.min_free_bytes = (uint64_t)1 << 60;
    setting_start(&fixture->setting);

    push_once(fixture, 4);
    assert_int_equal(fixture->asked.status, STATUS_UNAVAILABLE);
    assert_int_equal(fixture->asked.outcome, OUTCOME_NOT_COMMITTED);
    assert_true(strlen(fixture->asked.detail) > 10);

    assert_exposed(fixture, "host=\"test\"} 4\n");
    Forge__StatusReply *reply = ask_status(fixture);
    assert_string_equal(reply->store_state, store_state_name(STORE_READ_ONLY));
    assert_true(strlen(reply->store_reason) > 10);
    forge__status_reply__free_unpacked(reply, NULL);
}

static void
a_store_in_use_starts_no_second_service(void **state)
{
    struct fixture *fixture = *state;
    struct metrics *metrics = metrics_create();
    const struct metrics_service_options options = {.endpoint = "inproc://second",
        .instance = "second",
        .engine = STORE_LEVELDB,
        .store_path = fixture->setting.store_path,
        .metrics = metrics};
    struct metrics_service *second = NULL;
    struct problem problem = {{0}};

    assert_int_equal(
        metrics_service_create(&options, &second, &problem), STATUS_FAILED_PRECONDITION);

    assert_null(second);
    assert_true(strlen(problem.text) > 10);
    metrics_destroy(&metrics);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_push_is_exposed_and_the_first_is_durable),
        TEST(a_push_that_is_not_stored_claims_nothing),
        TEST(the_services_own_numbers_are_among_them),
        TEST(status_tells_who_is_there),
        TEST(what_was_committed_is_there_after_a_restart),
        TEST(an_unknown_metric_is_not_found),
        TEST(a_wrong_push_is_refused_and_leaves_nothing),
        TEST(only_programs_push_and_only_operators_prove),
        TEST(health_is_proved_by_writing_and_reading),
        TEST(a_store_is_restored_into_a_fresh_service),
        TEST(a_full_disk_stores_nothing_but_hides_nothing),
        TEST(a_store_in_use_starts_no_second_service),
    };
    return cmocka_run_group_tests_name("metrics service", tests, NULL, NULL);
}
