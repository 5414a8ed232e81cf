#include <stdio.h>

#include "metrics-svc/catalog.h"

#include "pushes.h"

struct fixture {
    struct store *store;
    struct store_batch *batch;
    struct catalog *catalog;
};

static void
load(struct fixture *fixture)
{
    catalog_destroy(&fixture->catalog);
    struct store_snapshot *snapshot = store_snapshot_create(fixture->store);
    assert_non_null(snapshot);
    assert_int_equal(catalog_load(snapshot, &fixture->catalog), STATUS_OK);
    store_snapshot_destroy(&snapshot);
}

static void
commit_and_load(struct fixture *fixture)
{
    struct problem problem;
    assert_int_equal(store_commit(fixture->store, fixture->batch, 1, &problem), STATUS_OK);
    store_batch_clear(fixture->batch);
    load(fixture);
}

static int
set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.store = memory_store()};
    fixture.batch = store_batch_create(fixture.store);
    load(&fixture);
    *state = &fixture;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;
    catalog_destroy(&fixture->catalog);
    store_batch_destroy(&fixture->batch);
    store_close(&fixture->store);
    return 0;
}

static struct catalog_instance *
instance(struct fixture *fixture, const char *name, const char *host)
{
    const struct metrics_instance wanted = {
        .program = TEXT("p"), .instance = text_of(name), .host = text_of(host)};
    return catalog_find_instance(fixture->catalog, &wanted, fixture->batch);
}

static struct catalog_series *
series(struct fixture *fixture, uint32_t instance_id, const char *name, enum series_kind kind)
{
    const struct metrics_series wanted = {.instance_id = instance_id,
        .kind = kind,
        .name = text_of(name),
        .labels = TEXT(""),
        .help = TEXT("Help.")};
    return catalog_find_series(fixture->catalog, &wanted, fixture->batch);
}

static void
what_was_named_keeps_its_id_across_a_restart(void **state)
{
    struct fixture *fixture = *state;
    uint32_t left = instance(fixture, "left", "h")->record.id;
    uint32_t right = instance(fixture, "right", "h")->record.id;
    uint32_t one = series(fixture, left, "forge_a", SERIES_GAUGE)->record.id;
    uint32_t two = series(fixture, right, "forge_a", SERIES_GAUGE)->record.id;
    uint32_t three = series(fixture, left, "forge_a", SERIES_COUNTER)->record.id;
    assert_true(left != right && one != two && two != three && one != three);

    commit_and_load(fixture);

    assert_int_equal(catalog_instance_count(fixture->catalog), 2);
    assert_int_equal(catalog_series_count(fixture->catalog), 3);
    assert_int_equal(instance(fixture, "right", "h")->record.id, right);
    assert_int_equal(series(fixture, left, "forge_a", SERIES_GAUGE)->record.id, one);
    assert_int_equal(series(fixture, right, "forge_a", SERIES_GAUGE)->record.id, two);
    assert_int_equal(series(fixture, left, "forge_a", SERIES_COUNTER)->record.id, three);
    assert_int_equal(store_batch_bytes(fixture->batch), 0);
    assert_true(series(fixture, left, "forge_b", SERIES_GAUGE)->record.id > three);
}

static void
a_program_that_moved_is_the_same_instance(void **state)
{
    struct fixture *fixture = *state;
    uint32_t id = instance(fixture, "left", "old")->record.id;

    assert_int_equal(instance(fixture, "left", "new")->record.id, id);
    commit_and_load(fixture);

    assert_true(text_is(catalog_instance_at(fixture->catalog, 0)->record.host, "new"));
}

static void
the_last_rows_time_is_read_back(void **state)
{
    struct fixture *fixture = *state;
    uint32_t id = instance(fixture, "left", "h")->record.id;
    metrics_store_put_row(fixture->batch, id, 1000, TEXT("row"));
    metrics_store_put_row(fixture->batch, id, 3000, TEXT("row"));

    commit_and_load(fixture);

    assert_int_equal(instance(fixture, "left", "h")->last_row_ms, 3000);
    assert_true(instance(fixture, "left", "h")->key_due);
}

static void
a_removed_instance_takes_its_series_along(void **state)
{
    struct fixture *fixture = *state;
    uint32_t left = instance(fixture, "left", "h")->record.id;
    uint32_t right = instance(fixture, "right", "h")->record.id;
    char name[32];
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "forge_%d", i);
        series(fixture, i % 2 ? left : right, name, SERIES_GAUGE);
    }
    commit_and_load(fixture);

    catalog_remove_instance(fixture->catalog, instance(fixture, "left", "h"), fixture->batch);
    assert_int_equal(catalog_series_count(fixture->catalog), 250);
    commit_and_load(fixture);

    assert_int_equal(catalog_instance_count(fixture->catalog), 1);
    assert_int_equal(catalog_series_count(fixture->catalog), 250);
    assert_int_equal(instance(fixture, "right", "h")->record.id, right);
}

static void
instances_and_series_are_bounded(void **state)
{
    struct fixture *fixture = *state;
    char name[32];
    for (int i = 0; i < CATALOG_INSTANCES_MAX; i++) {
        snprintf(name, sizeof name, "i%d", i);
        assert_non_null(instance(fixture, name, "h"));
    }
    assert_null(instance(fixture, "one more", "h"));
    assert_non_null(instance(fixture, "i0", "h"));

    for (int i = 0; i < CATALOG_SERIES_MAX; i++) {
        snprintf(name, sizeof name, "forge_%d", i);
        assert_non_null(series(fixture, 1, name, SERIES_GAUGE));
    }
    assert_null(series(fixture, 1, "one_more", SERIES_GAUGE));
    assert_non_null(series(fixture, 1, "forge_0", SERIES_GAUGE));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_named_keeps_its_id_across_a_restart),
        TEST(a_program_that_moved_is_the_same_instance),
        TEST(the_last_rows_time_is_read_back),
        TEST(a_removed_instance_takes_its_series_along),
        TEST(instances_and_series_are_bounded),
    };
    return cmocka_run_group_tests_name("metrics catalog", tests, NULL, NULL);
}
