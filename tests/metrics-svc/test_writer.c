#include "common/store/engine_memory.h"
#include "metrics-svc/store.h"
#include "metrics-svc/writer.h"

#include "pushes.h"

static const int64_t hour_ms = 3600000;
static const int64_t begin_ms = INT64_C(1000) * INT64_C(3600000);

struct fixture {
    struct store *store;
    struct metrics *metrics;
    struct metrics_writer *writer;
    struct store_snapshot *snapshot;
};

static void
start_writer(struct fixture *fixture)
{
    metrics_writer_destroy(&fixture->writer);
    const struct metrics_writer_options options = {
        .store = fixture->store, .metrics = fixture->metrics, .retention_ms = hour_ms};
    fixture->writer = metrics_writer_create(&options);
}

static int
set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.store = memory_store(), .metrics = metrics_create()};
    start_writer(&fixture);
    *state = &fixture;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->snapshot)
        store_snapshot_destroy(&fixture->snapshot);
    metrics_writer_destroy(&fixture->writer);
    metrics_destroy(&fixture->metrics);
    store_close(&fixture->store);
    return 0;
}

static void
commit(struct fixture *fixture)
{
    struct problem problem = {{0}};
    enum rpc_outcome outcome = OUTCOME_UNKNOWN;
    assert_int_equal(metrics_writer_commit(fixture->writer, &problem, &outcome), STATUS_OK);
    if (fixture->snapshot)
        store_snapshot_destroy(&fixture->snapshot);
    fixture->snapshot = store_snapshot_create(fixture->store);
}

static uint64_t
stage(struct fixture *fixture, const char *program, int64_t run_ms, int64_t at_ms, double value)
{
    struct push push = {.request = {.n_samples = 0}};
    push_begin(&push, program, run_ms);
    push_gauge(&push, "forge_moving", value);
    push_gauge(&push, "forge_resting", 1);
    uint64_t sequence = 0;
    struct problem problem = {{0}};
    assert_int_equal(
        metrics_writer_push(fixture->writer, &push.request, at_ms, &sequence, &problem), STATUS_OK);
    return sequence;
}

static void
store_push(struct fixture *fixture, int64_t run_ms, int64_t at_ms, double value)
{
    stage(fixture, "a", run_ms, at_ms, value);
    commit(fixture);
}

struct row {
    int64_t time_ms;
    bool key_row;
    size_t values;
};

static size_t
read_rows(struct fixture *fixture, uint32_t instance_id, struct row *rows, size_t max)
{
    struct store_scan *scan =
        metrics_store_scan_rows(fixture->snapshot, instance_id, 0, INT64_MAX, false);
    struct text key, bytes;
    size_t count = 0;
    while (count < max && store_scan_next(scan, &key, &bytes)) {
        static struct series_row_reader reader;
        struct series_value value;
        assert_int_equal(series_row_open(&reader, bytes), STATUS_OK);
        struct row *row = &rows[count++];
        *row = (struct row){metrics_store_row_time(key), reader.key_row, 0};
        while (series_row_next(&reader, &value) == STATUS_OK)
            row->values++;
    }
    store_scan_destroy(&scan);
    return count;
}

static void
rows_between_key_rows_hold_what_changed(void **state)
{
    struct fixture *fixture = *state;
    struct row rows[64] = {{0}};

    for (int i = 0; i < 45; i++)
        store_push(fixture, 1, begin_ms + INT64_C(15000) * i, i < 30 ? i : 30);

    assert_int_equal(read_rows(fixture, 1, rows, 64), 45);
    for (size_t i = 0; i < 45; i++) {
        assert_int_equal(rows[i].key_row, i % 20 == 0);
        assert_int_equal(rows[i].values, i % 20 == 0 ? 2 : i <= 30 ? 1 : 0);
    }
}

static void
a_restart_of_either_side_begins_with_a_key_row(void **state)
{
    struct fixture *fixture = *state;
    struct row rows[8] = {{0}};

    store_push(fixture, 1, begin_ms, 1);
    store_push(fixture, 1, begin_ms + 15000, 2);
    store_push(fixture, 2, begin_ms + 30000, 3);
    start_writer(fixture);
    store_push(fixture, 2, begin_ms + 45000, 3);

    assert_int_equal(read_rows(fixture, 1, rows, 8), 4);
    assert_true(rows[0].key_row && !rows[1].key_row && rows[2].key_row && rows[3].key_row);
    assert_int_equal(rows[3].values, 2);
}

