/* The revisions before 2026-07-28: plain requests, handshake, sessions, batches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "context.pb-c.h"

#include "tests/gateway/mcp/mcp_live.h"

static const char ping[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}";

static void
the_bare_curl_line_is_served(void **state)
{
    struct mcp_live *live = *state;

    mcp_live_ask(live, "POST", "/mcp", "Accept: */*\r\nContent-Type: application/json\r\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");

    assert_int_equal(live->status, 200);
    assert_string_equal(mcp_live_header(live, "content-type"), "application/json");
    assert_string_equal(mcp_live_header(live, "mcp-session-id"), "");
    assert_json(live, "result.tools.0.name", "\"context_save\"");
    assert_json(live, "result.tools.16.name", "\"backup_restore\"");
    assert_null(mcp_live_json(live, "result.resultType"));
    assert_null(mcp_live_json(live, "result._meta"));
}

static void
ping_answers_exactly_an_empty_object(void **state)
{
    struct mcp_live *live = *state;

    assert_int_equal(mcp_live_post(live, "", ping), 200);

    assert_string_equal(live->body.data, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
}

static void
ids_come_back_byte_exact(void **state)
{
    struct mcp_live *live = *state;
    static const char *const ids[] = {"0", "-7", "9007199254740993",
        "123456789012345678901234567890", "\"server-discover-probe-1\"", "\"listen:0\"",
        "\"\\u0041\\n\"", "\"\""};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        char body[160];
        snprintf(body, sizeof body, "{\"id\":%s,\"jsonrpc\":\"2.0\",\"method\":\"ping\"}", ids[i]);
        assert_int_equal(mcp_live_post(live, "", body), 200);
        assert_json(live, "id", ids[i]);
    }
}

static void
malformed_messages_are_invalid_requests(void **state)
{
    struct mcp_live *live = *state;
    static const struct {
        const char *body;
        const char *id;
    } cases[] = {
        {"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", "null"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}", "null"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1e3,\"method\":\"ping\"}", "null"},
        {"{\"jsonrpc\":\"2.0\",\"id\":true,\"method\":\"ping\"}", "null"},
        {"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}", "null"},
        {"{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"ping\",\"params\":[]}", "5"},
        {"{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"ping\",\"params\":null}", "5"},
        {"{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":7}", "5"},
        {"{\"jsonrpc\":\"2.0\",\"id\":5}", "5"},
        {"{\"jsonrpc\":\"1.0\",\"id\":5,\"method\":\"ping\"}", "5"},
        {"{\"id\":5,\"method\":\"ping\"}", "5"},
        {"{}", "null"},
        {"17", "null"},
        {"\"ping\"", "null"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (mcp_live_post(live, "", cases[i].body) != 400)
            fail_msg("%s", cases[i].body);
        assert_json(live, "error.code", "-32600");
        assert_json(live, "id", cases[i].id);
    }
}

static void
what_is_not_json_is_a_parse_error(void **state)
{
    struct mcp_live *live = *state;
    static const char *const bodies[] = {"", "{", "[", "[1,", "nonsense", "{\"a\":1}x",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"p\xFF\"}", "{\"a\":1,\"a\":2}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        if (mcp_live_post(live, "", bodies[i]) != 400)
            fail_msg("%s", bodies[i]);
        assert_json(live, "error.code", "-32700");
        assert_json(live, "id", "null");
    }
    mcp_live_post(live, "MCP-Protocol-Version: 2025-11-25\r\n", "{");
    assert_null(mcp_live_json(live, "id"));
}

