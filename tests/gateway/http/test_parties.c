/* Who may ask, and under which name: Host, Origin, CORS and proxies, on a live listener. */
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

/* The status for one request on a connection of its own. */
static int
ask(struct live *live, struct text request)
{
    struct client client;
    client_open(&client, live);
    client_send(&client, request);
    struct answer answer = client_answer(&client, text_starts_with(request, TEXT("HEAD ")));
    int status = answer.status;
    if (status >= 400 && status != 404) {
        assert_true(text_is(answer_header(&answer, "connection"), "close"));
        assert_null(answer_header(&answer, "access-control-allow-origin").data);
    }
    client_close(&client);
    return status;
}

struct row {
    int status;
    struct text request;
};

static void
assert_rows(struct live *live, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int status = ask(live, rows[i].request);
        if (status != rows[i].status)
            fail_msg("%d for %.*s", status, TEXT_FORMAT(rows[i].request));
    }
}

#define WITH(line, headers) TEXT(line "\r\n" headers "\r\n")

static void
requests_under_a_foreign_name_are_refused(void **state)
{
    struct live *live = *state;
    live_listen(live);
    const struct row rows[] = {
        {404, WITH("GET /none HTTP/1.1", "Host: localhost:8051\r\n")},
        {404, WITH("GET /none HTTP/1.1", "Host: [::1]\r\n")},
        {404, WITH("GET /none HTTP/1.0", "Host: 127.0.0.1\r\n")},
        {403, WITH("GET /none HTTP/1.1", "Host: evil.example\r\n")},
        {403, WITH("GET /none HTTP/1.1", "Host:\r\n")},
        {403, WITH("GET /none HTTP/1.0", "")},
        {403, WITH("OPTIONS /none HTTP/1.1", "Host: evil.example\r\n")},
        {403, WITH("DELETE /none HTTP/1.1", "Host: evil.example\r\n")},
        {403, WITH("POST /livez HTTP/1.1", "Host: evil.example\r\n")},
        {403, WITH("GET /livezz HTTP/1.1", "Host: evil.example\r\n")},
        {403, WITH("GET /livez/../mcp HTTP/1.1", "Host: evil.example\r\n")},
        {403, WITH("GET http://evil.example/ HTTP/1.1", "Host: evil.example\r\n")},
        {200, WITH("GET /livez HTTP/1.1", "Host: evil.example\r\n")},
        {200, WITH("GET /readyz?for=write HTTP/1.1", "Host: 10.0.0.1\r\n")},
        {200, WITH("HEAD /readyz HTTP/1.0", "")},
        {200, WITH("OPTIONS /livez HTTP/1.0", "")},
        {400, WITH("GET /livez HTTP/1.1", "")},
    };

    assert_rows(live, rows, sizeof rows / sizeof *rows);
}

static void
pages_of_a_foreign_origin_are_refused_before_the_body(void **state)
{
    struct live *live = *state;
    live_listen(live);
#define HOST "Host: localhost\r\n"
    const struct row rows[] = {
        {404, WITH("GET /none HTTP/1.1", HOST "Origin: http://localhost:6274\r\n")},
        {403, WITH("GET /none HTTP/1.1", HOST "Origin: http://evil.example\r\n")},
        {403, WITH("GET /none HTTP/1.1", HOST "Origin: null\r\n")},
        {403, WITH("GET /none HTTP/1.1", HOST "Origin:\r\n")},
        {403, WITH("GET /livez HTTP/1.1", HOST "Origin: http://evil.example\r\n")},
        {403, WITH("DELETE /mcp HTTP/1.1", HOST "Origin: null\r\n")},
        {403, WITH("OPTIONS /mcp HTTP/1.1",
                  HOST "Origin: null\r\nAccess-Control-Request-Method: POST\r\n")},
        {403, WITH("POST /mcp HTTP/1.1",
                  HOST "Origin: http://evil.example\r\nContent-Length: 100\r\n")},
        {403, WITH("POST /mcp HTTP/1.1", HOST "Origin: http://evil.example\r\n"
                                              "Expect: 100-continue\r\nContent-Length: 9\r\n")},
    };

    assert_rows(live, rows, sizeof rows / sizeof *rows);
    assert_int_equal(live->handled, 1);
}

