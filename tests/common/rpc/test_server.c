/* What a server does with calls: lanes, group commit, parking, cancelling, roles, its life. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "tests/common/rpc/ask.h"
#include "tests/common/rpc/fake.h"

struct fixture {
    struct fake *fake;
    struct rpc_client *client;
};

static int
setup_with(void **state, bool gated)
{
    struct fixture *self = memory_new(sizeof *self);
    struct fake_options options = {
        .endpoint = fake_endpoint("inproc"), .gated = gated, .reader_queue_max = 4};
    self->fake = fake_create(&options);
    self->client = ask_client(self->fake->endpoint);
    *state = self;
    turn_until_answering(self->client);
    return 0;
}

static int
setup(void **state)
{
    return setup_with(state, false);
}

static int
setup_gated(void **state)
{
    return setup_with(state, true);
}

static int
teardown(void **state)
{
    struct fixture *self = *state;
    rpc_client_destroy(&self->client);
    fake_destroy(&self->fake);
    memory_free(&self);
    return 0;
}

static void
turn_until_in_gate(struct fixture *self, unsigned threads)
{
    int64_t end_ms = clock_monotonic_ms() + 10000;
    while (self->fake->in_gate != threads) {
        assert_true(clock_monotonic_ms() < end_ms);
        turn_once(self->client, 5);
    }
}

static void
turn_until_queued(struct fixture *self, unsigned lane, unsigned calls)
{
    int64_t end_ms = clock_monotonic_ms() + 10000;
    do {
        assert_true(clock_monotonic_ms() < end_ms);
        turn_once(self->client, 5);
        fake_count(self->fake);
    } while (self->fake->counts.queued[lane] != calls);
}

static void
turn_until_parked(struct fixture *self, unsigned calls)
{
    int64_t end_ms = clock_monotonic_ms() + 10000;
    do {
        assert_true(clock_monotonic_ms() < end_ms);
        turn_once(self->client, 5);
        fake_count(self->fake);
    } while (self->fake->counts.parked != calls);
}

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

static void
a_role_that_the_rule_does_not_name_is_refused(void **state)
{
    struct fixture *self = *state;
    struct ask reader = {.call = ask_call()};
    struct ask nobody = {.call = ask_call()};
    struct ask homeless = {.call = ask_call()};

    reader.call.principal.roles = ROLE_READER;
    ask_checkpoint(self->client, &reader, "s1");
    nobody.call.principal.name = TEXT("");
    ask_start(self->client, &nobody, "who");
    homeless.call.principal.tenant = TEXT("");
    ask_start(self->client, &homeless, "whose");
    turn_until(self->client, &reader.runs, 1);
    turn_until(self->client, &nobody.runs, 1);
    turn_until(self->client, &homeless.runs, 1);

    assert_int_equal(reader.status, STATUS_PERMISSION_DENIED);
    assert_int_equal(reader.outcome, OUTCOME_NOT_COMMITTED);
    assert_int_equal(nobody.status, STATUS_UNAUTHENTICATED);
    assert_int_equal(homeless.status, STATUS_UNAUTHENTICATED);
    assert_int_equal(self->fake->handled, 0);
}

static void
on_context(const Forge__CountReply *reply, void *data)
{
    assert_null(reply);
    ++*(unsigned *)data;
}

static void
a_method_that_nobody_offers_is_unimplemented(void **state)
{
    struct fixture *self = *state;
    struct rpc_call call = ask_call();
    Forge__CountRequest request = FORGE__COUNT_REQUEST__INIT;
    unsigned runs = 0;

    forge__context__count(rpc_client_bind(self->client, &forge__context__descriptor, &call),
        &request, on_context, &runs);
    turn_until(self->client, &runs, 1);

    assert_int_equal(call.reply.status, STATUS_UNIMPLEMENTED);
}

static void
draining_refuses_new_calls_and_finishes_old_ones(void **state)
{
    struct fixture *self = *state;
    struct ask old = {0};
    struct ask new = {0};

    ask_checkpoint(self->client, &old, "old");
    turn_until_in_gate(self, 1);
    fake_drain(self->fake);
    ask_checkpoint(self->client, &new, "new");
    turn_until(self->client, &new.runs, 1);
    fake_open_gate(self->fake, 1);
    turn_until(self->client, &old.runs, 1);

    assert_int_equal(new.status, STATUS_UNAVAILABLE);
    assert_int_equal(new.outcome, OUTCOME_NOT_COMMITTED);
    assert_int_equal(old.status, STATUS_OK);
    assert_true(rpc_client_peer(self->client)->draining);
}

static void
several_clients_get_their_own_answers(void **state)
{
    enum { CLIENTS = 5, CALLS = 20 };
    struct fixture *self = *state;
    struct rpc_client *clients[CLIENTS];
    struct ask asks[CLIENTS][CALLS] = {0};

    for (unsigned i = 0; i < CLIENTS; i++) {
        clients[i] = ask_client(self->fake->endpoint);
        for (unsigned j = 0; j < CALLS; j++) {
            char task[32];
            snprintf(task, sizeof task, "%u of %u", j, i);
            ask_start(clients[i], &asks[i][j], task);
        }
        rpc_client_turn(clients[i]);
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        for (unsigned j = 0; j < CALLS; j++) {
            char task[32];
            snprintf(task, sizeof task, "%u of %u", j, i);
            turn_until(clients[i], &asks[i][j].runs, 1);
            assert_string_equal(asks[i][j].text, task);
        }
        rpc_client_destroy(&clients[i]);
    }
}

int
main(void)
{
#define CASE(name)       cmocka_unit_test_setup_teardown(name, setup, teardown)
#define GATED_CASE(name) cmocka_unit_test_setup_teardown(name, setup_gated, teardown)
    const struct CMUnitTest tests[] = {
        GATED_CASE(what_queued_up_during_a_commit_is_the_next_batch),
        CASE(a_failed_commit_leaves_the_outcome_unknown),
        CASE(nothing_staged_needs_no_commit),
        CASE(a_workers_note_reaches_the_router),
        GATED_CASE(readers_work_side_by_side_and_a_full_queue_refuses),
        GATED_CASE(a_waiting_call_can_be_cancelled_and_is_never_run),
        GATED_CASE(a_call_that_expires_in_the_queue_is_never_run),
        GATED_CASE(a_client_that_leaves_takes_its_waiting_calls_along),
        CASE(a_parked_call_goes_on_when_it_is_resumed),
        CASE(a_call_may_be_parked_again_in_a_worker),
        CASE(a_parked_call_runs_again_at_its_hour),
        CASE(a_parked_call_ends_by_deadline_and_by_cancel),
        CASE(a_role_that_the_rule_does_not_name_is_refused),
        CASE(a_method_that_nobody_offers_is_unimplemented),
        GATED_CASE(draining_refuses_new_calls_and_finishes_old_ones),
        CASE(several_clients_get_their_own_answers),
    };
    zsys_init();
    zsys_handler_set(NULL);
    return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
