/* How a store behaves when writing fails, over the memory engine, which fails as it is told. */
#include <string.h>

#include "common/store/engine_memory.h"

#include "fixture.h"

static int
set_up(void **state)
{
    *state = store_of(STORE_MEMORY, NULL);
    return 0;
}

static int
tear_down(void **state)
{
    struct store *store = *state;
    store_close(&store);
    return 0;
}

static void
assert_reason(const struct store *store, const char *words)
{
    struct problem reason;
    store_reason(store, &reason);
    if (!strstr(reason.text, words))
        fail_msg("\"%s\" does not say \"%s\"", reason.text, words);
}

static void
a_failed_write_poisons_until_recovery(void **state)
{
    struct store *store = *state;
    struct problem problem = {0};
    assert_int_equal(commit_one(store, "a", "1"), STATUS_OK);
    uint64_t epoch = store_epoch(store);
    store_memory_set_faults(store, &(struct store_memory_faults){.writes = 1});

    assert_int_equal(commit_one(store, "b", "1"), STATUS_INTERNAL);
    assert_int_equal(store_state(store), STORE_READ_ONLY);
    assert_reason(store, "a write failed");
    assert_int_equal(commit_one(store, "c", "1"), STATUS_UNAVAILABLE);
    assert_int_equal(count_rows(store), 1);
    assert_int_equal(store_sequence(store), 1);

    assert_int_equal(store_recover(store, &problem), STATUS_OK);
    assert_int_equal(store_state(store), STORE_WRITABLE);
    assert_reason(store, "");
    assert_int_equal(store_epoch(store), epoch + 1);
    assert_int_equal(commit_one(store, "c", "1"), STATUS_OK);
    assert_int_equal(store_recover(store, &problem), STATUS_OK);
}

static void
a_batch_of_before_the_reopen_is_refused(void **state)
{
    struct store *store = *state;
    struct problem problem = {0};
    struct store_batch *batch = store_batch_create(store);
    store_batch_put(batch, TEXT("a"), TEXT("1"));
    store_memory_set_faults(store, &(struct store_memory_faults){.writes = 1});
    assert_int_equal(commit_one(store, "b", "1"), STATUS_INTERNAL);
    assert_int_equal(store_recover(store, &problem), STATUS_OK);

    assert_int_equal(store_commit(store, batch, 1, &problem), STATUS_ABORTED);

    store_batch_clear(batch);
    store_batch_put(batch, TEXT("a"), TEXT("1"));
    assert_int_equal(store_commit(store, batch, 1, &problem), STATUS_OK);
    store_batch_destroy(&batch);
}

static void
an_unknown_write_may_be_there_after_the_reopen(void **state)
{
    struct store *store = *state;
    struct problem problem = {0};
    store_memory_set_faults(store, &(struct store_memory_faults){.writes = 1, .written = true});
    assert_int_equal(commit_one(store, "a", "1"), STATUS_INTERNAL);
    assert_int_equal(store_sequence(store), 0);

    assert_int_equal(store_recover(store, &problem), STATUS_OK);

    assert_int_equal(store_sequence(store), 1);
    assert_int_equal(count_rows(store), 1);
}

static void
recovery_waits_for_no_snapshot(void **state)
{
    struct store *store = *state;
    struct problem problem = {0};
    assert_int_equal(commit_one(store, "a", "1"), STATUS_OK);
    struct store_snapshot *held = store_snapshot_create(store);
    store_memory_set_faults(store, &(struct store_memory_faults){.writes = 1});
    assert_int_equal(commit_one(store, "b", "1"), STATUS_INTERNAL);

    assert_int_equal(store_recover(store, &problem), STATUS_UNAVAILABLE);
    assert_int_equal(store_state(store), STORE_READ_ONLY);
    assert_int_equal(count_rows(store), 1);
    struct store_value value = {0};
    assert_int_equal(store_get(held, TEXT("a"), &value), STATUS_OK);
    store_value_release(&value);

    store_snapshot_destroy(&held);
    assert_int_equal(store_recover(store, &problem), STATUS_OK);
}

static void
a_reopen_that_fails_can_be_tried_again(void **state)
{
    struct store *store = *state;
    struct problem problem = {0};
    assert_int_equal(commit_one(store, "a", "1"), STATUS_OK);
    store_memory_set_faults(store, &(struct store_memory_faults){.writes = 1, .reopens = 2});
    assert_int_equal(commit_one(store, "b", "1"), STATUS_INTERNAL);

    for (int i = 0; i < 2; i++) {
        assert_int_equal(store_recover(store, &problem), STATUS_UNAVAILABLE);
        assert_int_equal(store_state(store), STORE_REOPENING);
        assert_null(store_snapshot_create(store));
        assert_int_equal(commit_one(store, "b", "1"), STATUS_UNAVAILABLE);
    }
    assert_int_equal(store_recover(store, &problem), STATUS_OK);
    assert_int_equal(count_rows(store), 1);
}

static void
a_lost_acknowledged_commit_fails_the_store_for_good(void **state)
{
    struct store *store = *state;
    struct problem problem = {0};
    assert_int_equal(commit_one(store, "a", "1"), STATUS_OK);
    store_memory_set_faults(store, &(struct store_memory_faults){.writes = 1, .lose_commit = true});
    assert_int_equal(commit_one(store, "b", "1"), STATUS_INTERNAL);

    assert_int_equal(store_recover(store, &problem), STATUS_DATA_LOSS);

    assert_int_equal(store_state(store), STORE_FAILED);
    assert_reason(store, "acknowledged commits 1 to 1 are missing");
    assert_null(store_snapshot_create(store));
    assert_int_equal(store_recover(store, &problem), STATUS_DATA_LOSS);
    assert_int_equal(commit_one(store, "c", "1"), STATUS_UNAVAILABLE);
}

static void
a_write_that_fails_in_an_import_ends_in_an_empty_store(void **state)
{
    struct store *store = *state;
    struct problem problem = {0};
    static char large[1 << 20];
    assert_int_equal(store_import_begin(store, false, &problem), STATUS_OK);
    assert_int_equal(
        store_import_add(store, TEXT("a"), text_from(large, sizeof large), &problem), STATUS_OK);
    store_memory_set_faults(store, &(struct store_memory_faults){.writes = 1});

    assert_int_equal(store_import_add(store, TEXT("b"), text_from(large, sizeof large), &problem),
        STATUS_INTERNAL);
    assert_int_equal(store_import_add(store, TEXT("c"), TEXT(""), &problem), STATUS_UNAVAILABLE);
    assert_int_equal(store_import_abort(store, &problem), STATUS_UNAVAILABLE);
    assert_int_equal(store_recover(store, &problem), STATUS_OK);

    assert_int_equal(count_rows(store), 0);
    assert_int_equal(store_import_begin(store, false, &problem), STATUS_OK);
    assert_int_equal(store_import_finish(store, 0, 0, &problem), STATUS_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_failed_write_poisons_until_recovery),
        TEST(a_batch_of_before_the_reopen_is_refused),
        TEST(an_unknown_write_may_be_there_after_the_reopen),
        TEST(recovery_waits_for_no_snapshot),
        TEST(a_reopen_that_fails_can_be_tried_again),
        TEST(a_lost_acknowledged_commit_fails_the_store_for_good),
        TEST(a_write_that_fails_in_an_import_ends_in_an_empty_store),
    };
    return cmocka_run_group_tests_name("store under faults", tests, NULL, NULL);
}
