/* What a client does by itself: holding, limits, cancelling, closures that call. */
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
without_a_peer_calls_wait_for_the_first_connection_and_then_fail_at_once(void **state)
{
    static const char *const endpoints[] = {"tcp://127.0.0.1:9", "inproc://nobody"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct ask held = {0};
        struct ask refused = {0};
        struct rpc_client *client = ask_client(endpoints[i]);
        int64_t started_ms = clock_monotonic_ms();

        ask_start(client, &held, "held");
        turn_until(client, &held.runs, 1);
        int64_t took_ms = clock_monotonic_ms() - started_ms;
        ask_start(client, &refused, "refused");

        assert_int_equal(held.status, STATUS_UNAVAILABLE);
        assert_int_equal(held.outcome, OUTCOME_NOT_COMMITTED);
        assert_true(took_ms >= 990 && took_ms < 3000);
        assert_int_equal(refused.runs, 1);
        assert_int_equal(refused.status, STATUS_UNAVAILABLE);
        assert_int_equal(refused.outcome, OUTCOME_NOT_COMMITTED);
        rpc_client_destroy(&client);
    }
}

static void
a_call_made_before_the_service_started_is_answered(void **state)
{
    (void)state;
    struct ask ask = {0};
    struct fake_options options = {.endpoint = fake_endpoint("inproc")};
    struct rpc_client *client = ask_client(options.endpoint);

    ask_start(client, &ask, "early");
    rpc_client_turn(client);
    struct fake *fake = fake_create(&options);
    turn_until(client, &ask.runs, 1);

    assert_int_equal(ask.status, STATUS_OK);
    assert_int_equal(fake->handled, 1);
    rpc_client_destroy(&client);
    fake_destroy(&fake);
}

static void
no_more_calls_are_open_than_allowed(void **state)
{
    (void)state;
    struct ask asks[3] = {0};
    struct rpc_client_options options = {.endpoint = "inproc://nobody", .max_open_calls = 2};
    struct rpc_client *client = rpc_client_create(&options);

    for (unsigned i = 0; i < 3; i++)
        ask_start(client, &asks[i], "one of three");

    assert_int_equal(rpc_client_peer(client)->open_calls, 2);
    assert_int_equal(asks[2].runs, 1);
    assert_int_equal(asks[2].status, STATUS_RESOURCE_EXHAUSTED);
    rpc_client_destroy(&client);
}

static void
destroying_the_client_ends_its_calls(void **state)
{
    (void)state;
    struct ask asks[100] = {0};
    struct rpc_client *client = ask_client("inproc://nobody");

    for (unsigned i = 0; i < 100; i++)
        ask_start(client, &asks[i], "abandoned");
    rpc_client_turn(client);
    rpc_client_destroy(&client);

    assert_null(client);
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(asks[i].runs, 1);
        assert_int_equal(asks[i].status, STATUS_UNAVAILABLE);
    }
}

static void
a_call_that_is_cancelled_before_it_left_never_leaves(void **state)
{
    (void)state;
    struct ask cancelled = {0};
    struct ask kept = {0};
    struct fake_options options = {.endpoint = fake_endpoint("inproc")};
    struct fake *fake = fake_create(&options);
    struct rpc_client *client = ask_client(options.endpoint);

    ask_start(client, &cancelled, "cancelled");
    ask_start(client, &kept, "kept");
    rpc_client_cancel(client, &cancelled.call);
    assert_int_equal(cancelled.runs, 0);
    turn_until(client, &kept.runs, 1);
    turn_until(client, &cancelled.runs, 1);

    assert_int_equal(cancelled.status, STATUS_CANCELLED);
    assert_int_equal(cancelled.outcome, OUTCOME_NOT_COMMITTED);
    assert_int_equal(kept.status, STATUS_OK);
    assert_int_equal(fake->handled, 1);
    rpc_client_cancel(client, &cancelled.call);
    rpc_client_destroy(&client);
    fake_destroy(&fake);
}

static void
a_bad_principal_is_told_before_anything_is_sent(void **state)
{
    (void)state;
    char name[65];
    memset(name, 'a', sizeof name);
    struct ask ask = {.call = ask_call()};
    ask.call.principal.name = text_from(name, sizeof name);
    struct rpc_client *client = ask_client("inproc://nobody");

    ask_start(client, &ask, "never sent");

    assert_int_equal(ask.status, STATUS_INVALID_ARGUMENT);
    rpc_client_destroy(&client);
}

/* A closure that starts the next call, until there were enough. */
struct chain {
    struct ask ask; /* first */
    struct rpc_client *client;
    unsigned left;
};

static void on_link(const Forge__SessionStartReply *reply, void *data);

static void
start_link(struct chain *self)
{
    Forge__SessionStartRequest request = FORGE__SESSION_START_REQUEST__INIT;
    request.task = (char[]){"next"};
    self->ask.call.deadline_ms = clock_monotonic_ms() + 5000;
    forge__session__start(
        rpc_client_bind(self->client, &forge__session__descriptor, &self->ask.call), &request,
        on_link, self);
}

static void
on_link(const Forge__SessionStartReply *reply, void *data)
{
    struct chain *self = data;
    assert_non_null(reply);
    self->ask.runs++;
    if (self->left-- > 0) {
        start_link(self);
        rpc_client_turn(self->client);
    }
}

static void
a_closure_may_start_the_next_call(void **state)
{
    (void)state;
    struct fake_options options = {.endpoint = fake_endpoint("inproc")};
    struct fake *fake = fake_create(&options);
    struct rpc_client *client = ask_client(options.endpoint);
    struct chain chains[100];

    for (unsigned i = 0; i < 100; i++) {
        chains[i] = (struct chain){.client = client, .left = 50, .ask = {.call = ask_call()}};
        start_link(&chains[i]);
    }
    for (unsigned i = 0; i < 100; i++)
        turn_until(client, &chains[i].ask.runs, 51);

    assert_int_equal(rpc_client_peer(client)->open_calls, 0);
    assert_int_equal(fake->handled, 100 * 51);
    rpc_client_destroy(&client);
    fake_destroy(&fake);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_peer_calls_wait_for_the_first_connection_and_then_fail_at_once),
        cmocka_unit_test(a_call_made_before_the_service_started_is_answered),
        cmocka_unit_test(no_more_calls_are_open_than_allowed),
        cmocka_unit_test(destroying_the_client_ends_its_calls),
        cmocka_unit_test(a_call_that_is_cancelled_before_it_left_never_leaves),
        cmocka_unit_test(a_bad_principal_is_told_before_anything_is_sent),
        cmocka_unit_test(a_closure_may_start_the_next_call),
    };
    zsys_init();
    zsys_handler_set(NULL);
    return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
