/* Records of the index that are not what they should be: told as damage, never as an empty result.
 */
#include <string.h>

#include "common/base/buffer.h"
#include "context-svc/index/key.h"
#include "tests/context-svc/index/fixture.h"

/* A thousand documents, the first 512 in blocks, with "anchor" in number 3 of them. */
static int
set_up(void **state)
{
    fixture_set_up(state);
    struct fixture *self = *state;
    for (uint32_t number = 0; number < 1000; number++)
        fixture_add(self, number, number == 3 ? "anchor chain" : "some water here");
    fixture_commit(self);
    while (fixture_maintain(self))
        continue;
    return 0;
}

/* Past the index, which may not be open. */
static void
overwrite(struct fixture *self, struct text key, struct text value)
{
    store_batch_put(self->batch, key, value);
    assert_int_equal(store_commit(self->store, self->batch, 1, NULL), STATUS_OK);
    store_batch_clear(self->batch);
    store_snapshot_destroy(&self->snapshot);
    self->snapshot = store_snapshot_create(self->store);
}

/* The key and value of the only block of "anchor". */
static void
find_block(struct fixture *self, struct buffer *key_out, struct buffer *value_out)
{
    struct index_key from = index_key_postings(FIXTURE_TENANT, 0, 0);
    struct index_key to = index_key_postings_end(FIXTURE_TENANT);
    struct store_scan *scan =
        store_scan_create(self->snapshot, index_key_text(&from), index_key_text(&to), false);
    struct text key;
    struct text value;
    while (store_scan_next(scan, &key, &value)) {
        uint64_t term;
        uint32_t unit;
        assert_true(index_key_read_postings(key, &term, &unit));
        if (unit != 3 || key_out->length)
            continue;
        buffer_add_text(key_out, key);
        buffer_add_text(value_out, value);
    }
    assert_int_equal(store_scan_status(scan), STATUS_OK);
    store_scan_destroy(&scan);
    assert_true(key_out->length > 0);
}

static void
assert_search_is_data_loss(struct fixture *self, const char *words)
{
    struct problem problem = {0};
    struct index_query query = query_of(words);
    enum status status =
        index_search(self->reader, self->view, self->snapshot, &query, &self->result, &problem);
    assert_int_equal(status, STATUS_DATA_LOSS);
    assert_non_null(strstr(problem.text, "damaged"));
}

static void
a_damaged_block_is_data_loss(void **state)
{
    struct fixture *self = *state;
    CLEANUP(buffer_release) struct buffer key = {0};
    CLEANUP(buffer_release) struct buffer value = {0};
    find_block(self, &key, &value);
    assert_finds(self, "anchor chain", "3");
    static const struct {
        const char *bytes;
        size_t size;
    } damages[] = {
        {"", 0},
        {"\x00", 1},                     /* no weight */
        {"\x00\x04\x04", 3},             /* too much */
        {"\x80\x01\x04\x04", 4},         /* 129 postings */
        {"\x01\x00\x04\x04", 4},         /* the same unit twice */
        {"\x01\xFF\xFF\x7F\x04\x04", 6}, /* beyond what was flushed */
        {"\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x04\x04", 14},
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        overwrite(self, buffer_text(&key), text_from(damages[i].bytes, damages[i].size));
        assert_search_is_data_loss(self, "anchor chain");
    }
    overwrite(self, buffer_text(&key), buffer_text(&value));
    assert_finds(self, "anchor chain", "3");
    assert_finds(self, "nothing of that", "");
}

static void
a_damaged_block_ends_merging_only(void **state)
{
    struct fixture *self = *state;
    CLEANUP(buffer_release) struct buffer key = {0};
    CLEANUP(buffer_release) struct buffer value = {0};
    find_block(self, &key, &value);
    overwrite(self, buffer_text(&key), TEXT("?"));
    for (uint32_t number = 1000; number < 6000; number++)
        fixture_add(self, number, "more water");
    fixture_commit(self);

    unsigned steps = 0;
    while (fixture_maintain(self))
        assert_true(++steps < 1000);

    struct index_query query = query_of("more water");
    fixture_search(self, &query);
    assert_int_equal(self->result.total, 5999);
    fixture_add(self, 9000, "saved all the same");
    fixture_commit(self);
    assert_finds(self, "saved", "9000");
}