static void
the_handshake_settles_the_version(void **state)
{
    struct mcp_live *live = *state;
    static const char *const pairs[][2] = {
        {"2025-11-25", "2025-11-25"},
        {"2025-06-18", "2025-06-18"},
        {"2025-03-26", "2025-03-26"},
        {"2024-11-05", "2024-11-05"},
        {"2024-10-07", "2025-11-25"},
        {"2026-07-28", "2025-11-25"},
        {"v999", "2025-11-25"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char expected[32];
        snprintf(expected, sizeof expected, "\"%s\"", pairs[i][1]);
        mcp_live_session(live, pairs[i][0]);
        assert_json(live, "result.protocolVersion", expected);
        assert_json(live, "result.serverInfo.name", "\"context-forge\"");
        assert_json(live, "result.serverInfo.version", "\"1.2.3\"");
        assert_json(live, "result.capabilities",
            "{\"tools\":{},\"resources\":{},\"prompts\":{},\"completions\":{}}");
        assert_non_null(mcp_live_json(live, "result.instructions"));
        assert_null(mcp_live_json(live, "result._meta"));
        const char *id = mcp_live_header(live, "mcp-session-id");
        assert_memory_equal(id, "gw-1.", 5);
        for (; *id; id++)
            assert_in_range(*id, 0x21, 0x7E);
    }
}

static void
initialize_needs_its_three_parameters(void **state)
{
    struct mcp_live *live = *state;
    static const char *const params[] = {"{}",
        "{\"protocolVersion\":5,\"capabilities\":{},\"clientInfo\":{}}",
        "{\"protocolVersion\":\"2025-11-25\",\"clientInfo\":{}}",
        "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"clientInfo\":[]}"};
    for (size_t i = 0; i < sizeof params / sizeof *params; i++) {
        char body[256];
        snprintf(body, sizeof body,
            "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":%s}", params[i]);
        assert_int_equal(mcp_live_post(live, "", body), 200);
        assert_json(live, "error.code", "-32602");
        assert_string_equal(mcp_live_header(live, "mcp-session-id"), "");
    }
    /* The header does not matter here. */
    assert_int_equal(mcp_live_post(live, "MCP-Protocol-Version: 2025-11-25\r\n",
                         "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{"
                         "\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},\"clientInfo\":{"
                         "}}}"),
        200);
    assert_json(live, "result.protocolVersion", "\"2025-06-18\"");
}

static void
notifications_and_responses_are_accepted_without_a_body(void **state)
{
    struct mcp_live *live = *state;
    const char *session = mcp_live_session(live, "2025-11-25");
    static const char *const bodies[] = {
        "{\"method\":\"notifications/initialized\",\"jsonrpc\":\"2.0\"}",
        "{\"method\":\"notifications/unheard-of\",\"jsonrpc\":\"2.0\",\"params\":{}}",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":1,\"message\":\"m\"}}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        assert_int_equal(mcp_live_post(live, session, bodies[i]), 202);
        assert_string_equal(live->body.data, "");
    }
}

static void
sessions_are_known_and_others_are_not_found(void **state)
{
    struct mcp_live *live = *state;
    char session[256];
    snprintf(session, sizeof session, "%s", mcp_live_session(live, "2025-11-25"));
    assert_int_equal(mcp_live_post(live, session, ping), 200);

    char forged[256];
    snprintf(forged, sizeof forged, "%s", session);
    forged[strlen(forged) - 3] ^= 1;
    assert_int_equal(mcp_live_post(live, forged, ping), 404);
    assert_json(live, "error.code", "-32001");
    assert_json(live, "id", "1");
    assert_int_equal(mcp_live_post(live, "Mcp-Session-Id: nonsense\r\n", ping), 404);
    assert_int_equal(mcp_live_post(live, "Mcp-Session-Id:\r\n", ping), 404);
    live->use_other = true;
    assert_int_equal(mcp_live_post(live, session, ping), 404);
}

static void
a_session_decides_the_version_and_a_header_must_exist(void **state)
{
    struct mcp_live *live = *state;
    char headers[320];
    snprintf(headers, sizeof headers, "%sMCP-Protocol-Version: 2025-03-26\r\n",
        mcp_live_session(live, "2025-11-25"));
    /* Arrays ended with 2025-03-26: the session's version counts, not the header's. */
    assert_int_equal(
        mcp_live_post(live, headers, "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]"), 400);
    assert_int_equal(mcp_live_post(live, headers, ping), 200);

    assert_int_equal(mcp_live_post(live, "MCP-Protocol-Version: 2024-01-01\r\n", ping), 400);
    assert_json(live, "error.code", "-32022");
    assert_json(live, "error.data.requested", "\"2024-01-01\"");
    assert_json(live, "error.data.supported.0", "\"2026-07-28\"");
    assert_json(live, "id", "1");
}

static void
active_sessions_are_counted(void **state)
{
    struct mcp_live *live = *state;
    mcp_live_session(live, "2025-11-25");
    char session[256];
    snprintf(session, sizeof session, "%s", mcp_live_session(live, "2025-11-25"));
    for (int i = 0; i < 5; i++)
        mcp_live_post(live, session, ping);

    for (int i = 0; i < 2000 && mcp_session_registry_active(live->registry) != 2; i++)
        live_turn(&live->live);

    assert_int_equal(mcp_session_registry_active(live->registry), 2);
}

static void
unknown_methods_and_those_of_the_other_era_are_not_found(void **state)
{
    struct mcp_live *live = *state;
    static const char *const methods[] = {"unknown/method", "server/discover", "logging/setLevel",
        "resources/subscribe", "TOOLS/LIST"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        char body[128];
        snprintf(body, sizeof body, "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"%s\"}", methods[i]);
        assert_int_equal(mcp_live_post(live, "", body), 200);
        assert_json(live, "error.code", "-32601");
        assert_json(live, "id", "3");
    }
}

static void
an_array_is_answered_with_an_array(void **state)
{
    struct mcp_live *live = *state;
    Forge__SaveReply reply = FORGE__SAVE_REPLY__INIT;
    fake_backends_answer(&live->fake, "Save", &reply.base);

    assert_int_equal(mcp_live_post(live, "Idempotency-Key: k\r\n",
                         "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"},"
                         "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"},"
                         "17,"
                         "{\"jsonrpc\":\"2.0\",\"id\":\"two\",\"method\":\"no/such\"},"
                         "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"initialize\",\"params\":{}},"
                         "{\"jsonrpc\":\"2.0\",\"id\":10,\"method\":\"tools/call\",\"params\":{"
                         "\"name\":\"context_save\",\"arguments\":{\"content\":\"a\"}}},"
                         "{\"jsonrpc\":\"2.0\",\"id\":11,\"method\":\"tools/call\",\"params\":{"
                         "\"name\":\"context_save\",\"arguments\":{\"content\":\"b\"}}}]"),
        200);

    assert_json(live, "0", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
    assert_json(live, "1.error.code", "-32600");
    assert_json(live, "1.id", "null");
    assert_json(live, "2.error.code", "-32601");
    assert_json(live, "2.id", "\"two\"");
    assert_json(live, "3.error.code", "-32600");
    assert_json(live, "4.result.structuredContent.outcome", "\"created\"");
    assert_json(live, "5.id", "11");
    assert_null(mcp_live_json(live, "6"));
    /* One header, two writes: their keys must differ. */
    assert_memory_not_equal(live->fake.calls[0].key, live->fake.calls[1].key, RPC_KEY_SIZE);
}

