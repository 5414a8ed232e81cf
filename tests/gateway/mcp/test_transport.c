/* HTTP around the messages: methods, media types; and the tools as plain HTTP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "context.pb-c.h"

#include "gateway/mcp/media.h"
#include "tests/gateway/mcp/mcp_live.h"

static const char ping[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}";
static const char json[] = "Content-Type: application/json\r\n";

static void
other_methods_are_405_with_what_to_do(void **state)
{
    struct mcp_live *live = *state;
    static const char *const methods[] = {"GET", "DELETE", "PUT", "PATCH"};
    for (size_t i = 0; i < 4; i++) {
        const char *body = i < 2 ? NULL : "{}";
        assert_int_equal(mcp_live_ask(live, methods[i], "/mcp", json, body), 405);
        assert_string_equal(mcp_live_header(live, "allow"), "POST");
        assert_non_null(mcp_live_json(live, "error.message"));
    }
    assert_int_equal(mcp_live_ask(live, "GET", "/mcp", "Accept: text/event-stream\r\n", NULL), 405);
}

static void
only_json_is_taken(void **state)
{
    struct mcp_live *live = *state;
    static const char *const types[] = {"", "Content-Type: text/plain\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: multipart/form-data; boundary=application/json\r\n",
        "Content-Type: application/jsonx\r\n", "Content-Type: text/plain, application/json\r\n"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        assert_int_equal(mcp_live_ask(live, "POST", "/mcp", types[i], ping), 415);
        assert_non_null(strstr(live->body.data, "Content-Type: application/json"));
    }
    assert_int_equal(mcp_live_ask(live, "POST", "/mcp",
                         "Content-Type: Application/JSON ; charset=utf-8\r\n", ping),
        200);
}

static void
accept_is_read_as_a_list(void **state)
{
    (void)state;
    static const char *const good[] = {"", "*/*", "application/json",
        "application/json, text/event-stream", "text/event-stream,application/json;q=0.5",
        "application/*", "text/html, */*;q=0.1", "APPLICATION/JSON",
        "application/json;q=1, */*;q=0"};
    static const char *const bad[] = {"text/html", "text/event-stream", "application/json;q=0",
        "application/json; q=0.0, */*", "*/*;q=0", "application/jsonx", "text/*", ";", ","};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!mcp_media_accepts_json(text_of(good[i])))
            fail_msg("refused: %s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (mcp_media_accepts_json(text_of(bad[i])))
            fail_msg("taken: %s", bad[i]);
}

static void
what_cannot_be_accepted_is_406(void **state)
{
    struct mcp_live *live = *state;
    assert_int_equal(mcp_live_post(live, "Accept: text/html\r\n", ping), 406);
    assert_non_null(strstr(live->body.data, "Accept: application/json"));
    assert_int_equal(
        mcp_live_post(live, "Accept: application/json, text/event-stream\r\n", ping), 200);
}

static void
foreign_origins_are_refused(void **state)
{
    struct mcp_live *live = *state;
    assert_int_equal(mcp_live_post(live, "Origin: http://evil.example\r\n", ping), 403);
    assert_int_equal(mcp_live_post(live, "Origin: http://localhost:3000\r\n", ping), 200);
}

static void
tools_answer_as_plain_http(void **state)
{
    struct mcp_live *live = *state;
    live->use_api = true;
    Forge__SaveReply reply = FORGE__SAVE_REPLY__INIT;
    reply.version = 1;
    fake_backends_answer(&live->fake, "Save", &reply.base);

    assert_int_equal(mcp_live_ask(live, "POST", "/api/v1/tools/context_save",
                         "Content-Type: application/json\r\nIdempotency-Key: k1\r\n"
                         "User-Agent: forgectl/1\r\n",
                         "{\"content\":\"x\"}"),
        200);
    assert_string_equal(
        live->body.data, "{\"outcome\":\"created\",\"version\":1,\"durable\":true}");
    assert_true(fake_backends_last(&live->fake, "Save")->has_key);
    assert_string_equal(
        ((const Forge__SaveRequest *)fake_backends_last(&live->fake, "Save")->request)->client,
        "forgectl");
    /* No body is an empty object. */
    assert_int_equal(mcp_live_ask(live, "POST", "/api/v1/tools/context_list", "", ""), 503);
    assert_json(live, "error.code", "\"unavailable\"");
    assert_string_equal(mcp_live_header(live, "retry-after"), "2");
}

static void
plain_http_refusals_carry_the_house_statuses(void **state)
{
    struct mcp_live *live = *state;
    live->use_api = true;
    static const char target[] = "/api/v1/tools/context_save";

    assert_int_equal(mcp_live_ask(live, "POST", target, json, "{}"), 400);
    assert_json(live, "error.code", "\"invalid_argument\"");
    assert_json(live, "error.argument", "\"content\"");
    assert_int_equal(mcp_live_ask(live, "POST", target, json, "nonsense"), 400);
    assert_int_equal(mcp_live_ask(live, "POST", target, "Content-Type: text/plain\r\n", "{}"), 415);
    assert_int_equal(mcp_live_ask(live, "POST", "/api/v1/tools/context_sav", json, "{}"), 404);
    assert_non_null(strstr(live->body.data, "context_save"));
    assert_int_equal(mcp_live_ask(live, "DELETE", target, "", NULL), 405);
    assert_string_equal(mcp_live_header(live, "allow"), "GET, HEAD, POST");
    fake_backends_fail(&live->fake, "Save", STATUS_DEADLINE_EXCEEDED, OUTCOME_UNKNOWN, "");
    assert_int_equal(mcp_live_ask(live, "POST", target, json, "{\"content\":\"x\"}"), 504);
    assert_json(live, "outcome", "\"unknown\"");
}

static void
plain_http_lists_and_describes(void **state)
{
    struct mcp_live *live = *state;
    live->use_api = true;

    assert_int_equal(mcp_live_ask(live, "GET", "/api/v1/tools", "", NULL), 200);
    assert_json(live, "tools.0.name", "\"context_save\"");
    assert_json(live, "tools.16.name", "\"backup_restore\"");
    assert_int_equal(mcp_live_ask(live, "GET", "/api/v1/tools/context_get", "", NULL), 200);
    assert_json(live, "inputSchema.required", "[\"ids\"]");
    assert_int_equal(mcp_live_ask(live, "POST", "/api/v1/tools", json, "{}"), 405);
}

int
main(void)
{
#define RUNS(test) cmocka_unit_test_setup_teardown(test, mcp_live_setup, mcp_live_teardown)
    const struct CMUnitTest tests[] = {
        RUNS(other_methods_are_405_with_what_to_do),
        RUNS(only_json_is_taken),
        cmocka_unit_test(accept_is_read_as_a_list),
        RUNS(what_cannot_be_accepted_is_406),
        RUNS(foreign_origins_are_refused),
        RUNS(tools_answer_as_plain_http),
        RUNS(plain_http_refusals_carry_the_house_statuses),
        RUNS(plain_http_lists_and_describes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
