/* Calls that wait for news. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "tests/common/rpc/fixture.h"

static void
a_parked_call_goes_on_when_it_is_resumed(void **state)
{
    static const struct {
        unsigned lane;
        const char *words;
    } cases[] = {{LANE_ROUTER, "ended in lane 0"}, {2, "ended in lane 2"}};
    struct fixture *self = *state;
    for (unsigned i = 0; i < 2; i++) {
        struct ask ask = {0};
        self->fake->handled = 0;

        ask_end(self->client, &ask, "once");
        turn_until_parked(self, 1);
        assert_int_equal(ask.runs, 0);
        fake_resume(self->fake, cases[i].lane);
        turn_until(self->client, &ask.runs, 1);

        assert_int_equal(ask.status, STATUS_OK);
        assert_string_equal(ask.text, cases[i].words);
    }
}

static void
a_call_may_be_parked_again_in_a_worker(void **state)
{
    struct fixture *self = *state;
    struct ask ask = {0};

    ask_end(self->client, &ask, "again");
    turn_until_parked(self, 1);
    fake_resume(self->fake, 2);
    while (self->fake->handled < 2)
        turn_once(self->client, 5);
    turn_until_parked(self, 1);
    assert_int_equal(ask.runs, 0);
    fake_resume(self->fake, 2);
    turn_until(self->client, &ask.runs, 1);

    assert_int_equal(ask.status, STATUS_OK);
    assert_int_equal(self->fake->handled, 3);
}

static void
a_parked_call_runs_again_at_its_hour(void **state)
{
    struct fixture *self = *state;
    struct ask ask = {0};
    int64_t started_ms = clock_monotonic_ms();

    ask_end(self->client, &ask, "wait");
    turn_until(self->client, &ask.runs, 1);

    assert_int_equal(ask.status, STATUS_OK);
    assert_true(clock_monotonic_ms() - started_ms >= 49);
    assert_int_equal(self->fake->handled, 2);
}

static void
a_parked_call_ends_by_deadline_and_by_cancel(void **state)
{
    struct fixture *self = *state;
    struct ask expiring = {.call = ask_call()};
    struct ask cancelled = {0};

    expiring.call.deadline_ms = clock_monotonic_ms() + 100;
    ask_end(self->client, &expiring, "again");
    ask_end(self->client, &cancelled, "again");
    turn_until_parked(self, 2);
    rpc_client_cancel(self->client, &cancelled.call);
    turn_until(self->client, &cancelled.runs, 1);
    turn_until(self->client, &expiring.runs, 1);
    turn_until_parked(self, 0);

    assert_int_equal(cancelled.status, STATUS_CANCELLED);
    assert_int_equal(expiring.status, STATUS_DEADLINE_EXCEEDED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_parked_call_goes_on_when_it_is_resumed),
        CASE(a_call_may_be_parked_again_in_a_worker),
        CASE(a_parked_call_runs_again_at_its_hour),
        CASE(a_parked_call_ends_by_deadline_and_by_cancel),
    };
    zsys_init();
    zsys_handler_set(NULL);
    return cmocka_run_group_tests_name("parking", tests, NULL, NULL);
}
