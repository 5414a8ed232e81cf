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
a_request_is_answered_by_one_line(void **state)
{
    (void)state;
    assert_string_equal(bridge_lines(JSON_RPC "\"id\":2,\"method\":\"plain\"}\n"),
        JSON_RPC "\"id\":2, \"result\":\"plain\"}\n");
    bridge_stop();
    const struct answerer_request *request = bridge_request(0);
    assert_true(text_is(request->path, "/mcp"));
    assert_true(text_is(answerer_header(request, "accept"), "application/json, text/event-stream"));
    assert_true(text_is(request->body, JSON_RPC "\"id\":2,\"method\":\"plain\"}"));
    assert_int_equal(bridge_request_count(), 1);
}

/* The answerer holds the first answer back until it gave the second. */
static void
a_slow_answer_holds_no_other_up(void **state)
{
    (void)state;
    const char *lines = bridge_lines(
        JSON_RPC "\"id\":1,\"method\":\"slow\"}\n" JSON_RPC "\"id\":2,\"method\":\"plain\"}\n");
    assert_non_null(strstr(lines, "\"result\":\"plain\"}\n"));
    assert_non_null(strstr(lines, "\"result\":\"slow\"}\n"));
}

static void
a_session_is_learnt_used_and_given_back(void **state)
{
    (void)state;
    assert_string_equal(
        bridge_lines(INITIALIZE JSON_RPC "\"method\":\"notifications/initialized\"}\n" JSON_RPC
                                         "\"id\":2,\"method\":\"plain\"}\n"),
        INITIALIZED "\n" JSON_RPC "\"id\":2, \"result\":\"plain\"}\n");
    bridge_stop();
    assert_int_equal(bridge_request_count(), 4);
    assert_null(answerer_header(bridge_request(0), "mcp-session-id").data);
    for (size_t i = 1; i < 4; i++)
        assert_true(text_is(answerer_header(bridge_request(i), "mcp-session-id"), "s-1"));
    for (size_t i = 1; i < 3; i++)
        assert_true(
            text_is(answerer_header(bridge_request(i), "mcp-protocol-version"), "2025-11-25"));
    assert_true(text_is(bridge_request(3)->method, "DELETE"));
}

static void
a_lost_session_is_opened_again(void **state)
{
    (void)state;
    assert_string_equal(bridge_lines(INITIALIZE JSON_RPC "\"id\":2,\"method\":\"lost\"}\n"),
        INITIALIZED "\n" JSON_RPC "\"id\":2, \"result\":\"plain\"}\n");
    assert_int_equal(bridge_sessions(), 2);
    bridge_stop();
    /* initialize, lost, initialize, notifications/initialized and lost, DELETE */
    assert_int_equal(bridge_request_count(), 6);
    assert_true(text_is(answerer_header(bridge_request(5), "mcp-session-id"), "s-2"));
}

static void
a_stateless_404_stays_a_404(void **state)
{
    (void)state;
    assert_string_equal(bridge_lines(JSON_RPC "\"id\":7,\"method\":\"lost\"}\n"),
        JSON_RPC "\"id\":7,\"error\":{\"code\":-32001,\"message\":\"gone\"}}\n");
}

static void
an_event_stream_becomes_lines(void **state)
{
    (void)state;
    assert_string_equal(bridge_lines(JSON_RPC "\"id\":3,\"method\":\"stream\"}\n"), JSON_RPC
        "\"method\":\"notifications/progress\"}\n" JSON_RPC "\"id\":3,\"result\":\"streamed\"}\n");
}

static void
a_modern_cancellation_ends_the_request(void **state)
{
    (void)state;
    assert_string_equal(
        bridge_lines(JSON_RPC
            "\"id\":5,\"method\":\"never\",\"params\":{" CLAIM "}}\n" JSON_RPC
            "\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":5}}\n" JSON_RPC
            "\"id\":2,\"method\":\"plain\"}\n"),
        JSON_RPC "\"id\":2, \"result\":\"plain\"}\n");
    bridge_stop();
    for (size_t i = 0; i < bridge_request_count(); i++)
        assert_false(bridge_body_has(bridge_request(i), "notifications/cancelled"));
}

static void
a_flood_is_answered_whole(void **state)
{
    (void)state;
    CLEANUP(buffer_release) struct buffer input = {0};
    for (int i = 0; i < 400; i++)
        buffer_format(&input, JSON_RPC "\"id\":2,\"method\":\"plain\"}\n");
    const char *lines = bridge_lines(buffer_string(&input));
    size_t count = 0;
    for (const char *at = lines; (at = strchr(at, '\n')) != NULL; at++)
        count++;
    assert_int_equal(count, 400);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bridge_set_up, bridge_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_request_is_answered_by_one_line),
        TEST(a_slow_answer_holds_no_other_up),
        TEST(a_session_is_learnt_used_and_given_back),
        TEST(a_lost_session_is_opened_again),
        TEST(a_stateless_404_stays_a_404),
        TEST(an_event_stream_becomes_lines),
        TEST(a_modern_cancellation_ends_the_request),
        TEST(a_flood_is_answered_whole),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    int failures = cmocka_run_group_tests_name("bridge", tests, NULL, NULL);
    curl_global_cleanup();
    return failures;
}
