#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "tests/gateway/http/live.h"

#define HOST "Host: localhost\r\n"
#define PING TEXT("GET /livez HTTP/1.1\r\n" HOST "\r\n")
#define NONE TEXT("GET /none HTTP/1.1\r\n" HOST "\r\n")

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

static void
a_connection_too_many_is_told_so(void **state)
{
    struct live *live = *state;
    struct client first, second, third;
    live->options.limits.connections = 2;
    live_listen(live);
    client_open(&first, live);
    client_open(&second, live);
    client_open(&third, live);

    client_send(&third, NONE);
    struct answer answer = client_answer(&third, false);
    assert_int_equal(answer.status, 503);
    assert_true(text_is(answer_header(&answer, "retry-after"), "1"));
    assert_true(client_sees_close(&third) && !third.was_reset);
    client_close(&third);

    client_send(&first, NONE);
    assert_int_equal(client_answer(&first, false).status, 404);
    client_close(&first);
    client_open(&third, live);
    client_send(&second, NONE);
    assert_int_equal(client_answer(&second, false).status, 404);
    client_send(&third, NONE);
    assert_int_equal(client_answer(&third, false).status, 404);
    client_close(&second);
    client_close(&third);
    assert_int_equal(live->handled, 3);
}

static void
a_silent_connection_too_many_is_told_soon(void **state)
{
    struct live *live = *state;
    struct client first, second;
    live->options.limits.connections = 1;
    live_listen(live);
    client_open(&first, live);
    client_open(&second, live);

    int64_t start_ms = clock_monotonic_ms();
    assert_int_equal(client_answer(&second, false).status, 503);
    assert_true(clock_monotonic_ms() - start_ms < 2500);
    client_close(&first);
    client_close(&second);
}

static void
probes_are_answered_beyond_the_limit(void **state)
{
    struct live *live = *state;
    struct client first, second;
    live->options.limits.connections = 1;
    live_listen(live);
    client_open(&first, live);
    client_open(&second, live);

    client_send(&second, PING);
    struct answer answer = client_answer(&second, false);

    assert_int_equal(answer.status, 200);
    assert_true(text_is(answer_header(&answer, "connection"), "close"));
    assert_true(client_sees_close(&second));
    client_close(&first);
    client_close(&second);
}

static void
beyond_the_reserve_connections_are_only_closed(void **state)
{
    enum { MANY = 80 };
    struct live *live = *state;
    struct client clients[MANY];
    unsigned closed = 0;
    live->options.limits.connections = 1;
    live_listen(live);
    for (int i = 0; i < MANY; i++)
        client_open(&clients[i], live);
    int64_t end_ms = clock_monotonic_ms() + 100;
    while (clock_monotonic_ms() < end_ms)
        live_turn(live);

    for (int i = 0; i < MANY; i++) {
        char byte;
        closed += recv(clients[i].fd, &byte, 1, MSG_DONTWAIT) == 0;
        client_close(&clients[i]);
    }

    assert_int_equal(closed, MANY - 1 - 64);
}

static void
two_loops_share_one_port(void **state)
{
    struct live *live = *state;
    struct live other;
    live_listen(live);
    live_init(&other);
    other.options.port = http_listener_port(live->listener);
    other.options.joins = true;
    live_listen(&other);

    /* The kernel spreads connections over both; whoever has one answers. */
    for (int i = 0; i < 64 && !(live->handled && other.handled); i++) {
        struct client client;
        client_open(&client, live);
        client_send(&client, PING);
        for (int j = 0; j < 200 && !client.in.length; j++) {
            live_turn(&other);
            client_take(&client);
        }
        assert_true(client.in.length > 0);
        client_close(&client);
    }

    assert_true(live->handled && other.handled);
    live_stop(&other);
}

static void
a_port_in_use_is_an_error_with_words(void **state)
{
    struct live *live = *state;
    struct http_listener *second = NULL;
    struct problem problem;
    live_listen(live);
    struct http_listener_options options = live->options;
    options.port = http_listener_port(live->listener);

    assert_int_equal(http_listener_create(&options, &second, &problem), STATUS_UNAVAILABLE);
    assert_null(second);
    assert_non_null(strstr(problem.text, "is in use on 127.0.0.1"));
    options.address = "localhost";
    assert_int_equal(http_listener_create(&options, &second, &problem), STATUS_INVALID_ARGUMENT);
    options.address = "192.0.2.1";
    assert_int_equal(http_listener_create(&options, &second, &problem), STATUS_UNAVAILABLE);
}

