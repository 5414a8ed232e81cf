/* 2026-07-28: classification, the ladder of checks, results, cancellation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "context.pb-c.h"

#include "common/base/clock.h"
#include "tests/gateway/mcp/mcp_live.h"

#define LIST_BODY                                                                                  \
    "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\",\"params\":{" MODERN_META "}}"

/* Posts and checks status, code and that the id came back. */
static void
assert_refused(
    struct mcp_live *live, const char *headers, const char *body, int http_status, const char *code)
{
    if (mcp_live_post(live, headers, body) != http_status)
        fail_msg("%d for %s%s: %s", live->status, headers, body, live->body.data);
    assert_json(live, "error.code", code);
    assert_json(live, "id", "7");
}

static void
discover_tells_versions_and_capabilities(void **state)
{
    struct mcp_live *live = *state;

    mcp_live_post(live, MODERN_HEADERS("server/discover"),
        "{\"jsonrpc\":\"2.0\",\"id\":\"server-discover-probe-1\",\"method\":\"server/discover\","
        "\"params\":{" MODERN_META "}}");

    assert_int_equal(live->status, 200);
    assert_json(live, "id", "\"server-discover-probe-1\"");
    assert_json(live, "result.resultType", "\"complete\"");
    assert_json(live, "result.supportedVersions",
        "[\"2026-07-28\",\"2025-11-25\",\"2025-06-18\",\"2025-03-26\",\"2024-11-05\"]");
    assert_json(live, "result.capabilities.tools", "{}");
    assert_json(live, "result.cacheScope", "\"public\"");
    assert_non_null(mcp_live_json(live, "result.ttlMs"));
    assert_non_null(
        strstr(live->body.data, "\"_meta\":{\"io.modelcontextprotocol/serverInfo\":{\"name\":"));
    assert_null(mcp_live_json(live, "result.serverInfo"));
    assert_string_equal(mcp_live_header(live, "mcp-session-id"), "");
}

