#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "tests/gateway/http/live.h"

#define HOST "Host: localhost\r\n"
#define BIG  TEXT("GET /big?4000000 HTTP/1.1\r\n" HOST "\r\n")
#define PING TEXT("GET /livez HTTP/1.1\r\n" HOST "\r\n")

enum { BIG_BYTES = 4000000 };

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

static bool
is_as_made(struct text body)
{
    for (size_t i = 0; i < body.length; i++)
        if (body.data[i] != (char)('a' + i % 23))
            return false;
    return true;
}

static void
a_slow_reader_gets_every_byte(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);
    client_open_small(&client, live, 4096);

    client_send(&client, BIG);
    client_send(&client, PING);
    for (int i = 0; i < 20; i++)
        live_turn(live);
    assert_int_equal(live->handled, 1);
    struct answer answer = client_answer(&client, false);

    assert_int_equal(answer.body.length, BIG_BYTES);
    assert_true(is_as_made(answer.body));
    assert_true(text_is(client_answer(&client, false).body, "ok"));
    client_close(&client);
}

static void
a_reader_that_stands_still_is_left(void **state)
{
    struct live *live = *state;
    struct client client;
    live->options.limits.send_ms = 60;
    live_listen(live);
    client_open_small(&client, live, 4096);
    client_send(&client, BIG);

    int64_t deadline_ms = clock_monotonic_ms() + 5000;
    while (atomic_load(&live->connections) && clock_monotonic_ms() < deadline_ms)
        live_turn(live);

    assert_int_equal(atomic_load(&live->connections), 0);
    assert_int_equal(live_count(live, "forge_http_refused_total", "slow_reader"), 1);
    client_close(&client);
}

static void
a_reader_that_leaves_ends_the_answer(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);
    client_open_small(&client, live, 4096);
    client_send(&client, BIG);

    client_close(&client);
    int64_t deadline_ms = clock_monotonic_ms() + 5000;
    while (atomic_load(&live->connections) && clock_monotonic_ms() < deadline_ms)
        live_turn(live);

    assert_int_equal(atomic_load(&live->connections), 0);
}

static void
head_has_the_headers_and_no_body(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);
    client_open(&client, live);

    client_send(&client, TEXT("HEAD /big?1234 HTTP/1.1\r\n" HOST "\r\n"));
    struct answer answer = client_answer(&client, true);
    assert_int_equal(answer.status, 200);
    assert_true(text_is(answer_header(&answer, "content-length"), "1234"));
    client_send(&client, TEXT("HEAD /none HTTP/1.1\r\n" HOST "\r\n"));
    assert_int_equal(client_answer(&client, true).status, 404);
    client_send(&client, PING);
    assert_true(text_is(client_answer(&client, false).body, "ok"));

    client_send(&client, TEXT("HEAD / HTTP/1.1\r\n" HOST "Transfer-Encoding: x\r\n\r\n"));
    assert_int_equal(client_answer(&client, true).status, 411);
    assert_true(client_sees_close(&client));
    assert_int_equal(client.in.length, client.answer_bytes);
    client_close(&client);
}

static void
answers_are_not_stored_and_name_no_server(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);
    client_open(&client, live);

    client_send(&client, PING);
    struct answer answer = client_answer(&client, false);

    assert_true(text_starts_with(answer.head, TEXT("HTTP/1.1 200 OK\r\n")));
    assert_true(text_is(answer_header(&answer, "content-type"), "text/plain"));
    assert_true(text_is(answer_header(&answer, "content-length"), "2"));
    assert_true(text_is(answer_header(&answer, "cache-control"), "no-store"));
    assert_null(answer_header(&answer, "server").data);
    assert_null(answer_header(&answer, "connection").data);
    assert_null(answer_header(&answer, "access-control-allow-origin").data);
    client_close(&client);
}

static void
a_handler_may_add_headers(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);
    client_open(&client, live);
    client_send(&client, TEXT("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(live_wait(live, &live->held_count, 1));

    http_exchange_add_header(live->held[0].exchange, "Mcp-Session-Id", TEXT("abc"));
    http_exchange_add_header(live->held[0].exchange, "cache-control", TEXT("no-cache"));
    live_release(live, 0);
    struct answer answer = client_answer(&client, false);
    assert_true(text_is(answer_header(&answer, "mcp-session-id"), "abc"));
    assert_true(text_is(answer_header(&answer, "cache-control"), "no-cache"));

    client_send(&client, PING);
    answer = client_answer(&client, false);
    assert_null(answer_header(&answer, "mcp-session-id").data);
    assert_true(text_is(answer_header(&answer, "cache-control"), "no-store"));
    client_close(&client);
}

static void
a_request_limit_ends_the_connection(void **state)
{
    struct live *live = *state;
    struct client client;
    live->options.limits.requests = 2;
    live_listen(live);
    client_open(&client, live);

    client_send(&client, PING);
    struct answer answer = client_answer(&client, false);
    assert_null(answer_header(&answer, "connection").data);
    client_send(&client, PING);
    answer = client_answer(&client, false);

    assert_true(text_is(answer_header(&answer, "connection"), "close"));
    assert_true(client_sees_close(&client));
    client_close(&client);
}

static void
sixty_four_clients_are_served_side_by_side(void **state)
{
    enum { CLIENTS = 64, ROUNDS = 20 };
    struct live *live = *state;
    struct client clients[CLIENTS];
    live_listen(live);
    for (int i = 0; i < CLIENTS; i++)
        client_open(&clients[i], live);

    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < CLIENTS; i++) {
            char request[128];
            int length = snprintf(request, sizeof request,
                "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n%02d-%02d", i, round);
            client_send(&clients[i], text_from(request, (size_t)length));
        }
        for (int i = CLIENTS - 1; i >= 0; i--) {
            char wanted[24];
            snprintf(wanted, sizeof wanted, "%02d-%02d", i, round);
            assert_true(text_is(client_answer(&clients[i], false).body, wanted));
        }
    }

    assert_int_equal(atomic_load(&live->connections), CLIENTS);
    assert_int_equal(live_count(live, "forge_http_requests_total", "code=\"2xx\",method=\"POST\""),
        CLIENTS * ROUNDS);
    assert_int_equal(live_count(live, "forge_http_request_duration_seconds", ""), CLIENTS * ROUNDS);
    for (int i = 0; i < CLIENTS; i++)
        client_close(&clients[i]);
}

#define LIVE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LIVE_TEST(a_slow_reader_gets_every_byte),
        LIVE_TEST(a_reader_that_stands_still_is_left),
        LIVE_TEST(a_reader_that_leaves_ends_the_answer),
        LIVE_TEST(head_has_the_headers_and_no_body),
        LIVE_TEST(answers_are_not_stored_and_name_no_server),
        LIVE_TEST(a_handler_may_add_headers),
        LIVE_TEST(a_request_limit_ends_the_connection),
        LIVE_TEST(sixty_four_clients_are_served_side_by_side),
    };
    return cmocka_run_group_tests_name("http delivery", tests, NULL, NULL);
}