static void
a_draining_listener_lets_its_connections_go(void **state)
{
    struct live *live = *state;
    struct client idle, pending, fresh;
    live_listen(live);
    client_open(&idle, live);
    client_open(&pending, live);
    client_send(&idle, PING);
    assert_int_equal(client_answer(&idle, false).status, 200);
    client_send(&pending, TEXT("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(live_wait(live, &live->held_count, 1));

    http_listener_drain(live->listener);
    assert_true(client_sees_close(&idle));
    live_release(live, 0);
    struct answer answer = client_answer(&pending, false);
    assert_true(text_is(answer.body, "released"));
    assert_true(text_is(answer_header(&answer, "connection"), "close"));
    assert_true(client_sees_close(&pending));
    client_open(&fresh, live);
    client_send(&fresh, PING);
    answer = client_answer(&fresh, false);
    assert_int_equal(answer.status, 200);
    assert_true(text_is(answer_header(&answer, "connection"), "close"));
    client_close(&idle);
    client_close(&pending);
    client_close(&fresh);
}

static void
closing_ends_every_connection_and_waits_for_the_answers(void **state)
{
    struct live *live = *state;
    struct client idle, pending;
    live_listen(live);
    client_open(&idle, live);
    client_open(&pending, live);
    client_send(&pending, TEXT("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(live_wait(live, &live->held_count, 1));

    live_close(live);
    assert_int_equal(live->held[0].gone, GONE_RESET);
    assert_true(client_sees_close(&idle) && client_sees_close(&pending));
    live_turn(live);
    assert_false(live->is_closed);
    live_release(live, 0);

    assert_true(live->is_closed);
    client_close(&idle);
    client_close(&pending);
}

static void
a_handler_may_close_the_listener(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);
    client_open(&client, live);

    client_send(&client, TEXT("GET /close HTTP/1.1\r\n" HOST "\r\n"));

    assert_true(client_sees_close(&client));
    client_close(&client);
}

static void
running_out_of_descriptors_passes(void **state)
{
    enum { CLIENTS = 8 };
    struct live *live = *state;
    struct client clients[CLIENTS];
    struct client later;
    struct rlimit limit;
    live_listen(live);
    for (int i = 0; i < CLIENTS; i++)
        client_open(&clients[i], live);
    getrlimit(RLIMIT_NOFILE, &limit);
    int lowest = dup(0);
    close(lowest);
    struct rlimit tight = {.rlim_cur = (rlim_t)lowest + 2, .rlim_max = limit.rlim_max};

    /* Two connections are accepted, the others are turned away instead of waiting for ever. */
    setrlimit(RLIMIT_NOFILE, &tight);
    int64_t end_ms = clock_monotonic_ms() + 100;
    while (clock_monotonic_ms() < end_ms)
        live_turn(live);
    assert_int_equal(atomic_load(&live->connections), 2);
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int i = 2; i < CLIENTS; i++)
        assert_true(client_sees_close(&clients[i]));

    client_open(&later, live);
    client_send(&later, PING);
    assert_int_equal(client_answer(&later, false).status, 200);
    client_close(&later);
    for (int i = 0; i < CLIENTS; i++)
        client_close(&clients[i]);
}

#define LIVE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LIVE_TEST(a_connection_too_many_is_told_so),
        LIVE_TEST(a_silent_connection_too_many_is_told_soon),
        LIVE_TEST(probes_are_answered_beyond_the_limit),
        LIVE_TEST(beyond_the_reserve_connections_are_only_closed),
        LIVE_TEST(two_loops_share_one_port),
        LIVE_TEST(a_port_in_use_is_an_error_with_words),
        LIVE_TEST(a_draining_listener_lets_its_connections_go),
        LIVE_TEST(closing_ends_every_connection_and_waits_for_the_answers),
        LIVE_TEST(a_handler_may_close_the_listener),
        LIVE_TEST(running_out_of_descriptors_passes),
    };
    return cmocka_run_group_tests_name("http listener", tests, NULL, NULL);
}