static void
rung_1_the_envelope_is_whole(void **state)
{
    struct mcp_live *live = *state;
    static const char headers[] = MODERN_HEADERS("tools/list");
    static const struct {
        const char *params;
        const char *named;
    } cases[] = {
        {"", "missing\":[\"io.modelcontextprotocol/protocolVersion\",\"io.modelcontextprotocol/"
             "clientCapabilities\"]"},
        {",\"params\":{}", "clientCapabilities"},
        {",\"params\":{\"_meta\":[]}", "clientCapabilities"},
        {",\"params\":{\"_meta\":{\"io.modelcontextprotocol/clientCapabilities\":{}}}",
            "missing\":[\"io.modelcontextprotocol/protocolVersion\"]"},
        {",\"params\":{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}}",
            "missing\":[\"io.modelcontextprotocol/clientCapabilities\"]"},
        {",\"params\":{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":20260728,"
         "\"io.modelcontextprotocol/clientCapabilities\":{}}}",
            "invalid\":[\"io.modelcontextprotocol/protocolVersion\"]"},
        {",\"params\":{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
         "\"io.modelcontextprotocol/clientCapabilities\":[]}}",
            "invalid\":[\"io.modelcontextprotocol/clientCapabilities\"]"},
        {",\"params\":{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
         "\"io.modelcontextprotocol/clientCapabilities\":{},"
         "\"io.modelcontextprotocol/logLevel\":\"loud\"}}",
            "invalid\":[\"io.modelcontextprotocol/logLevel\"]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char body[512];
        snprintf(body, sizeof body, "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\"%s}",
            cases[i].params);
        assert_refused(live, headers, body, 400, "-32602");
        if (!strstr(live->body.data, cases[i].named))
            fail_msg("%s lacks %s", live->body.data, cases[i].named);
    }
}

static void
rung_2_the_header_repeats_the_version(void **state)
{
    struct mcp_live *live = *state;
    assert_refused(live, "Mcp-Method: tools/list\r\n", LIST_BODY, 400, "-32020");
    assert_refused(live, "MCP-Protocol-Version: 2025-11-25\r\nMcp-Method: tools/list\r\n",
        LIST_BODY, 400, "-32020");
    /* Before rung 3: a version that does not exist, in the body alone, is a mismatch. */
    assert_refused(live, MODERN_HEADERS("tools/list"),
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\",\"params\":{\"_meta\":{"
        "\"io.modelcontextprotocol/protocolVersion\":\"v999\","
        "\"io.modelcontextprotocol/clientCapabilities\":{}}}}",
        400, "-32020");
}

static void
rung_3_the_version_is_spoken(void **state)
{
    struct mcp_live *live = *state;
    static const char *const versions[] = {"v999.0.0", "2025-11-25", ""};
    for (size_t i = 0; i < 3; i++) {
        char headers[128];
        char body[256];
        char requested[32];
        /* The method header is wrong too: rung 3 comes before rung 4. */
        snprintf(
            headers, sizeof headers, "MCP-Protocol-Version: %s\r\nMcp-Method: x\r\n", versions[i]);
        snprintf(body, sizeof body,
            "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\",\"params\":{\"_meta\":{"
            "\"io.modelcontextprotocol/protocolVersion\":\"%s\","
            "\"io.modelcontextprotocol/clientCapabilities\":{}}}}",
            versions[i]);
        snprintf(requested, sizeof requested, "\"%s\"", versions[i]);
        assert_refused(live, headers, body, 400, "-32022");
        assert_json(live, "error.data.requested", requested);
        assert_json(live, "error.data.supported.0", "\"2026-07-28\"");
    }
}

static void
rung_4_the_header_repeats_the_method(void **state)
{
    struct mcp_live *live = *state;
    assert_refused(live, "MCP-Protocol-Version: 2026-07-28\r\n", LIST_BODY, 400, "-32020");
    assert_refused(live, MODERN_HEADERS("tools/call"), LIST_BODY, 400, "-32020");
    assert_refused(live, MODERN_HEADERS("TOOLS/LIST"), LIST_BODY, 400, "-32020");
    /* Before rung 6. */
    assert_refused(live, MODERN_HEADERS("other/method"),
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"no/such\",\"params\":{" MODERN_META "}}", 400,
        "-32020");
    /* Blanks around values and the case of names do not count. */
    assert_int_equal(
        mcp_live_post(
            live, "mcp-protocol-version:2026-07-28\r\nMCP-METHOD: \t tools/list  \r\n", LIST_BODY),
        200);
}

static void
rung_5_the_header_repeats_the_name(void **state)
{
    struct mcp_live *live = *state;
    static const char call[] =
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{"
        "\"name\":\"forge_status\"," MODERN_META "}}";
    static const char read[] =
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"resources/read\",\"params\":{"
        "\"uri\":\"forge://status\"," MODERN_META "}}";
    static const char get[] =
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"prompts/get\",\"params\":{"
        "\"name\":\"wrap-up\"," MODERN_META "}}";
    assert_refused(live, MODERN_HEADERS("tools/call"), call, 400, "-32020");
    assert_refused(
        live, MODERN_HEADERS("tools/call") "Mcp-Name: Forge_Status\r\n", call, 400, "-32020");
    assert_refused(live, MODERN_HEADERS("resources/read"), read, 400, "-32020");
    assert_refused(live, MODERN_HEADERS("prompts/get"), get, 400, "-32020");
    assert_int_equal(
        mcp_live_post(live, MODERN_HEADERS("tools/call") "Mcp-Name:   forge_status  \r\n", call),
        200);
    assert_int_equal(
        mcp_live_post(live, MODERN_HEADERS("resources/read") "Mcp-Name: forge://status\r\n", read),
        200);
    assert_int_equal(
        mcp_live_post(live, MODERN_HEADERS("prompts/get") "Mcp-Name: wrap-up\r\n", get), 200);
    /* Base64 is decoded; one marker alone is literal. */
    assert_int_equal(
        mcp_live_post(
            live, MODERN_HEADERS("tools/call") "Mcp-Name: =?base64?Zm9yZ2Vfc3RhdHVz?=\r\n", call),
        200);
    static const char *const wrong[] = {"=?base64?Zm9yZ2Vfc3RhdHVz=?=", "=?base64?Zm9y*?=",
        "=?base64?/w==?=", "=?BASE64?Zm9yZ2Vfc3RhdHVz?=", "=?base64?Zm9yZ2Vfc3RhdHVz",
        "=?base64?="};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char headers[256];
        snprintf(
            headers, sizeof headers, MODERN_HEADERS("tools/call") "Mcp-Name: %s\r\n", wrong[i]);
        assert_refused(live, headers, call, 400, "-32020");
    }
    /* Without the value in the body, the method says what is missing. */
    assert_refused(live, MODERN_HEADERS("tools/call"),
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{" MODERN_META "}}",
        200, "-32602");
}

