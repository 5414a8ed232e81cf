#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/memory.h"
#include "tests/gateway/http/live.h"

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

#define HOST   "Host: localhost\r\n"
#define SECOND "GET /livez HTTP/1.1\r\n" HOST "\r\n"

static void
five_megabytes_are_refused_with_an_answer_that_arrives(void **state)
{
    struct live *live = *state;
    struct client client;
    struct buffer body = {0};
    live_listen(live);
    buffer_add_text(&body, TEXT("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5242880\r\n\r\n"));
    size_t head = body.length;
    memset(buffer_reserve(&body, 5242880), 'x', 5242880);
    body.length = head + 5242880;

    client_open(&client, live);
    assert_true(client_send(&client, buffer_text(&body)));
    struct answer answer = client_answer(&client, false);

    assert_int_equal(answer.status, 413);
    assert_true(client_sees_close(&client) && !client.was_reset);
    assert_int_equal(live->handled, 0);
    client_close(&client);
    buffer_release(&body);
}

static void
the_largest_body_is_taken(void **state)
{
    struct live *live = *state;
    struct client client;
    struct buffer body = {0};
    live->options.limits.body_bytes = 300000;
    live_listen(live);
    buffer_add_text(&body, TEXT("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 300000\r\n\r\n"));
    size_t head = body.length;
    for (int i = 0; i < 300000; i++)
        buffer_add_byte(&body, (char)('a' + i % 23));

    client_open(&client, live);
    assert_true(client_send(&client, buffer_text(&body)));
    struct answer answer = client_answer(&client, false);

    assert_int_equal(answer.status, 200);
    assert_true(text_equals(answer.body, text_from(body.data + head, 300000)));
    client_close(&client);
    buffer_release(&body);
}

static void
pipelined_requests_are_answered_in_order(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);
    client_open(&client, live);

    client_send(&client, TEXT("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\none"
                              "POST /hold HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\ntwo"
                              "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nth"));
    client_send(&client, TEXT("ree\r\nGET /none HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(live_wait(live, &live->held_count, 1));

    assert_true(text_is(client_answer(&client, false).body, "one"));
    live_turn(live);
    assert_int_equal(live->handled, 2);
    live_release(live, 0);
    assert_true(text_is(client_answer(&client, false).body, "released"));
    assert_true(text_is(client_answer(&client, false).body, "three"));
    assert_int_equal(client_answer(&client, false).status, 404);
    client_close(&client);
}

static void
a_pipeline_that_grows_while_one_waits_ends_the_connection(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);
    client_open(&client, live);
    client_send(&client, TEXT("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(live_wait(live, &live->held_count, 1));

    while (client_send(&client, TEXT(SECOND SECOND SECOND SECOND SECOND SECOND SECOND SECOND)) &&
           live->held[0].gone == NOT_GONE)
        continue;

    assert_int_equal(live->held[0].gone, GONE_RESET);
    assert_int_equal(live->handled, 1);
    assert_int_equal(live_count(live, "forge_http_refused_total", "pipeline"), 1);
    client_close(&client);
}

static void
http_1_0_is_served_and_closed(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);

    client_open(&client, live);
    client_send(&client, TEXT("GET /livez HTTP/1.0\r\n\r\n"));
    struct answer answer = client_answer(&client, false);
    assert_int_equal(answer.status, 200);
    assert_true(text_is(answer_header(&answer, "connection"), "close"));
    assert_true(client_sees_close(&client));
    client_close(&client);

    client_open(&client, live);
    client_send(&client, TEXT("GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    answer = client_answer(&client, false);
    assert_true(text_is(answer_header(&answer, "connection"), "keep-alive"));
    client_send(&client, TEXT(SECOND));
    assert_int_equal(client_answer(&client, false).status, 200);
    client_close(&client);
}

static void
connection_close_is_honoured(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);
    client_open(&client, live);

    client_send(&client, TEXT("GET /livez HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n" SECOND));
    struct answer answer = client_answer(&client, false);

    assert_int_equal(answer.status, 200);
    assert_true(text_is(answer_header(&answer, "connection"), "close"));
    assert_true(client_sees_close(&client) && !client.was_reset);
    assert_int_equal(live->handled, 1);
    client_close(&client);
}

static void
a_body_is_invited_when_the_client_waits_for_it(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);
    client_open(&client, live);

    client_send(&client,
        TEXT("POST /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n"));
    assert_int_equal(client_answer(&client, false).status, 100);
    assert_int_equal(live->handled, 0);
    client_send(&client, TEXT("body"));
    assert_true(text_is(client_answer(&client, false).body, "body"));

    client_send(&client, TEXT("POST /echo HTTP/1.1\r\n" HOST
                              "Expect: 100-continue\r\nContent-Length: 9999999\r\n\r\n"));
    assert_int_equal(client_answer(&client, false).status, 413);
    client_close(&client);
}

static void
an_absolute_target_is_served_like_its_path(void **state)
{
    struct live *live = *state;
    struct client client;
    live_listen(live);
    client_open(&client, live);

    client_send(&client, TEXT("GET http://localhost/big?3 HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(text_is(client_answer(&client, false).body, "abc"));
    client_send(&client, TEXT("GET http://localhost HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(text_is(client_answer(&client, false).body,
        "{\"error\":{\"code\":\"not_found\",\"message\":\"There is nothing at /.\"}}"));
    client_close(&client);
}

static void
bytes_may_come_one_by_one(void **state)
{
    struct live *live = *state;
    struct client client;
    struct text bytes = TEXT("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nbody" SECOND);
    live_listen(live);
    client_open(&client, live);

    for (size_t i = 0; i < bytes.length; i++)
        client_send(&client, text_from(bytes.data + i, 1));

    assert_true(text_is(client_answer(&client, false).body, "body"));
    assert_true(text_is(client_answer(&client, false).body, "ok"));
    client_close(&client);
}

#define LIVE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LIVE_TEST(five_megabytes_are_refused_with_an_answer_that_arrives),
        LIVE_TEST(the_largest_body_is_taken),
        LIVE_TEST(pipelined_requests_are_answered_in_order),
        LIVE_TEST(a_pipeline_that_grows_while_one_waits_ends_the_connection),
        LIVE_TEST(http_1_0_is_served_and_closed),
        LIVE_TEST(connection_close_is_honoured),
        LIVE_TEST(a_body_is_invited_when_the_client_waits_for_it),
        LIVE_TEST(an_absolute_target_is_served_like_its_path),
        LIVE_TEST(bytes_may_come_one_by_one),
    };
    return cmocka_run_group_tests_name("http intake", tests, NULL, NULL);
}
