#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/rpc/calls.h"

static void
an_open_call_is_found_by_its_id_and_a_closed_one_is_not(void **state)
{
    (void)state;
    struct rpc_calls calls;
    struct rpc_call call = {.deadline_ms = 1};
    struct rpc_open_call ended;
    rpc_calls_init(&calls, 10);

    struct rpc_open_call *open = rpc_calls_open(&calls, &call);
    uint64_t id = call.call_id;
    assert_ptr_equal(rpc_calls_find(&calls, id), open);
    rpc_calls_close(&calls, open, &ended);

    assert_null(rpc_calls_find(&calls, id));
    assert_int_equal(call.call_id, 0);
    assert_ptr_equal(ended.call, &call);
    rpc_calls_release(&calls);
}

static void
a_late_id_does_not_find_the_slots_next_call(void **state)
{
    (void)state;
    struct rpc_calls calls;
    struct rpc_call first = {0};
    struct rpc_call second = {0};
    struct rpc_open_call ended;
    rpc_calls_init(&calls, 1);

    rpc_calls_close(&calls, rpc_calls_open(&calls, &first), &ended);
    struct rpc_open_call *open = rpc_calls_open(&calls, &second);

    assert_int_equal(ended.slot, open->slot);
    assert_null(rpc_calls_find(&calls, ended.slot | (uint64_t)ended.generation << 32));
    assert_null(rpc_calls_find(&calls, 0));
    assert_null(rpc_calls_find(&calls, UINT64_MAX));
    assert_ptr_equal(rpc_calls_find(&calls, second.call_id), open);
    rpc_calls_release(&calls);
}

static void
no_more_than_the_allowed_are_open(void **state)
{
    (void)state;
    struct rpc_calls calls;
    struct rpc_call call[101] = {0};
    rpc_calls_init(&calls, 100);

    for (unsigned i = 0; i < 100; i++)
        assert_non_null(rpc_calls_open(&calls, &call[i]));

    assert_null(rpc_calls_open(&calls, &call[100]));
    assert_int_equal(calls.open, 100);
    rpc_calls_release(&calls);
}

static void
open_calls_do_not_move_when_the_table_grows(void **state)
{
    (void)state;
    struct rpc_calls calls;
    struct rpc_call call[1000] = {0};
    rpc_calls_init(&calls, 1000);

    struct rpc_open_call *first = rpc_calls_open(&calls, &call[0]);
    for (unsigned i = 1; i < 1000; i++)
        assert_non_null(rpc_calls_open(&calls, &call[i]));

    assert_ptr_equal(rpc_calls_find(&calls, call[0].call_id), first);
    assert_ptr_equal(first->call, &call[0]);
    rpc_calls_release(&calls);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_call_is_found_by_its_id_and_a_closed_one_is_not),
        cmocka_unit_test(a_late_id_does_not_find_the_slots_next_call),
        cmocka_unit_test(no_more_than_the_allowed_are_open),
        cmocka_unit_test(open_calls_do_not_move_when_the_table_grows),
    };
    return cmocka_run_group_tests_name("calls", tests, NULL, NULL);
}
