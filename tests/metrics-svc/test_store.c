#include "metrics-svc/pack.h"
#include "metrics-svc/store.h"

#include "pushes.h"

struct fixture {
    struct store *store;
    struct store_batch *batch;
    struct store_snapshot *snapshot;
};

static int
set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.store = memory_store()};
    fixture.batch = store_batch_create(fixture.store);
    *state = &fixture;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->snapshot)
        store_snapshot_destroy(&fixture->snapshot);
    store_batch_destroy(&fixture->batch);
    store_close(&fixture->store);
    return 0;
}

static void
commit(struct fixture *fixture)
{
    struct problem problem;
    assert_int_equal(store_commit(fixture->store, fixture->batch, 1, &problem), STATUS_OK);
    store_batch_clear(fixture->batch);
    if (fixture->snapshot)
        store_snapshot_destroy(&fixture->snapshot);
    fixture->snapshot = store_snapshot_create(fixture->store);
    assert_non_null(fixture->snapshot);
}

static void
put_series(struct fixture *fixture, uint32_t id, struct text name)
{
    struct buffer labels = {0};
    pack_text(&labels, TEXT("route"));
    pack_text(&labels, TEXT("/mcp"));
    const struct metrics_series series = {.id = id,
        .instance_id = 9,
        .kind = SERIES_HISTOGRAM,
        .name = name,
        .labels = buffer_text(&labels),
        .help = TEXT("Help.")};
    metrics_store_put_series(fixture->batch, &series);
    buffer_release(&labels);
}

struct seen {
    size_t count;
    uint32_t ids[8];
    char words[8][64];
};

static void
see_series(void *argument, const struct metrics_series *series)
{
    struct seen *seen = argument;
    struct text labels = series->labels, name, value;
    assert_int_equal(series->instance_id, 9);
    assert_int_equal(series->kind, SERIES_HISTOGRAM);
    assert_true(text_is(series->help, "Help."));
    assert_true(metrics_labels_next(&labels, &name, &value));
    assert_true(text_is(name, "route") && text_is(value, "/mcp"));
    seen->ids[seen->count++] = series->id;
}

static void
see_name(void *argument, struct text name)
{
    struct seen *seen = argument;
    memcpy(seen->words[seen->count++], name.data, name.length);
}

static void
see_instance(void *argument, const struct metrics_instance *instance)
{
    struct seen *seen = argument;
    assert_true(text_is(instance->program, "mcp_server"));
    assert_true(text_is(instance->instance, "left"));
    assert_true(text_is(instance->host, "h"));
    seen->ids[seen->count++] = instance->id;
}

static void
series_are_found_by_their_exact_name(void **state)
{
    struct fixture *fixture = *state;
    put_series(fixture, 1, TEXT("forge_a"));
    put_series(fixture, 2, TEXT("forge_a_total"));
    put_series(fixture, 3, TEXT("forge_a"));
    put_series(fixture, 4, TEXT("forge_"));
    commit(fixture);

    struct seen one = {0}, all = {0}, none = {0};
    assert_int_equal(
        metrics_store_each_series(fixture->snapshot, TEXT("forge_a"), see_series, &one), STATUS_OK);
    assert_int_equal(
        metrics_store_each_series(fixture->snapshot, TEXT(""), see_series, &all), STATUS_OK);
    assert_int_equal(
        metrics_store_each_series(fixture->snapshot, TEXT("forge_b"), see_series, &none),
        STATUS_OK);

    assert_int_equal(one.count, 2);
    assert_int_equal(one.ids[0], 1);
    assert_int_equal(one.ids[1], 3);
    assert_int_equal(all.count, 4);
    assert_int_equal(none.count, 0);
}

static void
each_name_is_seen_once(void **state)
{
    struct fixture *fixture = *state;
    put_series(fixture, 1, TEXT("forge_a"));
    put_series(fixture, 2, TEXT("forge_a"));
    put_series(fixture, 3, TEXT("forge_ab"));
    commit(fixture);

    struct seen seen = {0};
    assert_int_equal(metrics_store_each_name(fixture->snapshot, see_name, &seen), STATUS_OK);

    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.words[0], "forge_a");
    assert_string_equal(seen.words[1], "forge_ab");
}

