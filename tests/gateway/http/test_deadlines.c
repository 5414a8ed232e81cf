#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

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
a_slow_head_is_refused(void **state)
{
    struct live *live = *state;
    struct client client;
    live->options.limits.head_ms = 50;
    live_listen(live);
    client_open(&client, live);
    int64_t start_ms = clock_monotonic_ms();

    for (const char *at = "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "; *at; at++)
        client_send(&client, text_from(at, 1));
    struct answer answer = client_answer(&client, false);

    assert_int_equal(answer.status, 408);
    assert_true(clock_monotonic_ms() - start_ms >= 50);
    assert_true(client_sees_close(&client));
    assert_int_equal(live_count(live, "forge_http_refused_total", "slow_head"), 1);
    client_close(&client);
}

static void
a_slow_body_is_refused(void **state)
{
    struct live *live = *state;
    struct client client;
    live->options.limits.body_ms = 50;
    live_listen(live);
    client_open(&client, live);

    client_send(&client, TEXT("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\nhalf"));

    assert_int_equal(client_answer(&client, false).status, 408);
    assert_true(client_sees_close(&client));
    assert_int_equal(live->handled, 0);
    client_close(&client);
}

static void
an_idle_connection_is_closed_without_words(void **state)
{
    struct live *live = *state;
    struct client fresh, used;
    live->options.limits.idle_ms = 50;
    live_listen(live);
    client_open(&fresh, live);
    client_open(&used, live);

    client_send(&used, PING);
    assert_int_equal(client_answer(&used, false).status, 200);

    assert_true(client_sees_close(&fresh) && client_sees_close(&used));
    assert_int_equal(fresh.in.length, 0);
    assert_int_equal(used.in.length, used.answer_bytes);
    assert_int_equal(live_count(live, "forge_http_refused_total", ""), 0);
    client_close(&fresh);
    client_close(&used);
}

static void
a_pending_request_has_all_the_time_it_needs(void **state)
{
    struct live *live = *state;
    struct client client;
    live->options.limits.idle_ms = live->options.limits.head_ms = 20;
    live->options.limits.body_ms = live->options.limits.send_ms = 20;
    live_listen(live);
    open_held(&client, live);

    int64_t end_ms = clock_monotonic_ms() + 400;
    while (clock_monotonic_ms() < end_ms)
        live_turn(live);
    live_release(live, 0);

    assert_true(text_is(client_answer(&client, false).body, "released"));
    client_close(&client);
}

static void
idle_connections_have_no_memory_of_a_request(void **state)
{
    struct live *live = *state;
    struct client clients[8];
    live_listen(live);

    for (int i = 0; i < 8; i++) {
        client_open(&clients[i], live);
        client_send(&clients[i], PING);
        assert_int_equal(client_answer(&clients[i], false).status, 200);
    }

    assert_int_equal(live->listener->spare_count, 1);
    for (const struct http_connection *each = live->listener->first; each; each = each->next)
        assert_null(each->exchange);
    for (int i = 0; i < 8; i++)
        client_close(&clients[i]);
}

static void
no_timer_runs_when_nobody_is_connected(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);
    client_open(&client, live);
    client_send(&client, PING);
    assert_int_equal(client_answer(&client, false).status, 200);
    assert_true(uv_backend_timeout(&live->loop) > 0);

    client_close(&client);
    int64_t deadline_ms = clock_monotonic_ms() + 5000;
    while (atomic_load(&live->connections) && clock_monotonic_ms() < deadline_ms)
        live_turn(live);
    live_turn(live);

    assert_int_equal(uv_backend_timeout(&live->loop), -1);
}

#define LIVE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LIVE_TEST(a_slow_head_is_refused),
        LIVE_TEST(a_slow_body_is_refused),
        LIVE_TEST(an_idle_connection_is_closed_without_words),
        LIVE_TEST(a_pending_request_has_all_the_time_it_needs),
        LIVE_TEST(idle_connections_have_no_memory_of_a_request),
        LIVE_TEST(no_timer_runs_when_nobody_is_connected),
    };
    return cmocka_run_group_tests_name("http deadlines", tests, NULL, NULL);
}
