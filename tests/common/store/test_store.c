/* What every engine must do: each test runs over LevelDB and over memory. */
#include <stdlib.h>
#include <string.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"

#include "fixture.h"

struct setting {
    char *folder;
    struct store *store;
    struct store_snapshot *snapshot; /* for tests that need one; let go by the teardown */
};

static int
set_up(void **state, enum store_engine engine)
{
    struct setting *self = memory_new(sizeof *self);
    self->folder = folder_make();
    self->store = store_of(engine, self->folder);
    *state = self;
    return 0;
}

static int
set_up_leveldb(void **state)
{
    return set_up(state, STORE_LEVELDB);
}

static int
set_up_memory(void **state)
{
    return set_up(state, STORE_MEMORY);
}

static int
tear_down(void **state)
{
    struct setting *self = *state;
    store_snapshot_destroy(&self->snapshot);
    store_close(&self->store);
    folder_remove(&self->folder);
    free(self);
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
a_new_store_is_empty_and_writable(void **state)
{
    struct setting *self = *state;
    struct problem reason;
    store_reason(self->store, &reason);

    assert_int_equal(store_state(self->store), STORE_WRITABLE);
    assert_string_equal(reason.text, "");
    assert_int_equal(store_sequence(self->store), 0);
    assert_int_equal(store_epoch(self->store), 1);
    assert_int_equal(store_format(self->store), 1);
    assert_int_equal(count_rows(self->store), 0);
}

static void
a_commit_is_read_back(void **state)
{
    struct setting *self = *state;

    assert_int_equal(commit_one(self->store, "a", "1"), STATUS_OK);
    assert_int_equal(commit_one(self->store, "a", "2"), STATUS_OK);
    assert_int_equal(commit_one(self->store, "empty", ""), STATUS_OK);

    assert_value(self->store, "a", "2");
    assert_value(self->store, "empty", "");
    assert_null(get_one(self->store, "b"));
    assert_int_equal(store_sequence(self->store), 3);
}

static void
a_batch_keeps_its_order(void **state)
{
    struct setting *self = *state;
    struct problem problem = {0};
    struct store_batch *batch = store_batch_create(self->store);
    store_batch_put(batch, TEXT("a"), TEXT("1"));
    store_batch_delete(batch, TEXT("a"));
    store_batch_put(batch, TEXT("b"), TEXT("1"));
    store_batch_put(batch, TEXT("b"), TEXT("2"));
    assert_int_equal(store_batch_bytes(batch), 7);

    assert_int_equal(store_commit(self->store, batch, 5, &problem), STATUS_OK);
    store_batch_destroy(&batch);

    assert_null(get_one(self->store, "a"));
    assert_value(self->store, "b", "2");
    assert_int_equal(store_sequence(self->store), 5);
}

static void
a_snapshot_does_not_change(void **state)
{
    struct setting *self = *state;
    assert_int_equal(commit_one(self->store, "a", "old"), STATUS_OK);
    self->snapshot = store_snapshot_create(self->store);

    assert_int_equal(commit_one(self->store, "a", "new"), STATUS_OK);
    assert_int_equal(commit_one(self->store, "b", "new"), STATUS_OK);

    struct store_value value = {0};
    assert_int_equal(store_get(self->snapshot, TEXT("a"), &value), STATUS_OK);
    assert_true(text_is(value.bytes, "old"));
    store_value_release(&value);
    assert_int_equal(store_get(self->snapshot, TEXT("b"), &value), STATUS_NOT_FOUND);
    assert_int_equal(store_snapshot_sequence(self->snapshot), 1);
    assert_value(self->store, "a", "new");
}

/* The rows of a scan as "k=v k=v ", from `seek` on when that is given. */
static void
scan_text(
    struct setting *self, const char *range[2], const char *seek, bool backward, struct buffer *out)
{
    if (!self->snapshot)
        self->snapshot = store_snapshot_create(self->store);
    struct store_scan *scan =
        store_scan_create(self->snapshot, text_of(range[0]), text_of(range[1]), backward);
    if (seek)
        store_scan_seek(scan, text_of(seek));
    struct text key, value;
    buffer_clear(out);
    while (store_scan_next(scan, &key, &value))
        buffer_format(out, "%.*s=%.*s ", TEXT_FORMAT(key), TEXT_FORMAT(value));
    assert_false(store_scan_next(scan, &key, &value));
    assert_int_equal(store_scan_status(scan), STATUS_OK);
    store_scan_destroy(&scan);
}

static void
scans_keep_to_their_range(void **state)
{
    struct setting *self = *state;
    const char *const keys[] = {"a", "b", "ba", "c", "d", "\xff\xff"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_int_equal(commit_one(self->store, keys[i], "1"), STATUS_OK);
    struct store_batch *batch = store_batch_create(self->store);
    store_batch_delete(batch, TEXT("c"));
    struct problem problem = {0};
    assert_int_equal(store_commit(self->store, batch, 1, &problem), STATUS_OK);
    store_batch_destroy(&batch);
    static const struct {
        const char *range[2], *seek;
        bool backward;
        const char *rows;
    } cases[] = {
        {{"", ""}, NULL, false, "a=1 b=1 ba=1 d=1 \xff\xff=1 "},
        {{"", ""}, NULL, true, "\xff\xff=1 d=1 ba=1 b=1 a=1 "},
        {{"b", "d"}, NULL, false, "b=1 ba=1 "},
        {{"b", "d"}, NULL, true, "ba=1 b=1 "},
        {{"b", "c"}, NULL, true, "ba=1 b=1 "},
        {{"c", "d"}, NULL, false, ""},
        {{"c", "d"}, NULL, true, ""},
        {{"", "a"}, NULL, false, ""},
        {{"", "a"}, NULL, true, ""},
        {{"e", ""}, NULL, false, "\xff\xff=1 "},
        {{"e", "f"}, NULL, true, ""},
        {{"a", ""}, "ba", false, "ba=1 d=1 \xff\xff=1 "},
        {{"b", "e"}, "a", false, "b=1 ba=1 d=1 "},
        {{"a", "e"}, "zz", false, ""},
        {{"a", "e"}, "d", true, "ba=1 b=1 a=1 "},
        {{"b", "d"}, "zz", true, "ba=1 b=1 "},
        {{"b", "e"}, "b", true, ""},
        {{"", ""}, "\xff\xff\xff", true, "\xff\xff=1 d=1 ba=1 b=1 a=1 "},
    };
    struct buffer out = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *range[2] = {cases[i].range[0], cases[i].range[1]};
        scan_text(self, range, cases[i].seek, cases[i].backward, &out);
        assert_string_equal(buffer_string(&out), cases[i].rows);
    }
    buffer_release(&out);
}

static void
a_scan_can_seek_between_rows(void **state)
{
    struct setting *self = *state;
    commit_many(self->store, 50, 10);
    self->snapshot = store_snapshot_create(self->store);
    struct store_scan *scan = store_scan_create(self->snapshot, TEXT(""), TEXT(""), false);
    struct text key, value;

    assert_true(store_scan_next(scan, &key, &value));
    assert_true(text_is(key, "key00000"));
    store_scan_seek(scan, TEXT("key00030"));
    assert_true(store_scan_next(scan, &key, &value));
    assert_true(text_is(key, "key00030"));
    assert_true(store_scan_next(scan, &key, &value));
    assert_true(text_is(key, "key00031"));
    store_scan_seek(scan, TEXT("l"));
    assert_false(store_scan_next(scan, &key, &value));
    store_scan_destroy(&scan);
}

static void
the_stores_own_keys_are_hidden(void **state)
{
    struct setting *self = *state;
    assert_int_equal(commit_one(self->store, "a", "1"), STATUS_OK);
    self->snapshot = store_snapshot_create(self->store);
    struct store_value value = {0};
    struct buffer out = {0};

    assert_int_equal(
        store_get(self->snapshot, text_from("\0sequence", 9), &value), STATUS_NOT_FOUND);
    const char *range[2] = {"", ""};
    scan_text(self, range, NULL, true, &out);
    assert_string_equal(buffer_string(&out), "a=1 ");
    buffer_release(&out);
}

static enum status
commit_sized(struct store *store, size_t key_bytes, size_t value_bytes, unsigned times)
{
    CLEANUP(memory_free) char *bytes = memory_new(key_bytes + value_bytes + 1);
    memset(bytes, 'x', key_bytes + value_bytes);
    struct store_batch *batch = store_batch_create(store);
    for (unsigned i = 0; i < times; i++)
        store_batch_put(
            batch, text_from(bytes, key_bytes), text_from(bytes + key_bytes, value_bytes));
    struct problem problem = {0};
    enum status status = store_commit(store, batch, 1, &problem);
    if (status != STATUS_OK)
        assert_string_not_equal(problem.text, "");
    store_batch_destroy(&batch);
    return status;
}

static void
limits_are_enforced_at_the_byte(void **state)
{
    struct setting *self = *state;

    assert_int_equal(commit_sized(self->store, 1024, 1, 1), STATUS_OK);
    assert_int_equal(commit_sized(self->store, 1025, 1, 1), STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(commit_sized(self->store, 1, 4 << 20, 1), STATUS_OK);
    assert_int_equal(commit_sized(self->store, 1, (4 << 20) + 1, 1), STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(commit_sized(self->store, 1, (4 << 20) - 1, 4), STATUS_OK);
    assert_int_equal(commit_sized(self->store, 1, 4 << 20, 4), STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(store_sequence(self->store), 3);
    assert_int_equal(store_state(self->store), STORE_WRITABLE);
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
        OVER_BOTH(a_new_store_is_empty_and_writable),
        OVER_BOTH(a_commit_is_read_back),
        OVER_BOTH(a_batch_keeps_its_order),
        OVER_BOTH(a_snapshot_does_not_change),
        OVER_BOTH(scans_keep_to_their_range),
        OVER_BOTH(a_scan_can_seek_between_rows),
        OVER_BOTH(the_stores_own_keys_are_hidden),
        OVER_BOTH(limits_are_enforced_at_the_byte),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
