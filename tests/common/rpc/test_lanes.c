/* Where calls wait and who runs them: group commit, readers, cancelling, expiring. */
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
what_queued_up_during_a_commit_is_the_next_batch(void **state)
{
    struct fixture *self = *state;
    struct ask asks[21] = {0};

    ask_checkpoint(self->client, &asks[0], "first");
    turn_until_in_gate(self, 1);
    for (unsigned i = 1; i < 21; i++)
        ask_checkpoint(self->client, &asks[i], "while it syncs");
    turn_until_queued(self, 1, 20);
    for (unsigned i = 0; i < 21; i++)
        assert_int_equal(asks[i].runs, 0);
    fake_open_gate(self->fake, 2);
    for (unsigned i = 0; i < 21; i++)
        turn_until(self->client, &asks[i].runs, 1);

    assert_int_equal(self->fake->batch_count, 2);
    assert_int_equal(self->fake->batches[0], 1);
    assert_int_equal(self->fake->batches[1], 20);
    for (unsigned i = 0; i < 21; i++) {
        assert_int_equal(asks[i].outcome, OUTCOME_COMMITTED);
        assert_int_equal(asks[i].commit_sequence, i + 1);
        assert_true(asks[i].work_us > 0);
    }
    assert_true(asks[20].queue_us > 0);
}

static void
a_failed_commit_leaves_the_outcome_unknown(void **state)
{
    struct fixture *self = *state;
    struct ask staged[2] = {0};
    struct ask replayed = {0};
    struct ask refused = {0};
    self->fake->commit_fails = STATUS_UNAVAILABLE;

    ask_checkpoint(self->client, &staged[0], "lost");
    ask_checkpoint(self->client, &replayed, "replayed");
    ask_checkpoint(self->client, &refused, "refused");
    ask_checkpoint(self->client, &staged[1], "lost too");
    turn_until(self->client, &staged[1].runs, 1);

    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(staged[i].status, STATUS_UNAVAILABLE);
        assert_int_equal(staged[i].outcome, OUTCOME_UNKNOWN);
        assert_string_equal(staged[i].detail, "the disk is gone");
        assert_int_equal(staged[i].commit_sequence, 0);
    }
    assert_int_equal(replayed.status, STATUS_OK);
    assert_int_equal(replayed.outcome, OUTCOME_COMMITTED);
    assert_int_equal(replayed.commit_sequence, 7);
    assert_string_equal(replayed.text, "7");
    assert_int_equal(refused.status, STATUS_ABORTED);
    assert_int_equal(refused.outcome, OUTCOME_NOT_COMMITTED);
}

static void
nothing_staged_needs_no_commit(void **state)
{
    struct fixture *self = *state;
    struct ask refused = {0};

    ask_checkpoint(self->client, &refused, "refused");
    turn_until(self->client, &refused.runs, 1);

    assert_int_equal(self->fake->batch_count, 0);
    assert_string_equal(refused.detail, "another version");
}

static void
a_workers_note_reaches_the_router(void **state)
{
    struct fixture *self = *state;
    struct ask ask = {0};

    ask_checkpoint(self->client, &ask, "s1");
    turn_until(self->client, &ask.runs, 1);
    fake_count(self->fake);

    assert_int_equal(self->fake->notes, 1);
}

static void
a_note_of_the_router_reaches_each_worker_of_a_lane(void **state)
{
    struct fixture *self = *state;
    int64_t end_ms = clock_monotonic_ms() + 10000;

    fake_tell(self->fake, 2);
    fake_tell(self->fake, 1);
    while (self->fake->told < 2) {
        assert_true(clock_monotonic_ms() < end_ms);
        turn_once(self->client, 5);
    }

    assert_int_equal(self->fake->told, 2);
}