static void
answers_of_an_array_may_come_late_and_in_any_order(void **state)
{
    struct mcp_live *live = *state;
    Forge__GetReply reply = FORGE__GET_REPLY__INIT;
    fake_backends_answer(&live->fake, "Get", &reply.base);
    live->fake.hold = true;
    mcp_live_send(live, "POST", "/mcp", "Content-Type: application/json\r\n",
        "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":"
        "\"context_get\",\"arguments\":{\"ids\":[\"0199e3a1-8f3c-7abc-8def-0123456789ab\"]}}},"
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}]");
    mcp_live_wait_calls(live, 1);

    fake_backends_release(&live->fake);

    assert_int_equal(mcp_live_answer(live), 200);
    assert_json(live, "0.id", "2");
    assert_json(live, "1.id", "1");
    assert_json(live, "1.result.structuredContent.truncated", "false");
}

static void
arrays_have_rules(void **state)
{
    struct mcp_live *live = *state;
    static const char one[] = "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]";

    assert_int_equal(mcp_live_post(live, "", "[]"), 400);
    assert_json(live, "error.code", "-32600");
    assert_int_equal(mcp_live_post(live, "MCP-Protocol-Version: 2025-03-26\r\n", one), 200);
    assert_int_equal(mcp_live_post(live, "MCP-Protocol-Version: 2024-11-05\r\n", one), 200);
    assert_int_equal(mcp_live_post(live, "MCP-Protocol-Version: 2025-06-18\r\n", one), 400);
    assert_int_equal(mcp_live_post(live, "MCP-Protocol-Version: 2026-07-28\r\n", one), 400);
    assert_json(live, "error.code", "-32600");
    assert_int_equal(
        mcp_live_post(live, "",
            "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{" MODERN_META "}}]"),
        400);
    assert_json(live, "error.code", "-32600");
    assert_int_equal(mcp_live_post(live, "",
                         "[{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"},"
                         "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}]"),
        202);
    assert_string_equal(live->body.data, "");
    CLEANUP(buffer_release) struct buffer many = {0};
    for (int i = 0; i < 51; i++)
        buffer_format(&many, "%s%.*s", i ? "," : "[", (int)sizeof one - 3, one + 1);
    buffer_add_byte(&many, ']');
    assert_int_equal(mcp_live_post(live, "", buffer_string(&many)), 400);
}

