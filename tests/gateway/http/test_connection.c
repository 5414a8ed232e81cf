#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "gateway/http/connection.h"
#include "tests/gateway/http/live.h"

#define HOST "Host: localhost\r\n"
#define HOLD TEXT("GET /hold HTTP/1.1\r\n" HOST "\r\n")
#define PING TEXT("GET /livez HTTP/1.1\r\n" HOST "\r\n")

static int
setup(void **state)
{
    struct live *live = memory_new(sizeof *live);
    live_init(live);
    *state = live;
    return 0;
}

static int
teardown(void **state)
{
    live_stop(*state);
    free(*state);
    return 0;
}

/* A client whose request the handler holds. */
static void
open_held(struct client *client, struct live *live)
{
    unsigned wanted = live->held_count + 1;
    client_open(client, live);
    client_send(client, HOLD);
    assert_true(live_wait(live, &live->held_count, wanted));
}

static void
reset(struct client *client)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    client_close(client);
}

/* Turns the loop until the held exchange's client is gone; the milliseconds that took. */
static int64_t
wait_for_gone(struct live *live, unsigned index)
{
    int64_t start_ms = clock_monotonic_ms();
    while (live->held[index].gone == NOT_GONE && clock_monotonic_ms() < start_ms + 5000)
        live_turn(live);
    return clock_monotonic_ms() - start_ms;
}

static void
a_client_that_closes_is_noticed_while_its_request_is_pending(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);

    open_held(&client, live);
    client_close(&client);
    assert_true(wait_for_gone(live, 0) < 100);
    assert_int_equal(live->held[0].gone, GONE_HALF_CLOSED);

    open_held(&client, live);
    reset(&client);
    assert_true(wait_for_gone(live, 1) < 100);
    assert_int_equal(live->held[1].gone, GONE_RESET);

    live_release(live, 0);
    live_release(live, 1);
    assert_int_equal(live_count(live, "forge_http_requests_total", "code=\"2xx\""), 1);
    assert_int_equal(live_count(live, "forge_http_requests_total", "code=\"4xx\""), 1);
}

static void
a_half_closed_client_still_gets_its_answer(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);
    open_held(&client, live);

    shutdown(client.fd, SHUT_WR);
    wait_for_gone(live, 0);
    assert_int_equal(live->held[0].gone, GONE_HALF_CLOSED);
    live_release(live, 0);

    assert_true(text_is(client_answer(&client, false).body, "released"));
    assert_true(client_sees_close(&client));
    client_close(&client);
}

static void
requests_sent_before_the_end_are_all_answered(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);
    client_open(&client, live);

    send(client.fd, PING.data, PING.length, 0);
    send(client.fd, PING.data, PING.length, 0);
    send(client.fd, "GET /cut", 8, 0);
    shutdown(client.fd, SHUT_WR);

    assert_int_equal(client_answer(&client, false).status, 200);
    assert_int_equal(client_answer(&client, false).status, 200);
    assert_int_equal(client_answer(&client, false).status, 0);
    assert_true(client.has_ended);
    client_close(&client);
}

static void
who_asks_late_learns_that_the_client_is_gone(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);
    open_held(&client, live);
    reset(&client);
    wait_for_gone(live, 0);

    struct held late = {.live = live};
    http_exchange_on_gone(live->held[0].exchange, live_on_gone, &late);

    assert_int_equal(late.gone, GONE_RESET);
}

static void
nobody_is_told_after_the_answer(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);
    open_held(&client, live);

    live_release(live, 0);
    assert_int_equal(client_answer(&client, false).status, 200);
    reset(&client);
    int64_t end_ms = clock_monotonic_ms() + 20;
    while (clock_monotonic_ms() < end_ms)
        live_turn(live);

    assert_int_equal(live->held[0].gone, NOT_GONE);
}

static void
a_warm_connection_allocates_nothing_for_a_request(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);
    client_open(&client, live);
    client_send(&client, PING);
    assert_int_equal(client_answer(&client, false).status, 200);
    const struct http_exchange *exchange = live->listener->spares;
    const void *warm[] = {exchange, exchange->input.data, exchange->answer_head.data,
        exchange->out.data, exchange->arena.blocks};

    for (int i = 0; i < 100; i++) {
        client_send(&client, PING);
        assert_int_equal(client_answer(&client, false).status, 200);
    }

    const void *still[] = {live->listener->spares, exchange->input.data, exchange->answer_head.data,
        exchange->out.data, exchange->arena.blocks};
    assert_memory_equal(warm, still, sizeof warm);
    client_close(&client);
}

#define LIVE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LIVE_TEST(a_client_that_closes_is_noticed_while_its_request_is_pending),
        LIVE_TEST(a_half_closed_client_still_gets_its_answer),
        LIVE_TEST(requests_sent_before_the_end_are_all_answered),
        LIVE_TEST(who_asks_late_learns_that_the_client_is_gone),
        LIVE_TEST(nobody_is_told_after_the_answer),
        LIVE_TEST(a_warm_connection_allocates_nothing_for_a_request),
    };
    return cmocka_run_group_tests_name("http connection", tests, NULL, NULL);
}
