/* What client and server learn of each other, over inproc, ipc and tcp. */
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
a_goodbye_makes_the_peer_draining(void **state)
{
    struct fixture *self = *state;
    struct ask ask = {0};
    turn_until_answering(self->client);

    fake_drain(self->fake);
    ask_start(self->client, &ask, "too late");
    turn_until(self->client, &ask.runs, 1);

    assert_int_equal(ask.status, STATUS_UNAVAILABLE);
    assert_true(rpc_client_peer(self->client)->draining);
    turn_for(self->client, 120);
    assert_true(rpc_client_peer(self->client)->answering);
    assert_true(rpc_client_peer(self->client)->draining);
}

static void
pings_tell_who_is_there(void **state)
{
    struct fixture *self = *state;
    int64_t now_ms = clock_wall_ms();

    turn_until_answering(self->client);

    const struct rpc_peer *peer = rpc_client_peer(self->client);
    assert_true(peer->connected);
    assert_string_equal(peer->instance, "fake@test");
    assert_true((int64_t)peer->started_at_ms <= now_ms + 1000 &&
                (int64_t)peer->started_at_ms > now_ms - 60000);
    assert_true(peer->answered_ms > 0);
}

static void *
destroy_fake(void *fake_p)
{
    fake_destroy(fake_p);
    return NULL;
}

static void
a_server_that_ends_answers_what_waits(void **state)
{
    struct fixture *self = *state;
    struct ask parked = {0};
    struct ask running = {0};
    ask_end(self->client, &parked, "parked");
    ask_list(self->client, &running, "slow");
    turn_until_answering(self->client);
    while (self->fake->in_gate < 1 || self->fake->handled < 2)
        turn_once(self->client, 10);

    pthread_t thread;
    pthread_create(&thread, NULL, destroy_fake, &self->fake);
    turn_until(self->client, &running.runs, 1);
    turn_until(self->client, &parked.runs, 1);
    pthread_join(thread, NULL);

    assert_int_equal(parked.status, STATUS_UNAVAILABLE);
    assert_string_equal(parked.detail, "the service is closing");
    assert_int_equal(running.status, STATUS_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_goodbye_makes_the_peer_draining),
        CASE(pings_tell_who_is_there),
        GATED_CASE(a_server_that_ends_answers_what_waits),
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