static void
readers_work_side_by_side_and_a_full_queue_refuses(void **state)
{
    struct fixture *self = *state;
    struct ask asks[6] = {0};
    struct ask refused = {0};
    struct ask shed = {.call = ask_call()};
    struct ask probe = {.call = ask_call()};

    for (unsigned i = 0; i < 2; i++)
        ask_list(self->client, &asks[i], "slow");
    turn_until_in_gate(self, 2);
    for (unsigned i = 2; i < 4; i++)
        ask_list(self->client, &asks[i], "slow");
    turn_until_queued(self, 2, 2);
    shed.call.criticality = CRITICALITY_SHEDDABLE;
    ask_list(self->client, &shed, "slow");
    turn_until(self->client, &shed.runs, 1);
    assert_int_equal(shed.status, STATUS_RESOURCE_EXHAUSTED);
    for (unsigned i = 4; i < 6; i++)
        ask_list(self->client, &asks[i], "slow");
    turn_until_queued(self, 2, 4);
    ask_list(self->client, &refused, "slow");
    turn_until(self->client, &refused.runs, 1);
    assert_int_equal(refused.status, STATUS_RESOURCE_EXHAUSTED);
    probe.call.criticality = CRITICALITY_PROBE;
    ask_list(self->client, &probe, "slow");
    fake_open_gate(self->fake, 10);
    turn_until(self->client, &probe.runs, 1);
    for (unsigned i = 0; i < 6; i++)
        turn_until(self->client, &asks[i].runs, 1);

    assert_int_equal(probe.status, STATUS_OK);
    assert_int_equal(self->fake->handled, 7);
}

static void
a_waiting_call_can_be_cancelled_and_is_never_run(void **state)
{
    struct fixture *self = *state;
    struct ask running = {0};
    struct ask waiting = {0};

    ask_checkpoint(self->client, &running, "first");
    turn_until_in_gate(self, 1);
    ask_checkpoint(self->client, &waiting, "second");
    turn_until_queued(self, 1, 1);
    rpc_client_cancel(self->client, &running.call);
    rpc_client_cancel(self->client, &waiting.call);
    turn_until(self->client, &waiting.runs, 1);
    fake_open_gate(self->fake, 2);
    turn_until(self->client, &running.runs, 1);

    assert_int_equal(waiting.status, STATUS_CANCELLED);
    assert_int_equal(waiting.outcome, OUTCOME_NOT_COMMITTED);
    assert_int_equal(running.status, STATUS_OK);
    assert_int_equal(self->fake->handled, 1);
}

static void
a_call_that_expires_in_the_queue_is_never_run(void **state)
{
    struct fixture *self = *state;
    struct ask running = {0};
    struct ask expiring = {.call = ask_call()};

    ask_checkpoint(self->client, &running, "first");
    turn_until_in_gate(self, 1);
    expiring.call.deadline_ms = clock_monotonic_ms() + 100;
    ask_checkpoint(self->client, &expiring, "second");
    turn_until(self->client, &expiring.runs, 1);
    turn_until_queued(self, 1, 0);
    assert_int_equal(self->fake->counts.expired, 1);
    fake_open_gate(self->fake, 2);
    turn_until(self->client, &running.runs, 1);

    assert_int_equal(expiring.status, STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(self->fake->handled, 1);
}

static void
a_client_that_leaves_takes_its_waiting_calls_along(void **state)
{
    struct fixture *self = *state;
    struct ask running = {0};
    struct ask waiting = {0};
    struct ask parked = {0};
    struct rpc_client *other = ask_client(self->fake->endpoint);
    turn_until_answering(other);

    ask_checkpoint(self->client, &running, "first");
    turn_until_in_gate(self, 1);
    ask_checkpoint(other, &waiting, "second");
    ask_end(other, &parked, "again");
    turn_for(other, 20);
    rpc_client_destroy(&other);
    turn_until_parked(self, 0);
    turn_until_queued(self, 1, 0);
    fake_open_gate(self->fake, 2);
    turn_until(self->client, &running.runs, 1);

    assert_int_equal(waiting.status, STATUS_UNAVAILABLE);
    assert_int_equal(waiting.outcome, OUTCOME_UNKNOWN);
    assert_int_equal(self->fake->handled, 2);
    assert_int_equal(self->fake->counts.cancelled, 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        GATED_CASE(what_queued_up_during_a_commit_is_the_next_batch),
        CASE(a_failed_commit_leaves_the_outcome_unknown),
        CASE(nothing_staged_needs_no_commit),
        CASE(a_workers_note_reaches_the_router),
        CASE(a_note_of_the_router_reaches_each_worker_of_a_lane),
        GATED_CASE(readers_work_side_by_side_and_a_full_queue_refuses),
        GATED_CASE(a_waiting_call_can_be_cancelled_and_is_never_run),
        GATED_CASE(a_call_that_expires_in_the_queue_is_never_run),
        GATED_CASE(a_client_that_leaves_takes_its_waiting_calls_along),
    };
    zsys_init();
    zsys_handler_set(NULL);
    return cmocka_run_group_tests_name("lanes", tests, NULL, NULL);
}