static void
rung_6_removed_and_unknown_methods_are_404(void **state)
{
    struct mcp_live *live = *state;
    static const char *const methods[] = {"initialize", "ping", "logging/setLevel",
        "resources/subscribe", "resources/unsubscribe", "tasks/list", "subscriptions/listen",
        "unknown/method"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        char headers[128];
        char body[256];
        snprintf(headers, sizeof headers, "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: %s\r\n",
            methods[i]);
        snprintf(body, sizeof body,
            "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"%s\",\"params\":{" MODERN_META "}}",
            methods[i]);
        assert_refused(live, headers, body, 404, "-32601");
    }
}

static void
rung_7_the_annotated_parameter_is_mirrored(void **state)
{
    struct mcp_live *live = *state;
    Forge__ListReply reply = FORGE__LIST_REPLY__INIT;
    fake_backends_answer(&live->fake, "List", &reply.base);
    static const char format[] =
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":"
        "\"context_list\",\"arguments\":{\"project\":%s}," MODERN_META "}}";
    char body[512];
    char other[512];
    snprintf(body, sizeof body, format, "\"caf\\u00e9\"");
    static const char head[] = MODERN_HEADERS("tools/call") "Mcp-Name: context_list\r\n";
    char headers[256];
    snprintf(headers, sizeof headers, "%sMcp-Param-Project: =?base64?Y2Fmw6k=?=\r\n", head);
    assert_int_equal(mcp_live_post(live, headers, body), 200);
    assert_non_null(mcp_live_json(live, "result.structuredContent.entries"));
    assert_refused(live, head, body, 400, "-32020");
    snprintf(headers, sizeof headers, "%sMcp-Param-Project: =?base64?Y2Fmw6k?=\r\n", head);
    assert_refused(live, headers, body, 400, "-32020");
    snprintf(headers, sizeof headers, "%sMcp-Param-Project: shop\r\n", head);
    assert_refused(live, headers, body, 400, "-32020");
    /* Null and absent expect no header, and a stray one is ignored; so are unknown ones. */
    snprintf(other, sizeof other, format, "null");
    assert_int_equal(mcp_live_post(live, headers, other), 200);
    snprintf(other, sizeof other, format, "\"shop\"");
    snprintf(
        headers, sizeof headers, "%smcp-param-project:   shop \r\nMcp-Param-Unknown: x\r\n", head);
    assert_int_equal(mcp_live_post(live, headers, other), 200);
    /* Legacy requests have no such rule. */
    assert_int_equal(mcp_live_post(live, "",
                         "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{"
                         "\"name\":\"context_list\",\"arguments\":{\"project\":\"shop\"}}}"),
        200);
}