static void
a_browser_learns_what_it_may_send(void **state)
{
    struct live *live = *state;
    struct client client;
    live->options.cors_headers = "mcp-param-project";
    live_listen(live);
    client_open(&client, live);

    client_send(&client,
        WITH("OPTIONS /mcp HTTP/1.1", HOST "Origin: http://localhost:6274\r\n"
                                           "Access-Control-Request-Method: POST\r\n"
                                           "Access-Control-Request-Headers: content-type\r\n"));
    struct answer answer = client_answer(&client, false);
    assert_int_equal(answer.status, 204);
    assert_null(answer_header(&answer, "content-length").data);
    assert_true(
        text_is(answer_header(&answer, "access-control-allow-origin"), "http://localhost:6274"));
    assert_true(text_is(answer_header(&answer, "vary"), "Origin"));
    assert_true(
        text_is(answer_header(&answer, "access-control-allow-methods"), "GET, POST, DELETE"));
    assert_true(text_is(answer_header(&answer, "access-control-allow-headers"),
        "content-type, accept, authorization, mcp-session-id, mcp-protocol-version, mcp-method, "
        "mcp-name, last-event-id, mcp-param-project"));
    assert_int_equal(live->handled, 0);

    client_send(&client, WITH("GET /none HTTP/1.1", HOST "Origin: http://127.0.0.1\r\n"));
    answer = client_answer(&client, false);
    assert_int_equal(answer.status, 404);
    assert_true(text_is(answer_header(&answer, "access-control-allow-origin"), "http://127.0.0.1"));
    assert_true(text_is(answer_header(&answer, "vary"), "Origin"));
    assert_true(text_is(answer_header(&answer, "access-control-expose-headers"),
        "mcp-session-id, www-authenticate"));
    client_close(&client);
}

static void
an_open_listener_takes_nothing_from_a_proxy(void **state)
{
    struct live *live = *state;
    live->options.refuse_forwarded = true;
    live_listen(live);
    const struct row rows[] = {
        {404, WITH("GET /none HTTP/1.1", HOST)},
        {403, WITH("GET /none HTTP/1.1", HOST "X-Forwarded-For: 192.0.2.1\r\n")},
        {403, WITH("GET /none HTTP/1.1", HOST "x-forwarded-for:\r\n")},
        {403, WITH("GET /none HTTP/1.1", HOST "Forwarded: for=192.0.2.1\r\n")},
        {403, WITH("PROXY TCP4 192.0.2.1 192.0.2.2 1 2", "")},
        {200, WITH("GET /livez HTTP/1.1", HOST "X-Forwarded-For: 192.0.2.1\r\n")},
    };

    assert_rows(live, rows, sizeof rows / sizeof *rows);
}

static void
a_listener_with_tokens_may_stand_behind_a_proxy(void **state)
{
    struct live *live = *state;
    live_listen(live);

    assert_int_equal(
        ask(live, WITH("GET /none HTTP/1.1", HOST "X-Forwarded-For: 192.0.2.1\r\n")), 404);
}

int
main(void)
{
#define LIVE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        LIVE_TEST(requests_under_a_foreign_name_are_refused),
        LIVE_TEST(pages_of_a_foreign_origin_are_refused_before_the_body),
        LIVE_TEST(a_browser_learns_what_it_may_send),
        LIVE_TEST(an_open_listener_takes_nothing_from_a_proxy),
        LIVE_TEST(a_listener_with_tokens_may_stand_behind_a_proxy),
    };
    return cmocka_run_group_tests_name("http parties", tests, NULL, NULL);
}