static void
a_legacy_client_that_half_closes_is_still_answered(void **state)
{
    struct mcp_live *live = *state;
    Forge__GetReply reply = FORGE__GET_REPLY__INIT;
    fake_backends_answer(&live->fake, "Get", &reply.base);
    live->fake.hold = true;
    mcp_live_send(live, "POST", "/mcp", "Content-Type: application/json\r\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":"
        "\"context_get\",\"arguments\":{\"ids\":[\"0199e3a1-8f3c-7abc-8def-0123456789ab\"]}}}");
    mcp_live_wait_calls(live, 1);
    mcp_live_hang_up(live, true);
    for (int i = 0; i < 20; i++)
        live_turn(&live->live);
    assert_false(live->fake.calls[0].cancelled);

    fake_backends_release(&live->fake);

    assert_int_equal(mcp_live_answer(live), 200);
    assert_json(live, "id", "1");
}

int
main(void)
{
#define RUNS(test) cmocka_unit_test_setup_teardown(test, mcp_live_setup, mcp_live_teardown)
    const struct CMUnitTest tests[] = {
        RUNS(the_bare_curl_line_is_served),
        RUNS(ping_answers_exactly_an_empty_object),
        RUNS(ids_come_back_byte_exact),
        RUNS(malformed_messages_are_invalid_requests),
        RUNS(what_is_not_json_is_a_parse_error),
        RUNS(the_handshake_settles_the_version),
        RUNS(initialize_needs_its_three_parameters),
        RUNS(notifications_and_responses_are_accepted_without_a_body),
        RUNS(sessions_are_known_and_others_are_not_found),
        RUNS(a_session_decides_the_version_and_a_header_must_exist),
        RUNS(active_sessions_are_counted),
        RUNS(unknown_methods_and_those_of_the_other_era_are_not_found),
        RUNS(an_array_is_answered_with_an_array),
        RUNS(answers_of_an_array_may_come_late_and_in_any_order),
        RUNS(arrays_have_rules),
        RUNS(a_legacy_client_that_half_closes_is_still_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