static void
rows_go_on_in_time_when_the_clock_is_set_back(void **state)
{
    struct fixture *fixture = *state;
    struct row rows[8] = {{0}};

    store_push(fixture, 1, begin_ms, 1);
    store_push(fixture, 1, begin_ms - 50000, 2);
    start_writer(fixture);
    store_push(fixture, 1, begin_ms - 40000, 3);

    assert_int_equal(read_rows(fixture, 1, rows, 8), 3);
    assert_int_equal(rows[1].time_ms, begin_ms + 1);
    assert_int_equal(rows[2].time_ms, begin_ms + 2);
}

static void
pushes_of_one_batch_have_sequences_in_turn(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(stage(fixture, "a", 1, begin_ms, 1), 1);
    assert_int_equal(stage(fixture, "b", 1, begin_ms, 1), 2);
    commit(fixture);
    assert_int_equal(store_sequence(fixture->store), 2);
    assert_int_equal(stage(fixture, "a", 1, begin_ms + 1, 1), 3);
    commit(fixture);
    assert_int_equal(metrics_writer_series(fixture->writer), 4);
}

static void
old_rows_go_and_with_them_the_programs_that_left(void **state)
{
    struct fixture *fixture = *state;
    struct row rows[1000] = {{0}};
    stage(fixture, "gone", 1, begin_ms, 1);
    commit(fixture);

    for (int i = 0; i < 900; i++) {
        stage(fixture, "a", 1, begin_ms + INT64_C(15000) * i, i);
        commit(fixture);
    }

    size_t count = read_rows(fixture, 2, rows, 1000);
    assert_in_range(count, 239, 245);
    assert_true(rows[0].time_ms >= begin_ms + INT64_C(15000) * 899 - hour_ms - 60000);
    assert_int_equal(read_rows(fixture, 1, rows, 1000), 0);
    assert_int_equal(metrics_writer_series(fixture->writer), 2);
}

static void
a_sample_that_stands_twice_counts_once(void **state)
{
    struct fixture *fixture = *state;
    struct push push = {.request = {.n_samples = 0}};
    struct row rows[2] = {{0}};
    uint64_t sequence;
    push_begin(&push, "a", 1);
    push_gauge(&push, "forge_x", 1);
    push_gauge(&push, "forge_x", 2);

    assert_int_equal(
        metrics_writer_push(fixture->writer, &push.request, begin_ms, &sequence, NULL), STATUS_OK);
    commit(fixture);

    assert_int_equal(read_rows(fixture, 1, rows, 2), 1);
    assert_int_equal(rows[0].values, 1);
}

static void
fail_next_write(struct fixture *fixture)
{
    if (fixture->snapshot)
        store_snapshot_destroy(&fixture->snapshot);
    store_memory_set_faults(fixture->store, &(struct store_memory_faults){.writes = 1});
}

static void
after_a_failed_commit_the_next_push_recovers(void **state)
{
    struct fixture *fixture = *state;
    struct row rows[8] = {{0}};
    struct problem problem = {{0}};
    enum rpc_outcome outcome = OUTCOME_NONE;
    store_push(fixture, 1, begin_ms, 1);

    stage(fixture, "a", 1, begin_ms + 15000, 2);
    stage(fixture, "new", 1, begin_ms + 15000, 2);
    fail_next_write(fixture);
    assert_int_equal(metrics_writer_commit(fixture->writer, &problem, &outcome), STATUS_INTERNAL);
    assert_int_equal(outcome, OUTCOME_UNKNOWN);
    assert_true(strlen(problem.text) > 0);

    assert_int_equal(stage(fixture, "a", 1, begin_ms + 30000, 3), 2);
    stage(fixture, "new", 1, begin_ms + 30000, 3);
    commit(fixture);

    assert_int_equal(metrics_writer_series(fixture->writer), 4);
    assert_int_equal(read_rows(fixture, 1, rows, 8), 2);
    assert_true(rows[1].key_row);
    assert_int_equal(rows[1].values, 2);
    /* The instance that the lost batch named got its place anew. */
    assert_int_equal(read_rows(fixture, 2, rows, 8), 1);
}

