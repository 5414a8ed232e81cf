#include <curl/curl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/forgectl/bridge_fixture.h"

static void
a_stream_without_its_answer_is_an_error(void **state)
{
    (void)state;
    assert_string_equal(bridge_lines(JSON_RPC "\"id\":3,\"method\":\"broken\"}\n"),
        JSON_RPC "\"method\":\"notifications/ack\"}\n" JSON_RPC
                 "\"id\":3,\"error\":{\"code\":-32603,\"message\":\"the gateway ended the answer's "
                 "stream before the answer; call again\"}}\n");
}

static void
a_listener_whose_stream_ends_is_cancelled(void **state)
{
    (void)state;
    assert_string_equal(
        bridge_open_lines(JSON_RPC
            "\"id\":\"l\",\"method\":\"subscriptions/listen\",\"params\":{" CLAIM "}}\n",
            150),
        JSON_RPC "\"method\":\"notifications/ack\"}\n" JSON_RPC
                 "\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":\"l\","
                 "\"reason\":\"the gateway closed the stream\"}}\n");
}

static void
refusals_carry_the_id_of_their_request(void **state)
{
    (void)state;
    assert_string_equal(bridge_lines(JSON_RPC "\"id\":\"r\",\"method\":\"refused\"}\n"),
        JSON_RPC "\"id\":\"r\",\"error\":{\"code\":-32020,\"message\":\"mismatch\"}}\n");
    assert_string_equal(bridge_lines(JSON_RPC "\"id\":8,\"method\":\"denied\"}\n"), JSON_RPC
        "\"id\":8,\"error\":{\"code\":-32603,\"message\":\"the gateway answered HTTP 401: no "
        "token; a token is given by --token-file FILE or FORGE_TOKEN_FILE\"}}\n");
    assert_string_equal(bridge_lines(JSON_RPC "\"id\":9,\"method\":\"html\"}\n"),
        JSON_RPC "\"id\":9,\"error\":{\"code\":-32603,\"message\":\"the gateway answered without a "
                 "message; does the URL end in /mcp?\"}}\n");
}

static void
a_lost_connection_is_an_error_with_words(void **state)
{
    (void)state;
    const char *line = bridge_lines(JSON_RPC "\"id\":4,\"method\":\"hang up\"}\n");
    assert_non_null(
        strstr(line, "\"id\":4,\"error\":{\"code\":-32603,\"message\":\"no answer from"));
    assert_non_null(strstr(line, "is the gateway running?"));
}

static void
nobody_there_is_an_error_with_words(void **state)
{
    (void)state;
    bridge_stop();
    const char *line = bridge_lines(JSON_RPC "\"id\":4,\"method\":\"plain\"}\n");
    assert_non_null(
        strstr(line, "\"id\":4,\"error\":{\"code\":-32603,\"message\":\"no answer from"));
    assert_non_null(strstr(line, "nothing accepts connections there"));
}

static void
a_late_answer_is_an_error_with_words(void **state)
{
    (void)state;
    const char *line = bridge_lines_within(JSON_RPC "\"id\":4,\"method\":\"never\"}\n", 50);
    assert_non_null(strstr(line, "did not answer in time"));
}

static void
what_is_no_json_is_answered_here(void **state)
{
    (void)state;
    const char *line = bridge_lines("hello\n" JSON_RPC "\"id\":2,\"method\":\"plain\"}");
    assert_non_null(strstr(line, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,"));
    assert_non_null(strstr(line, "\"result\":\"plain\""));
    bridge_stop();
    assert_int_equal(bridge_request_count(), 1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bridge_set_up, bridge_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_stream_without_its_answer_is_an_error),
        TEST(a_listener_whose_stream_ends_is_cancelled),
        TEST(refusals_carry_the_id_of_their_request),
        TEST(a_lost_connection_is_an_error_with_words),
        TEST(nobody_there_is_an_error_with_words),
        TEST(a_late_answer_is_an_error_with_words),
        TEST(what_is_no_json_is_answered_here),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    int failures = cmocka_run_group_tests_name("bridge failures", tests, NULL, NULL);
    curl_global_cleanup();
    return failures;
}
