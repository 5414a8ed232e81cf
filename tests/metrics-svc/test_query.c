#include <math.h>

#include "common/base/clock.h"
#include "metrics-svc/query.h"
#include "metrics-svc/writer.h"

#include "pushes.h"

/* Rows of two programs, each 15 s from begin_ms on, for ten minutes; begin_ms is a whole hour. */
enum { ROWS = 41 };

static const int64_t hour_ms = 3600000;
static const int64_t begin_ms = INT64_C(470000) * INT64_C(3600000);
static const int64_t late_ms = INT64_C(470000) * INT64_C(3600000) + INT64_C(15000) * (ROWS - 1);

struct fixture {
    struct store *store;
    struct metrics *metrics;
    struct store_snapshot *snapshot;
    struct arena arena;
    Forge__QueryRequest request;
    Forge__QueryReply reply;
    struct problem problem;
};

static void
store_row(struct metrics_writer *writer, const char *program, int i)
{
    const uint64_t counts[] = {(uint64_t)i * 10, (uint64_t)i * 10};
    struct push push = {.request = {.n_samples = 0}};
    push_begin(&push, program, begin_ms - 1000);
    push_counter(&push, "forge_x_total", i * 30);
    push_label(&push, "route", "/mcp");
    push_counter(&push, "forge_x_total", i * 15);
    push_label(&push, "route", "/health");
    push_gauge(&push, "forge_entries", i);
    push_histogram(&push, "forge_t_seconds", 0, counts, 2)->histogram->sum = i * 20;
    uint64_t sequence;
    assert_int_equal(
        metrics_writer_push(writer, &push.request, begin_ms + INT64_C(15000) * i, &sequence, NULL),
        STATUS_OK);
    enum rpc_outcome outcome;
    assert_int_equal(metrics_writer_commit(writer, NULL, &outcome), STATUS_OK);
}

static int
set_up_group(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.store = memory_store(), .metrics = metrics_create()};
    const struct metrics_writer_options options = {
        .store = fixture.store, .metrics = fixture.metrics, .retention_ms = 48 * hour_ms};
    struct metrics_writer *writer = metrics_writer_create(&options);
    for (int i = 0; i < ROWS; i++) {
        store_row(writer, "a", i);
        store_row(writer, "b", i);
    }
    metrics_writer_destroy(&writer);
    fixture.snapshot = store_snapshot_create(fixture.store);
    *state = &fixture;
    return 0;
}

static int
tear_down_group(void **state)
{
    struct fixture *fixture = *state;
    store_snapshot_destroy(&fixture->snapshot);
    metrics_destroy(&fixture->metrics);
    store_close(&fixture->store);
    return 0;
}

static int
set_up(void **state)
{
    struct fixture *fixture = *state;
    arena_init(&fixture->arena, 32 << 20);
    forge__query_request__init(&fixture->request);
    forge__query_reply__init(&fixture->reply);
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;
    arena_release(&fixture->arena);
    return 0;
}

static enum status
ask(struct fixture *fixture)
{
    const struct query_times times = {late_ms, clock_monotonic_ms() + 10000};
    fixture->problem = (struct problem){{0}};
    return query_run(fixture->snapshot, &fixture->request, &times, &fixture->arena, &fixture->reply,
        &fixture->problem);
}

static const char *
label(const Forge__Series *series, const char *name)
{
    for (size_t i = 0; i < series->n_labels; i++)
        if (strcmp(series->labels[i]->name, name) == 0)
            return series->labels[i]->value;
    return "";
}

static void
assert_value(const Forge__Point *point, int64_t at_ms, double value)
{
    assert_int_equal(point->at_ms, at_ms);
    if (fabs(point->value - value) > 1e-9)
        fail_msg("%.12g is not %.12g", point->value, value);
}

static void
an_hour_of_a_counter_is_its_rate_by_series(void **state)
{
    struct fixture *fixture = *state;
    fixture->request.metric = (char *)"forge_x_total";

    assert_int_equal(ask(fixture), STATUS_OK);

    assert_string_equal(fixture->reply.aggregation, "rate");
    assert_int_equal(fixture->reply.step_ms, 36000);
    assert_false(fixture->reply.truncated);
    assert_int_equal(fixture->reply.n_series, 4);
    const Forge__Series *series = fixture->reply.series[0];
    assert_string_equal(series->name, "forge_x_total");
    assert_string_equal(label(series, "route"), "/mcp");
    assert_string_equal(label(series, "program"), "a");
    assert_string_equal(label(series, "instance"), "a@test");
    assert_string_equal(label(series, "host"), "test");
    /* The first row is 1 s after the program's start and holds zero. */
    assert_true(series->points[0]->value == 0);
    for (size_t i = 1; i < series->n_points; i++)
        assert_true(fabs(series->points[i]->value - 2) < 1e-9);
    assert_string_equal(label(fixture->reply.series[3], "program"), "b");
}