static void
an_open_export_does_not_keep_a_store_from_recovering(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = {{0}};
    enum rpc_outcome outcome = OUTCOME_NONE;
    const struct transfer_export_request request = {.max_bytes = 1};
    struct transfer_page page;
    store_push(fixture, 1, begin_ms, 1);
    assert_int_equal(metrics_writer_export(fixture->writer, &request, &page, &problem), STATUS_OK);
    assert_false(page.last);

    stage(fixture, "a", 1, begin_ms + 15000, 2);
    fail_next_write(fixture);
    assert_int_equal(metrics_writer_commit(fixture->writer, &problem, &outcome), STATUS_INTERNAL);
    store_push(fixture, 1, begin_ms + 30000, 3);

    assert_int_equal(store_state(fixture->store), STORE_WRITABLE);
}

static void
a_proof_tells_what_failed(void **state)
{
    struct fixture *fixture = *state;
    struct metrics_proof proofs[METRICS_PROOFS];
    fail_next_write(fixture);

    metrics_writer_prove(fixture->writer, proofs);
    assert_false(proofs[0].good || proofs[1].good);
    assert_true(strlen(proofs[0].reason.text) > 0 && strlen(proofs[1].reason.text) > 0);

    metrics_writer_prove(fixture->writer, proofs);
    assert_true(proofs[0].good && proofs[1].good);
}

static void
a_proof_writes_and_reads_back(void **state)
{
    struct fixture *fixture = *state;
    struct metrics_proof proofs[METRICS_PROOFS];

    metrics_writer_prove(fixture->writer, proofs);

    assert_string_equal(proofs[0].name, "write");
    assert_string_equal(proofs[1].name, "read");
    assert_true(proofs[0].good && proofs[1].good);
    assert_int_equal(store_sequence(fixture->store), 1);
}

static void
a_restore_replaces_young_samples_only(void **state)
{
    struct fixture *fixture = *state;
    struct transfer_record record = {TEXT("c"), TEXT("x")};
    struct transfer_import_request request = {.records = &record,
        .count = 1,
        .last = true,
        .sequence = 9,
        .record_count = 1,
        .format = METRICS_STORE_FORMAT};
    struct transfer_imported imported;
    struct problem problem = {{0}};

    store_push(fixture, 1, begin_ms, 1);
    store_snapshot_destroy(&fixture->snapshot);
    assert_int_equal(metrics_writer_import(fixture->writer, &request, &imported, &problem),
        STATUS_FAILED_PRECONDITION);

    struct store *young = memory_store();
    metrics_writer_destroy(&fixture->writer);
    store_close(&fixture->store);
    fixture->store = young;
    start_writer(fixture);
    store_push(fixture, 1, INT64_C(4102444800000), 1);
    store_snapshot_destroy(&fixture->snapshot);
    request.import_id = TEXT("");
    assert_int_equal(
        metrics_writer_import(fixture->writer, &request, &imported, &problem), STATUS_OK);
    assert_int_equal(store_sequence(fixture->store), 9);
    store_push(fixture, 1, INT64_C(4102444815000), 1);
    assert_int_equal(metrics_writer_series(fixture->writer), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_between_key_rows_hold_what_changed),
        TEST(a_restart_of_either_side_begins_with_a_key_row),
        TEST(rows_go_on_in_time_when_the_clock_is_set_back),
        TEST(pushes_of_one_batch_have_sequences_in_turn),
        TEST(old_rows_go_and_with_them_the_programs_that_left),
        TEST(a_sample_that_stands_twice_counts_once),
        TEST(after_a_failed_commit_the_next_push_recovers),
        TEST(an_open_export_does_not_keep_a_store_from_recovering),
        TEST(a_proof_writes_and_reads_back),
        TEST(a_proof_tells_what_failed),
        TEST(a_restore_replaces_young_samples_only),
    };
    return cmocka_run_group_tests_name("metrics writer", tests, NULL, NULL);
}