static void
an_instance_comes_back_and_goes(void **state)
{
    struct fixture *fixture = *state;
    const struct metrics_instance instance = {77, TEXT("mcp_server"), TEXT("left"), TEXT("h")};
    metrics_store_put_instance(fixture->batch, &instance);
    commit(fixture);

    struct seen seen = {0};
    assert_int_equal(
        metrics_store_each_instance(fixture->snapshot, see_instance, &seen), STATUS_OK);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.ids[0], 77);

    metrics_store_delete_instance(fixture->batch, 77);
    commit(fixture);
    assert_int_equal(
        metrics_store_each_instance(fixture->snapshot, see_instance, &seen), STATUS_OK);
    assert_int_equal(seen.count, 1);
}

static size_t
count_rows(struct fixture *fixture, uint32_t instance_id, int64_t from_ms, int64_t to_ms)
{
    struct store_scan *scan =
        metrics_store_scan_rows(fixture->snapshot, instance_id, from_ms, to_ms, false);
    struct text key, value;
    size_t count = 0;
    int64_t last_ms = -1;
    for (; store_scan_next(scan, &key, &value); count++) {
        assert_true(metrics_store_row_time(key) > last_ms);
        last_ms = metrics_store_row_time(key);
    }
    assert_int_equal(store_scan_status(scan), STATUS_OK);
    store_scan_destroy(&scan);
    return count;
}

static void
rows_of_an_instance_are_a_range_of_time(void **state)
{
    struct fixture *fixture = *state;
    for (int64_t time = 1000; time <= 10000; time += 1000) {
        metrics_store_put_row(fixture->batch, 1, time, TEXT("row"));
        metrics_store_put_row(fixture->batch, 2, time, TEXT("row"));
    }
    commit(fixture);

    assert_int_equal(count_rows(fixture, 1, 0, INT64_MAX), 10);
    assert_int_equal(count_rows(fixture, 1, 2000, 5000), 3);
    assert_int_equal(count_rows(fixture, 1, -500, 1000), 0);
    assert_int_equal(count_rows(fixture, 3, 0, INT64_MAX), 0);
}

static void
trimming_takes_the_oldest_and_stops_at_its_limit(void **state)
{
    struct fixture *fixture = *state;
    for (int64_t time = 1; time <= 10; time++)
        metrics_store_put_row(fixture->batch, 1, time, TEXT("row"));
    commit(fixture);

    size_t left = 3;
    assert_int_equal(metrics_store_trim(fixture->snapshot, fixture->batch, 1, 8, &left), STATUS_OK);
    commit(fixture);
    assert_int_equal(left, 0);
    assert_int_equal(count_rows(fixture, 1, 0, 4), 0);
    assert_int_equal(count_rows(fixture, 1, 0, INT64_MAX), 7);

    left = 100;
    assert_int_equal(metrics_store_trim(fixture->snapshot, fixture->batch, 1, 8, &left), STATUS_OK);
    commit(fixture);
    assert_int_equal(left, 96);
    assert_int_equal(count_rows(fixture, 1, 0, INT64_MAX), 3);
}

static void
a_record_that_is_none_is_damage(void **state)
{
    struct fixture *fixture = *state;
    struct seen seen = {0};

    store_batch_put(fixture->batch,
        TEXT("n"
             "x\0\0\0\0\1"),
        TEXT("\x01\x01"));
    store_batch_put(fixture->batch, TEXT("i\0\0\0\1"), TEXT("\x02"));
    commit(fixture);

    assert_int_equal(metrics_store_each_series(fixture->snapshot, TEXT(""), see_series, &seen),
        STATUS_DATA_LOSS);
    assert_int_equal(metrics_store_each_name(fixture->snapshot, see_name, &seen), STATUS_DATA_LOSS);
    assert_int_equal(
        metrics_store_each_instance(fixture->snapshot, see_instance, &seen), STATUS_DATA_LOSS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(series_are_found_by_their_exact_name),
        TEST(each_name_is_seen_once),
        TEST(an_instance_comes_back_and_goes),
        TEST(rows_of_an_instance_are_a_range_of_time),
        TEST(trimming_takes_the_oldest_and_stops_at_its_limit),
        TEST(a_record_that_is_none_is_damage),
    };
    return cmocka_run_group_tests_name("metrics store", tests, NULL, NULL);
}