static void
labels_choose_series(void **state)
{
    struct fixture *fixture = *state;
    Forge__Label route, program;
    forge__label__init(&route);
    forge__label__init(&program);
    route.name = (char *)"route";
    route.value = (char *)"/health";
    program.name = (char *)"program";
    program.value = (char *)"b";
    Forge__Label *labels[] = {&route, &program};
    fixture->request.metric = (char *)"forge_x_total";
    fixture->request.labels = labels;
    fixture->request.n_labels = 2;

    assert_int_equal(ask(fixture), STATUS_OK);
    assert_int_equal(fixture->reply.n_series, 1);
    assert_string_equal(label(fixture->reply.series[0], "route"), "/health");
    assert_true(fabs(fixture->reply.series[0]->points[5]->value - 1) < 1e-9);

    route.value = (char *)"/none";
    assert_int_equal(ask(fixture), STATUS_OK);
}

static void
steps_are_aligned_and_values_are_of_their_step(void **state)
{
    struct fixture *fixture = *state;
    fixture->request.metric = (char *)"forge_entries";
    fixture->request.since_ms = begin_ms;
    fixture->request.until_ms = begin_ms + 150000;
    fixture->request.step_ms = 60000;

    assert_int_equal(ask(fixture), STATUS_OK);

    assert_string_equal(fixture->reply.aggregation, "avg");
    assert_int_equal(fixture->reply.n_series, 2);
    const Forge__Series *series = fixture->reply.series[0];
    assert_int_equal(series->n_points, 3);
    assert_value(series->points[0], begin_ms + 60000, (1 + 2 + 3 + 4) / 4.0);
    assert_value(series->points[1], begin_ms + 120000, (5 + 6 + 7 + 8) / 4.0);
    assert_value(series->points[2], begin_ms + 150000, (9 + 10) / 2.0);
}

static void
a_histogram_gives_quantiles_means_and_rates(void **state)
{
    struct fixture *fixture = *state;
    fixture->request.metric = (char *)"forge_t_seconds";
    fixture->request.since_ms = begin_ms;
    fixture->request.until_ms = begin_ms + 120000;
    fixture->request.step_ms = 60000;

    assert_int_equal(ask(fixture), STATUS_OK);
    assert_string_equal(fixture->reply.aggregation, "p95");
    /* Half of the values in (2^(-1/8), 1], half in (1, 2^(1/8)]. */
    assert_value(fixture->reply.series[0]->points[1], begin_ms + 120000, exp2(0.9 / 8));

    fixture->request.aggregation = (char *)"p50";
    forge__query_reply__init(&fixture->reply);
    assert_int_equal(ask(fixture), STATUS_OK);
    assert_value(fixture->reply.series[0]->points[1], begin_ms + 120000, 1);

    fixture->request.aggregation = (char *)"avg";
    forge__query_reply__init(&fixture->reply);
    assert_int_equal(ask(fixture), STATUS_OK);
    assert_value(fixture->reply.series[0]->points[1], begin_ms + 120000, 1);

    fixture->request.aggregation = (char *)"rate";
    forge__query_reply__init(&fixture->reply);
    assert_int_equal(ask(fixture), STATUS_OK);
    assert_value(fixture->reply.series[0]->points[0], begin_ms + 60000, 20 / 15.0);
}

static void
a_range_that_begins_between_key_rows_knows_all_series(void **state)
{
    struct fixture *fixture = *state;
    fixture->request.metric = (char *)"forge_x_total";
    fixture->request.aggregation = (char *)"sum";
    fixture->request.since_ms = begin_ms + 450000;
    fixture->request.until_ms = begin_ms + 510000;
    fixture->request.step_ms = 30000;

    assert_int_equal(ask(fixture), STATUS_OK);

    assert_int_equal(fixture->reply.n_series, 4);
    assert_int_equal(fixture->reply.series[0]->n_points, 2);
    assert_value(fixture->reply.series[0]->points[0], begin_ms + 480000, 60);
    assert_value(fixture->reply.series[0]->points[1], begin_ms + 510000, 60);
}