static void
a_damaged_forward_record_is_data_loss(void **state)
{
    struct fixture *self = *state;
    struct index_key key = index_key_forward(FIXTURE_TENANT, 3);
    overwrite(self, index_key_text(&key), TEXT("\x7F"));
    assert_search_is_data_loss(self, "anchor chain");
    assert_finds(self, "anchor", "3"); /* a single word needs no look at the order */

    store_batch_delete(self->batch, index_key_text(&key));
    fixture_commit(self);
    assert_search_is_data_loss(self, "anchor chain");
}

static void
assert_open_is(struct fixture *self, enum status expected, const char *words)
{
    struct problem problem = {0};
    assert_int_equal(fixture_try_reopen(self, &problem), expected);
    if (expected != STATUS_OK)
        assert_non_null(strstr(problem.text, words));
}

static void
a_damaged_record_keeps_the_index_closed(void **state)
{
    struct fixture *self = *state;
    struct index_key key = index_key_document(FIXTURE_TENANT, 5);
    struct store_value value = {0};
    assert_int_equal(store_get(self->snapshot, index_key_text(&key), &value), STATUS_OK);
    CLEANUP(buffer_release) struct buffer record = {0};
    buffer_add_text(&record, value.bytes);
    store_value_release(&value);

    for (size_t size = 0; size < record.length; size++) {
        overwrite(self, index_key_text(&key), text_from(record.data, size));
        assert_open_is(self, STATUS_DATA_LOSS, "document at unit 5 is damaged");
        overwrite(self, index_key_text(&key), buffer_text(&record));
        assert_open_is(self, STATUS_OK, NULL);
        size += size > 20 ? 6 : 0;
    }
    record.data[0] = 9;
    overwrite(self, index_key_text(&key), buffer_text(&record));
    assert_open_is(self, STATUS_DATA_LOSS, "document at unit 5 is damaged");
    record.data[0] = 1;
    record.data[1] = 99;
    overwrite(self, index_key_text(&key), buffer_text(&record));
    assert_open_is(self, STATUS_FAILED_PRECONDITION, "newer");
    record.data[1] = INDEX_ANALYSER_VERSION;
    overwrite(self, index_key_text(&key), buffer_text(&record));

    key = index_key_document(FIXTURE_TENANT, 6); /* the same document twice */
    overwrite(self, index_key_text(&key), buffer_text(&record));
    assert_open_is(self, STATUS_DATA_LOSS, "document at unit 6 is damaged");
}

static void
a_missing_forward_record_keeps_the_index_closed(void **state)
{
    struct fixture *self = *state;
    struct index_key key = index_key_forward(FIXTURE_TENANT, 800);
    store_batch_delete(self->batch, index_key_text(&key));
    fixture_commit(self);
    assert_open_is(self, STATUS_DATA_LOSS, "forward records");
}

static void
a_forward_record_of_nothing_keeps_the_index_closed(void **state)
{
    struct fixture *self = *state;
    struct index_key key = index_key_document(FIXTURE_TENANT, 800);
    store_batch_delete(self->batch, index_key_text(&key));
    fixture_commit(self);
    assert_open_is(self, STATUS_DATA_LOSS, "forward record");
}

static void
a_damaged_state_keeps_the_index_closed(void **state)
{
    struct fixture *self = *state;
    struct index_key key = index_key_state(FIXTURE_TENANT);
    overwrite(self, index_key_text(&key), TEXT("\x01\x80\x04"));
    assert_open_is(self, STATUS_DATA_LOSS, "state of tenant 7 is damaged");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_damaged_block_is_data_loss),
        TEST(a_damaged_block_ends_merging_only),
        TEST(a_damaged_forward_record_is_data_loss),
        TEST(a_damaged_record_keeps_the_index_closed),
        TEST(a_missing_forward_record_keeps_the_index_closed),
        TEST(a_forward_record_of_nothing_keeps_the_index_closed),
        TEST(a_damaged_state_keeps_the_index_closed),
    };
    return cmocka_run_group_tests_name("index damage", tests, NULL, NULL);
}