static void
rung_9_params_are_checked_at_200(void **state)
{
    struct mcp_live *live = *state;
    assert_refused(live, MODERN_HEADERS("tools/call") "Mcp-Name: context_sav\r\n",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":"
        "\"context_sav\"," MODERN_META "}}",
        200, "-32602");
    assert_non_null(strstr(live->body.data, "did you mean \\\"context_save\\\"?"));
    assert_refused(live, MODERN_HEADERS("tools/call") "Mcp-Name: context_save\r\n",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":"
        "\"context_save\",\"arguments\":[]," MODERN_META "}}",
        200, "-32602");
    static const char *const cursors[] = {"\"zzz\"", "\"\"", "5", "{}"};
    for (size_t i = 0; i < 4; i++) {
        char body[320];
        snprintf(body, sizeof body,
            "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/"
            "list\",\"params\":{\"cursor\":%s," MODERN_META "}}",
            cursors[i]);
        assert_refused(live, MODERN_HEADERS("tools/list"), body, 200, "-32602");
    }
}

static void
a_claim_decides_the_era_and_so_does_the_header(void **state)
{
    struct mcp_live *live = *state;
    /* Without a claim but with the header: modern, without envelope. */
    assert_refused(live, "MCP-Protocol-Version: 2026-07-28\r\n",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\"}", 400, "-32602");
    assert_refused(live, "MCP-Protocol-Version: 2026-07-28\r\n",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
        "\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{}}}",
        400, "-32602");
    /* _meta without the version is no claim. */
    assert_int_equal(mcp_live_post(live, "",
                         "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\",\"params\":{\"_meta\":{"
                         "\"progressToken\":0}}}"),
        200);
    assert_int_equal(mcp_live_post(live, "MCP-Protocol-Version: 2026-07-28\r\n",
                         "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}"),
        400);
    /* Notifications skip the ladder. */
    assert_int_equal(mcp_live_post(live, "MCP-Protocol-Version: 2026-07-28\r\n",
                         "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\"}"),
        202);
    assert_int_equal(
        mcp_live_post(live, "",
            "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/unheard-of\",\"params\":{" MODERN_META
            "}}"),
        202);
    /* A session means nothing here, not even a forged one. */
    assert_int_equal(
        mcp_live_post(live, MODERN_HEADERS("tools/list") "Mcp-Session-Id: forged\r\n", LIST_BODY),
        200);
    assert_string_equal(mcp_live_header(live, "mcp-session-id"), "");
}

static void
results_say_how_long_they_hold(void **state)
{
    struct mcp_live *live = *state;
    static const char *const methods[] = {"tools/list", "prompts/list", "resources/templates/list"};
    for (size_t i = 0; i < 3; i++) {
        char headers[128];
        char body[256];
        snprintf(headers, sizeof headers, "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: %s\r\n",
            methods[i]);
        snprintf(body, sizeof body,
            "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"%s\",\"params\":{" MODERN_META "}}",
            methods[i]);
        assert_int_equal(mcp_live_post(live, headers, body), 200);
        assert_json(live, "result.resultType", "\"complete\"");
        assert_json(live, "result.ttlMs", "300000");
        assert_json(live, "result.cacheScope", "\"public\"");
        snprintf(body, sizeof body, "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"%s\"}", methods[i]);
        assert_int_equal(mcp_live_post(live, "", body), 200);
        assert_null(mcp_live_json(live, "result.ttlMs"));
        assert_null(mcp_live_json(live, "result.cacheScope"));
        assert_null(mcp_live_json(live, "result.resultType"));
        assert_null(mcp_live_json(live, "result._meta"));
    }
}

static void
start_held_search(struct mcp_live *live)
{
    live->fake.hold = true;
    mcp_live_send(live, "POST", "/mcp",
        "Content-Type: application/json\r\n" MODERN_HEADERS(
            "tools/call") "Mcp-Name: context_search\r\n",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":"
        "\"context_search\",\"arguments\":{\"query\":\"x\"}," MODERN_META "}}");
    mcp_live_wait_calls(live, 1);
    assert_false(live->fake.calls[0].cancelled);
}