static void
too_many_steps_leave_the_newest(void **state)
{
    struct fixture *fixture = *state;
    fixture->request.metric = (char *)"forge_entries";
    fixture->request.since_ms = begin_ms;
    fixture->request.until_ms = begin_ms + 600000;
    fixture->request.step_ms = 15000;
    fixture->request.max_points = 10;

    assert_int_equal(ask(fixture), STATUS_OK);

    assert_true(fixture->reply.truncated);
    assert_int_equal(fixture->reply.series[0]->n_points, 10);
    assert_value(fixture->reply.series[0]->points[0], begin_ms + 465000, 31);
    assert_value(fixture->reply.series[0]->points[9], begin_ms + 600000, 40);
}

static void
a_short_step_is_the_distance_of_rows(void **state)
{
    struct fixture *fixture = *state;
    fixture->request.metric = (char *)"forge_entries";
    fixture->request.since_ms = begin_ms;
    fixture->request.until_ms = begin_ms + 60000;
    fixture->request.step_ms = 1;

    assert_int_equal(ask(fixture), STATUS_OK);

    assert_int_equal(fixture->reply.step_ms, 15000);
    assert_int_equal(fixture->reply.series[0]->n_points, 4);
}

static void
an_unknown_metric_is_not_found_and_near_ones_are_named(void **state)
{
    struct fixture *fixture = *state;
    fixture->request.metric = (char *)"forge_entry";

    assert_int_equal(ask(fixture), STATUS_NOT_FOUND);
    assert_string_equal(
        fixture->problem.text, "no metric is named 'forge_entry'; did you mean forge_entries?");

    fixture->request.metric = (char *)"zzz";
    assert_int_equal(ask(fixture), STATUS_NOT_FOUND);
    assert_string_equal(fixture->problem.text, "no metric is named 'zzz'");
}

static void
wrong_questions_are_refused(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(ask(fixture), STATUS_INVALID_ARGUMENT);
    fixture->request.metric = (char *)"forge_entries";
    fixture->request.aggregation = (char *)"median";
    assert_int_equal(ask(fixture), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(fixture->problem.text, "'median' is none of avg, min"));
    fixture->request.aggregation = (char *)"";
    fixture->request.since_ms = fixture->request.until_ms = begin_ms;
    assert_int_equal(ask(fixture), STATUS_INVALID_ARGUMENT);
    fixture->request.since_ms = -5;
    assert_int_equal(ask(fixture), STATUS_INVALID_ARGUMENT);
    fixture->request.since_ms = 1;
    fixture->request.until_ms = INT64_MAX;
    assert_int_equal(ask(fixture), STATUS_INVALID_ARGUMENT);
}

static void
a_range_without_rows_is_an_empty_answer(void **state)
{
    struct fixture *fixture = *state;
    fixture->request.metric = (char *)"forge_entries";
    fixture->request.since_ms = begin_ms - 2 * hour_ms;
    fixture->request.until_ms = begin_ms - hour_ms;

    assert_int_equal(ask(fixture), STATUS_OK);

    assert_int_equal(fixture->reply.n_series, 0);
}

static void
a_query_ends_at_its_deadline(void **state)
{
    struct fixture *fixture = *state;
    fixture->request.metric = (char *)"forge_entries";
    const struct query_times times = {late_ms, clock_monotonic_ms() - 1};
    struct metrics_writer *writer;
    const struct metrics_writer_options options = {
        .store = fixture->store, .metrics = fixture->metrics, .retention_ms = 48 * hour_ms};
    writer = metrics_writer_create(&options);
    for (int i = ROWS; i < ROWS + 300; i++)
        store_row(writer, "c", i);
    metrics_writer_destroy(&writer);
    store_snapshot_destroy(&fixture->snapshot);
    fixture->snapshot = store_snapshot_create(fixture->store);
    fixture->request.since_ms = begin_ms;
    fixture->request.until_ms = begin_ms + 24 * hour_ms;

    assert_int_equal(query_run(fixture->snapshot, &fixture->request, &times, &fixture->arena,
                         &fixture->reply, &fixture->problem),
        STATUS_DEADLINE_EXCEEDED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_hour_of_a_counter_is_its_rate_by_series),
        TEST(labels_choose_series),
        TEST(steps_are_aligned_and_values_are_of_their_step),
        TEST(a_histogram_gives_quantiles_means_and_rates),
        TEST(a_range_that_begins_between_key_rows_knows_all_series),
        TEST(too_many_steps_leave_the_newest),
        TEST(a_short_step_is_the_distance_of_rows),
        TEST(an_unknown_metric_is_not_found_and_near_ones_are_named),
        TEST(wrong_questions_are_refused),
        TEST(a_range_without_rows_is_an_empty_answer),
        TEST(a_query_ends_at_its_deadline),
    };
    return cmocka_run_group_tests_name("metrics query", tests, set_up_group, tear_down_group);
}
