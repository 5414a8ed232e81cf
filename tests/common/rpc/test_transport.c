/* Calls over inproc, ipc and tcp: the same table of cases. */
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
a_call_is_answered(void **state)
{
    struct fixture *self = *state;
    struct ask ask = {0};

    ask_start(self->client, &ask, "write the test");
    turn_until(self->client, &ask.runs, 1);

    assert_int_equal(ask.status, STATUS_OK);
    assert_string_equal(ask.text, "write the test");
    assert_int_equal(ask.call.call_id, 0);
}

static void
what_stands_beside_the_body_arrives(void **state)
{
    struct fixture *self = *state;
    uint8_t key[RPC_KEY_SIZE] = {1};
    struct ask ask = {.call = ask_call()};
    ask.call.idempotency_key = key;
    ask.call.traceparent = TEXT("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

    ask_start(self->client, &ask, "whoami");
    turn_until(self->client, &ask.runs, 1);

    assert_string_equal(ask.text, "anna acme 3 forge forge.Session/Start "
                                  "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 key");
}

static void
a_refusal_brings_its_words(void **state)
{
    struct fixture *self = *state;
    struct ask ask = {0};

    ask_start(self->client, &ask, "missing");
    turn_until(self->client, &ask.runs, 1);

    assert_int_equal(ask.status, STATUS_NOT_FOUND);
    assert_string_equal(ask.detail, "no session here");
    assert_int_equal(ask.outcome, OUTCOME_NONE);
}

static void
a_method_without_an_answer_is_an_internal_error(void **state)
{
    struct fixture *self = *state;
    struct ask ask = {0};

    ask_start(self->client, &ask, "silent");
    turn_until(self->client, &ask.runs, 1);

    assert_int_equal(ask.status, STATUS_INTERNAL);
}

static void
many_calls_of_a_turn_are_answered(void **state)
{
    struct fixture *self = *state;
    enum { COUNT = 1000 };
    struct ask *asks = memory_array(COUNT, sizeof *asks);

    for (unsigned i = 0; i < COUNT; i++) {
        char task[16];
        snprintf(task, sizeof task, "%u", i);
        ask_start(self->client, &asks[i], task);
    }
    for (unsigned i = 0; i < COUNT; i++)
        turn_until(self->client, &asks[i].runs, 1);

    for (unsigned i = 0; i < COUNT; i++) {
        char task[16];
        snprintf(task, sizeof task, "%u", i);
        assert_int_equal(asks[i].status, STATUS_OK);
        assert_string_equal(asks[i].text, task);
        assert_int_equal(asks[i].runs, 1);
    }
    memory_free(&asks);
}

static void
calls_travel_alone_when_asked_to(void **state)
{
    struct fixture *self = *state;
    struct ask asks[100] = {0};

    rpc_client_set_coalescing(self->client, false);
    for (unsigned i = 0; i < 100; i++)
        ask_start(self->client, &asks[i], "alone");
    for (unsigned i = 0; i < 100; i++)
        turn_until(self->client, &asks[i].runs, 1);

    for (unsigned i = 0; i < 100; i++)
        assert_string_equal(asks[i].text, "alone");
}

static void
a_fast_reply_overtakes_a_slow_one(void **state)
{
    struct fixture *self = *state;
    struct ask slow = {0};
    struct ask fast = {0};

    ask_list(self->client, &slow, "slow");
    ask_start(self->client, &fast, "fast");
    turn_until(self->client, &fast.runs, 1);
    fake_open_gate(self->fake, 1);
    turn_until(self->client, &slow.runs, 1);

    assert_int_equal(slow.status, STATUS_OK);
    assert_true(fast.order < slow.order);
    assert_true(slow.work_us > 0);
}

static void
a_large_reply_travels_whole(void **state)
{
    struct fixture *self = *state;
    struct ask ask = {0};

    ask_start(self->client, &ask, "large 5000000");
    turn_until(self->client, &ask.runs, 1);

    assert_int_equal(ask.status, STATUS_OK);
    assert_int_equal(ask.text[0], 'x');
}

static void
a_reply_beyond_the_wire_is_refused(void **state)
{
    struct fixture *self = *state;
    struct ask ask = {0};

    ask_start(self->client, &ask, "large 7000000");
    turn_until(self->client, &ask.runs, 1);

    assert_int_equal(ask.status, STATUS_RESOURCE_EXHAUSTED);
}

static void
a_write_is_committed_with_its_sequence(void **state)
{
    struct fixture *self = *state;
    struct ask ask = {0};

    ask_checkpoint(self->client, &ask, "s1");
    turn_until(self->client, &ask.runs, 1);

    assert_int_equal(ask.status, STATUS_OK);
    assert_int_equal(ask.outcome, OUTCOME_COMMITTED);
    assert_int_equal(ask.commit_sequence, 1);
    assert_string_equal(ask.text, "1");
}

static void
the_deadline_ends_a_call(void **state)
{
    struct fixture *self = *state;
    struct ask ask = {.call = ask_call()};
    struct ask next = {0};
    turn_until_answering(self->client);
    int64_t started_ms = clock_monotonic_ms();
    ask.call.deadline_ms = started_ms + 100;

    ask_list(self->client, &ask, "slow");
    turn_until(self->client, &ask.runs, 1);

    assert_int_equal(ask.status, STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(ask.outcome, OUTCOME_UNKNOWN);
    assert_true(clock_monotonic_ms() - started_ms >= 100);

    /* The reply comes now, finds nobody, and takes nobody else's place. */
    ask_list(self->client, &next, "slow");
    turn_once(self->client, 0);
    fake_open_gate(self->fake, 1);
    turn_for(self->client, 50);
    assert_int_equal(ask.runs, 1);
    fake_open_gate(self->fake, 1);
    turn_until(self->client, &next.runs, 1);
    assert_int_equal(next.status, STATUS_OK);
    assert_string_equal(next.text, "slow");
}

static void
a_call_whose_time_is_over_is_not_sent(void **state)
{
    struct fixture *self = *state;
    struct ask ask = {.call = ask_call()};
    turn_until_answering(self->client);
    ask.call.deadline_ms = clock_monotonic_ms() - 1;

    ask_start(self->client, &ask, "late");
    turn_until(self->client, &ask.runs, 1);

    assert_int_equal(ask.status, STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(ask.outcome, OUTCOME_NOT_COMMITTED);
    assert_int_equal(self->fake->handled, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_call_is_answered),
        CASE(what_stands_beside_the_body_arrives),
        CASE(a_refusal_brings_its_words),
        CASE(a_method_without_an_answer_is_an_internal_error),
        CASE(many_calls_of_a_turn_are_answered),
        CASE(calls_travel_alone_when_asked_to),
        GATED_CASE(a_fast_reply_overtakes_a_slow_one),
        CASE(a_large_reply_travels_whole),
        CASE(a_reply_beyond_the_wire_is_refused),
        CASE(a_write_is_committed_with_its_sequence),
        GATED_CASE(the_deadline_ends_a_call),
        CASE(a_call_whose_time_is_over_is_not_sent),
    };
    static const char *const transports[] = {"inproc", "ipc", "tcp"};
    int failed = 0;
    zsys_init();
    zsys_handler_set(NULL);
    for (size_t i = 0; i < 3; i++) {
        fixture_use(transports[i]);
        failed += cmocka_run_group_tests_name(transports[i], tests, NULL, NULL);
    }
    return failed;
}