static void
wait_for_cancel(struct mcp_live *live)
{
    int64_t deadline_ms = clock_monotonic_ms() + 5000;
    while (!live->fake.calls[0].cancelled && clock_monotonic_ms() < deadline_ms)
        live_turn(&live->live);
    assert_true(live->fake.calls[0].cancelled);
}

static void
a_client_that_goes_away_stops_the_work(void **state)
{
    struct mcp_live *live = *state;
    start_held_search(live);

    mcp_live_hang_up(live, false);

    wait_for_cancel(live);
    fake_backends_release(&live->fake);
}

static void
a_client_that_half_closes_stops_the_work_too(void **state)
{
    struct mcp_live *live = *state;
    start_held_search(live);

    mcp_live_hang_up(live, true);

    wait_for_cancel(live);
    fake_backends_release(&live->fake);
    assert_int_equal(mcp_live_answer(live), 499);
    assert_string_equal(live->body.data, "");
}

static void
principal_trace_and_deadline_go_along(void **state)
{
    struct mcp_live *live = *state;
    static const char trace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    mcp_live_post(live,
        MODERN_HEADERS("tools/call") "Mcp-Name: context_search\r\nRequest-Timeout: 3\r\n",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":"
        "\"context_search\",\"arguments\":{\"query\":\"x\"},\"_meta\":{\"traceparent\":"
        "\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\","
        "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
        "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"v2-probe\",\"version\":\"1\"},"
        "\"io.modelcontextprotocol/clientCapabilities\":{}}}}");
    const struct fake_call *call = fake_backends_last(&live->fake, "Search");
    assert_string_equal(call->principal, "local");
    assert_string_equal(call->traceparent, trace);
    assert_in_range(call->remaining_ms, 2000, 3000);

    char headers[128];
    snprintf(headers, sizeof headers, "traceparent: %s\r\nRequest-Timeout: 600\r\n", trace);
    static const char body[] =
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{"
        "\"name\":\"context_search\",\"arguments\":{\"query\":\"x\"}}}";
    mcp_live_post(live, headers, body);
    call = fake_backends_last(&live->fake, "Search");
    assert_string_equal(call->traceparent, trace);
    assert_in_range(call->remaining_ms, 59000, 60000);

    static const char *const wrong[] = {"00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra", "x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(headers, sizeof headers, "traceparent: %s\r\nRequest-Timeout: soon\r\n", wrong[i]);
        mcp_live_post(live, headers, body);
        call = fake_backends_last(&live->fake, "Search");
        assert_string_equal(call->traceparent, "");
        assert_in_range(call->remaining_ms, 9000, 10000);
    }
}

int
main(void)
{
#define RUNS(test) cmocka_unit_test_setup_teardown(test, mcp_live_setup, mcp_live_teardown)
    const struct CMUnitTest tests[] = {
        RUNS(discover_tells_versions_and_capabilities),
        RUNS(rung_1_the_envelope_is_whole),
        RUNS(rung_2_the_header_repeats_the_version),
        RUNS(rung_3_the_version_is_spoken),
        RUNS(rung_4_the_header_repeats_the_method),
        RUNS(rung_5_the_header_repeats_the_name),
        RUNS(rung_6_removed_and_unknown_methods_are_404),
        RUNS(rung_7_the_annotated_parameter_is_mirrored),
        RUNS(rung_9_params_are_checked_at_200),
        RUNS(a_claim_decides_the_era_and_so_does_the_header),
        RUNS(results_say_how_long_they_hold),
        RUNS(a_client_that_goes_away_stops_the_work),
        RUNS(a_client_that_half_closes_stops_the_work_too),
        RUNS(principal_trace_and_deadline_go_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
