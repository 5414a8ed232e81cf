/* What an import must do over every engine. */
#include <string.h>

#include "common/base/memory.h"

#include "fixture.h"

/* The folder of the LevelDB one; the store is the test's state. */
static char *folder;

static int
set_up_leveldb(void **state)
{
    folder = folder_make();
    *state = store_of(STORE_LEVELDB, folder);
    return 0;
}

static int
set_up_memory(void **state)
{
    *state = store_of(STORE_MEMORY, NULL);
    return 0;
}

static int
tear_down(void **state)
{
    struct store *store = *state;
    store_close(&store);
    folder_remove(&folder);
    return 0;
}

static void
assert_value(struct store *store, const char *key, const char *expected)
{
    CLEANUP(memory_free) char *value = get_one(store, key);
    assert_non_null(value);
    assert_string_equal(value, expected);
}

static void
import_one(struct store *store, const char *key, enum status expected)
{
    struct problem problem = {0};
    assert_int_equal(store_import_add(store, text_of(key), TEXT("imported"), &problem), expected);
}

static void
an_import_becomes_the_store(void **state)
{
    struct store *store = *state;
    struct problem problem = {0};
    uint64_t epoch = store_epoch(store);
    struct store_batch *old = store_batch_create(store);
    store_batch_put(old, TEXT("z"), TEXT("1"));
    assert_int_equal(store_import_begin(store, false, &problem), STATUS_OK);
    assert_int_equal(store_commit(store, old, 1, &problem), STATUS_UNAVAILABLE);
    import_one(store, "a", STATUS_OK);
    import_one(store, "b", STATUS_OK);

    assert_int_equal(store_import_finish(store, 77, 2, &problem), STATUS_OK);

    assert_int_equal(store_sequence(store), 77);
    assert_int_equal(store_epoch(store), epoch + 1);
    assert_int_equal(count_rows(store), 2);
    assert_value(store, "b", "imported");
    assert_int_equal(store_commit(store, old, 1, &problem), STATUS_ABORTED);
    store_batch_destroy(&old);
    assert_int_equal(commit_one(store, "c", "1"), STATUS_OK);
    assert_int_equal(store_sequence(store), 78);
}

static void
an_import_refuses_what_does_not_fit(void **state)
{
    struct store *store = *state;
    struct problem problem = {0};
    char long_key[STORE_KEY_MAX + 2];
    memset(long_key, 'x', sizeof long_key);
    long_key[sizeof long_key - 1] = '\0';
    assert_int_equal(store_import_begin(store, false, &problem), STATUS_OK);

    import_one(store, "", STATUS_INVALID_ARGUMENT);
    import_one(store, long_key, STATUS_INVALID_ARGUMENT);
    assert_int_equal(store_import_add(store, text_from("\0id", 3), TEXT("x"), &problem),
        STATUS_INVALID_ARGUMENT);
    import_one(store, "b", STATUS_OK);
    import_one(store, "b", STATUS_INVALID_ARGUMENT);
    import_one(store, "a", STATUS_INVALID_ARGUMENT);
    assert_int_equal(store_import_finish(store, 5, 2, &problem), STATUS_DATA_LOSS);
    assert_int_equal(store_import_finish(store, 5, 1, &problem), STATUS_OK);
}

static void
an_aborted_import_leaves_an_empty_store(void **state)
{
    struct store *store = *state;
    struct problem problem = {0};
    assert_int_equal(store_import_begin(store, false, &problem), STATUS_OK);
    CLEANUP(memory_free) char *large = memory_new(1 << 19);
    for (char key[2] = "a"; key[0] < 'g'; key[0]++)
        assert_int_equal(
            store_import_add(store, text_of(key), text_from(large, 1 << 19), &problem), STATUS_OK);

    assert_int_equal(store_import_abort(store, &problem), STATUS_OK);

    assert_int_equal(count_rows(store), 0);
    assert_int_equal(store_sequence(store), 0);
    assert_int_equal(store_import_begin(store, false, &problem), STATUS_OK);
    assert_int_equal(store_import_abort(store, &problem), STATUS_OK);
}

static void
an_import_replaces_records_only_when_told(void **state)
{
    struct store *store = *state;
    struct problem problem = {0};
    assert_int_equal(commit_one(store, "probe", "1"), STATUS_OK);

    assert_int_equal(store_import_begin(store, false, &problem), STATUS_FAILED_PRECONDITION);
    assert_value(store, "probe", "1");
    assert_int_equal(store_import_begin(store, true, &problem), STATUS_OK);
    import_one(store, "a", STATUS_OK);
    assert_int_equal(store_import_finish(store, 40, 1, &problem), STATUS_OK);

    assert_null(get_one(store, "probe"));
    assert_int_equal(count_rows(store), 1);
}

/* The same test over both engines; the second name says over which. */
#define OVER_BOTH(test)                                                                            \
    {#test " (leveldb)", test, set_up_leveldb, tear_down, NULL},                                   \
    {                                                                                              \
#test " (memory)", test, set_up_memory, tear_down, NULL                                    \
    }

int
main(void)
{
    const struct CMUnitTest tests[] = {
        OVER_BOTH(an_import_becomes_the_store),
        OVER_BOTH(an_import_refuses_what_does_not_fit),
        OVER_BOTH(an_aborted_import_leaves_an_empty_store),
        OVER_BOTH(an_import_replaces_records_only_when_told),
    };
    return cmocka_run_group_tests_name("store import", tests, NULL, NULL);
}
