#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "gateway/http/access_log.h"
#include "tests/gateway/http/live.h"

static int
setup(void **state)
{
    struct live *live = memory_new(sizeof *live);
    live_init(live);
    live_listen(live);
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

/* Opens a client whose request is held, and gives its exchange. */
static struct http_exchange *
hold(struct live *live, struct client *client, struct text request)
{
    unsigned wanted = live->held_count + 1;
    client_open(client, live);
    client_send(client, request);
    assert_true(live_wait(live, &live->held_count, wanted));
    return live->held[wanted - 1].exchange;
}

static void
a_request_is_seen_in_its_parts(void **state)
{
    struct live *live = *state;
    struct client client;
    int64_t before_us = clock_monotonic_us();
    struct http_exchange *exchange = hold(live, &client,
        TEXT("PUT /hold?a=b%20c?d HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
             "Content-Type: \t application/json \t\r\nX-EMPTY:\r\n\r\nbody"));

    assert_int_equal(http_exchange_method(exchange), METHOD_PUT);
    assert_true(text_is(http_exchange_path(exchange), "/hold"));
    assert_true(text_is(http_exchange_query(exchange), "a=b%20c?d"));
    assert_true(text_is(http_exchange_body(exchange), "body"));
    assert_true(text_is(http_exchange_header(exchange, "content-type"), "application/json"));
    assert_non_null(http_exchange_header(exchange, "x-empty").data);
    assert_int_equal(http_exchange_header(exchange, "x-empty").length, 0);
    assert_null(http_exchange_header(exchange, "x-none").data);
    assert_true(text_is(http_exchange_client_address(exchange), "127.0.0.1"));
    assert_true(http_exchange_started_us(exchange) >= before_us);
    assert_non_null(arena_try(http_exchange_arena(exchange), 1 << 20));
    client_close(&client);
}

struct visits {
    unsigned count;
    char names[64];
    char values[64];
};

static void
visit(void *argument, struct text name, struct text value)
{
    struct visits *visits = argument;
    visits->count++;
    strncat(visits->names, name.data, name.length);
    strncat(visits->values, value.data, value.length);
}

static void
headers_are_visited_by_their_beginning(void **state)
{
    struct live *live = *state;
    struct client client;
    struct visits visits = {0};
    struct http_exchange *exchange = hold(live, &client,
        TEXT("GET /hold HTTP/1.1\r\nHost: localhost\r\nMcp-Param-A: 1\r\nMCP-PARAM-b: 2\r\n"
             "Mcp-Para: 3\r\n\r\n"));

    http_exchange_headers(exchange, "mcp-param-", visit, &visits);

    assert_int_equal(visits.count, 2);
    assert_string_equal(visits.names, "mcp-param-amcp-param-b");
    assert_string_equal(visits.values, "12");
    client_close(&client);
}

static void
every_request_has_an_id_of_its_own(void **state)
{
    enum { REQUESTS = 64 };
    struct live *live = *state;
    struct client clients[REQUESTS];

    for (int i = 0; i < REQUESTS; i++) {
        struct http_exchange *exchange =
            hold(live, &clients[i], TEXT("GET /hold HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        struct text id = http_exchange_request_id(exchange);
        assert_int_equal(id.length, 16);
        for (size_t j = 0; j < id.length; j++)
            assert_non_null(strchr("0123456789abcdef", id.data[j]));
        for (int j = 0; j < i; j++)
            assert_false(text_equals(http_exchange_request_id(live->held[j].exchange), id));
    }
    for (int i = 0; i < REQUESTS; i++)
        client_close(&clients[i]);
}

static void
a_request_leaves_a_line_in_the_access_log(void **state)
{
    (void)state;
    struct live live;
    struct client client;
    char path[] = "/tmp/exchange.XXXXXX";
    char content[2048] = "";
    close(mkstemp(path));
    live_init(&live);
    assert_int_equal(access_log_create(path, 0, &live.options.access_log, NULL), STATUS_OK);
    live_listen(&live);

    struct http_exchange *exchange = hold(&live, &client,
        TEXT("GET /hold?key=secret HTTP/1.1\r\nHost: localhost\r\nUser-Agent: a\"b\r\n\r\n"));
    http_exchange_set_principal(exchange, TEXT("ada"));
    http_exchange_set_session(exchange, TEXT("s1"));
    http_exchange_set_trace(exchange, TEXT("00-1-2-01"));
    http_exchange_set_auth(exchange, "OK");
    live_release(&live, 0);
    client_answer(&client, false);
    client_send(&client, TEXT("POST /mcp?key=secret HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n"));
    assert_int_equal(client_answer(&client, false).status, 411);
    client_close(&client);
    live_stop(&live);
    access_log_destroy(&live.options.access_log);

    FILE *file = fopen(path, "rb");
    assert_true(fread(content, 1, sizeof content - 1, file) > 0);
    fclose(file);
    unlink(path);
    assert_int_equal(strncmp(content, "127.0.0.1 - ada [", 17), 0);
    assert_non_null(strstr(content, "] \"GET /hold HTTP/1.1\" 200 8 \"a\\x22b\" rt="));
    assert_non_null(strstr(content, " auth=OK sess=s1 req="));
    assert_non_null(strstr(content, " trace=00-1-2-01\n127.0.0.1 - - ["));
    assert_non_null(strstr(content, "] \"POST /mcp HTTP/1.1\" 411 "));
    assert_null(strstr(content, "secret"));
}

static void
a_failure_is_json_whatever_it_says(void **state)
{
    struct live *live = *state;
    struct client client;
    client_open(&client, live);

    client_send(&client, TEXT("GET /%22\"\\'<> HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    struct answer answer = client_answer(&client, false);

    assert_int_equal(answer.status, 404);
    assert_true(text_is(answer_header(&answer, "content-type"), "application/json"));
    assert_true(text_is(answer.body, "{\"error\":{\"code\":\"not_found\",\"message\":"
                                     "\"There is nothing at /%22\\\"\\\\'<>.\"}}"));
    client_close(&client);
}

static void
every_status_of_the_house_is_one_of_http(void **state)
{
    (void)state;
    assert_int_equal(http_status_of(STATUS_OK), 200);
    assert_int_equal(http_status_of(STATUS_INVALID_ARGUMENT), 400);
    assert_int_equal(http_status_of(STATUS_UNAUTHENTICATED), 401);
    assert_int_equal(http_status_of(STATUS_PERMISSION_DENIED), 403);
    assert_int_equal(http_status_of(STATUS_NOT_FOUND), 404);
    assert_int_equal(http_status_of(STATUS_ABORTED), 409);
    assert_int_equal(http_status_of(STATUS_ALREADY_EXISTS), 409);
    assert_int_equal(http_status_of(STATUS_FAILED_PRECONDITION), 412);
    assert_int_equal(http_status_of(STATUS_RESOURCE_EXHAUSTED), 429);
    assert_int_equal(http_status_of(STATUS_UNIMPLEMENTED), 501);
    assert_int_equal(http_status_of(STATUS_UNAVAILABLE), 503);
    assert_int_equal(http_status_of(STATUS_DEADLINE_EXCEEDED), 504);
    for (enum status status = STATUS_CANCELLED; status <= STATUS_UNAUTHENTICATED; status++)
        assert_in_range(http_status_of(status), 400, 599);
}

int
main(void)
{
#define LIVE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        LIVE_TEST(a_request_is_seen_in_its_parts),
        LIVE_TEST(headers_are_visited_by_their_beginning),
        LIVE_TEST(every_request_has_an_id_of_its_own),
        LIVE_TEST(a_request_leaves_a_line_in_the_access_log),
        LIVE_TEST(a_failure_is_json_whatever_it_says),
        cmocka_unit_test(every_status_of_the_house_is_one_of_http),
    };
    return cmocka_run_group_tests_name("http exchange", tests, NULL, NULL);
}
