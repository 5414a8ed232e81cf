#include <stdlib.h>

#include "common/base/memory.h"
#include "common/store/transfer.h"

#include "fixture.h"

struct setting {
    struct store *store;
    struct transfer_import *import;
};

static int
set_up(void **state)
{
    struct setting *self = memory_new(sizeof *self);
    self->store = store_of(STORE_MEMORY, NULL);
    self->import = transfer_import_create(self->store);
    *state = self;
    return 0;
}

static int
tear_down(void **state)
{
    struct setting *self = *state;
    transfer_import_destroy(&self->import);
    store_close(&self->store);
    free(self);
    return 0;
}

static enum status
import_records(struct setting *self, struct transfer_import_request *request, int64_t now_ms)
{
    static const struct transfer_record two[] = {
        {{"a", 1}, {"1", 1}},
        {{"b", 1}, {"2", 1}},
    };
    struct problem problem = {0};
    struct transfer_imported imported = {0};
    request->records = two;
    request->count = 2;
    enum status status = transfer_import(self->import, request, now_ms, &imported, &problem);
    assert_int_equal(status == STATUS_OK, problem.text[0] == '\0');
    return status;
}

static void
an_import_into_a_used_store_is_refused(void **state)
{
    struct setting *self = *state;
    assert_int_equal(commit_one(self->store, "mine", "1"), STATUS_OK);
    struct transfer_import_request request = {.format = 1, .last = true, .record_count = 2};

    assert_int_equal(import_records(self, &request, 0), STATUS_FAILED_PRECONDITION);
    request.discard = true;
    request.format = 2;
    assert_int_equal(import_records(self, &request, 0), STATUS_FAILED_PRECONDITION);
    assert_int_equal(count_rows(self->store), 1);
    request.format = 1;
    assert_int_equal(import_records(self, &request, 0), STATUS_OK);
    assert_int_equal(count_rows(self->store), 2);
}

static void
a_wrong_import_is_undone(void **state)
{
    struct setting *self = *state;
    struct transfer_import_request wrong_count = {.format = 1, .last = true, .record_count = 3};

    assert_int_equal(import_records(self, &wrong_count, 0), STATUS_DATA_LOSS);

    assert_false(transfer_import_is_running(self->import));
    assert_int_equal(count_rows(self->store), 0);
    assert_int_equal(commit_one(self->store, "a", "1"), STATUS_OK);
}

static void
an_import_can_be_called_off(void **state)
{
    struct setting *self = *state;
    struct transfer_import_request request = {.format = 1, .abort = true};

    assert_int_equal(import_records(self, &request, 0), STATUS_OK);

    assert_false(transfer_import_is_running(self->import));
    assert_int_equal(count_rows(self->store), 0);
    assert_int_equal(commit_one(self->store, "a", "1"), STATUS_OK);
}

static void
only_one_import_runs_and_an_idle_one_is_undone(void **state)
{
    struct setting *self = *state;
    struct transfer_import_request request = {.format = 1};

    assert_int_equal(import_records(self, &request, 0), STATUS_OK);
    assert_int_equal(import_records(self, &request, 10), STATUS_FAILED_PRECONDITION);
    assert_true(transfer_import_is_running(self->import));
    transfer_import_expire(self->import, TRANSFER_IDLE_MS);
    assert_false(transfer_import_is_running(self->import));
    assert_int_equal(count_rows(self->store), 0);
    request.import_id = TEXT("0123456789abcdef");
    assert_int_equal(import_records(self, &request, TRANSFER_IDLE_MS), STATUS_NOT_FOUND);
    request.import_id = TEXT("0123");
    assert_int_equal(import_records(self, &request, TRANSFER_IDLE_MS), STATUS_INVALID_ARGUMENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_import_into_a_used_store_is_refused),
        TEST(a_wrong_import_is_undone),
        TEST(an_import_can_be_called_off),
        TEST(only_one_import_runs_and_an_idle_one_is_undone),
    };
    return cmocka_run_group_tests_name("transfer import", tests, NULL, NULL);
}
