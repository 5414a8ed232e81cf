/* Tools, resources, prompts and completion through the endpoint, in both eras. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "context.pb-c.h"
#include "session.pb-c.h"

#include "common/base/memory.h"
#include "common/base/uuid.h"
#include "common/json/reader.h"
#include "tests/gateway/mcp/mcp_live.h"

static char *
words(const char *literal)
{
    return (char *)literal;
}

static ProtobufCBinaryData
bytes(const char *literal)
{
    return (ProtobufCBinaryData){strlen(literal), (uint8_t *)literal};
}

static ProtobufCBinaryData
id_bytes(void)
{
    static struct uuid id;
    assert_true(uuid_parse(TEXT("0199e3a1-8f3c-7abc-8def-0123456789ab"), &id));
    return (ProtobufCBinaryData){UUID_SIZE, id.bytes};
}

static Forge__Entry
entry(void)
{
    Forge__Entry made = FORGE__ENTRY__INIT;
    made.id = id_bytes();
    made.kind = words("decision");
    made.project = words("shop");
    made.author = words("sam");
    made.title = bytes("Use \"jitter\"");
    made.content = bytes("because of\nthe stampede");
    made.created_at_ms = made.updated_at_ms = 1795505529150;
    return made;
}

/* Posts a request of the era; name: for Mcp-Name, or NULL. */
static int
ask(struct mcp_live *live, bool modern, const char *method, const char *name, const char *params)
{
    char headers[512];
    char body[1024];
    snprintf(headers, sizeof headers,
        "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: %s\r\n%s%s%s", method,
        name ? "Mcp-Name: " : "", name ? name : "", name ? "\r\n" : "");
    snprintf(body, sizeof body,
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"%s\",\"params\":{%s%s%s}}", method, params,
        modern && *params ? "," : "", modern ? MODERN_META : "");
    return mcp_live_post(live, modern ? headers : "", body);
}

static void
a_tool_answers_with_text_and_the_same_structured(void **state)
{
    struct mcp_live *live = *state;
    Forge__Entry one = entry();
    Forge__Entry *entries[] = {&one};
    Forge__GetReply reply = FORGE__GET_REPLY__INIT;
    reply.entries = entries;
    reply.n_entries = 1;
    fake_backends_answer(&live->fake, "Get", &reply.base);
    for (int modern = 0; modern < 2; modern++) {
        assert_int_equal(ask(live, modern, "tools/call", "context_get",
                             "\"name\":\"context_get\",\"arguments\":{\"ids\":["
                             "\"0199e3a1-8f3c-7abc-8def-0123456789ab\"]}"),
            200);

        assert_json(live, "result.content.0.type", "\"text\"");
        assert_json(live, "result.structuredContent.entries.0.title", "\"Use \\\"jitter\\\"\"");
        assert_null(mcp_live_json(live, "result.isError"));
        assert_int_equal(mcp_live_json(live, "result.resultType") != NULL, modern);
        assert_int_equal(mcp_live_json(live, "result._meta") != NULL, modern);
        CLEANUP(arena_release) struct arena arena;
        arena_init(&arena, 1 << 16);
        struct json_reader reader;
        struct text text;
        char *raw = text_copy(text_of(mcp_live_json(live, "result.content.0.text")));
        json_reader_init(&reader, text_of(raw));
        assert_true(json_read_string(&reader, &arena, &text));
        const char *structured = mcp_live_json(live, "result.structuredContent");
        assert_true(text_is(text, structured));
        free(raw);
    }
}

static void
a_failing_tool_is_a_result_not_an_error(void **state)
{
    struct mcp_live *live = *state;
    fake_backends_fail(
        &live->fake, "Save", STATUS_UNAVAILABLE, OUTCOME_UNKNOWN, "connection broke");
    for (int modern = 0; modern < 2; modern++) {
        assert_int_equal(ask(live, modern, "tools/call", "context_save",
                             "\"name\":\"context_save\",\"arguments\":{\"content\":\"x\"}"),
            200);

        assert_json(live, "result.isError", "true");
        assert_json(live, "result.structuredContent.outcome", "\"unknown\"");
        assert_json(live, "result.structuredContent.error.service", "\"context-svc\"");
        assert_non_null(strstr(mcp_live_json(live, "result.content.0.text"), "context-svc"));
        assert_null(mcp_live_json(live, "error"));
    }
    /* Arguments may be left out, and the first tool of the list takes a call without them. */
    assert_int_equal(ask(live, false, "tools/call", NULL, "\"name\":\"context_save\""), 200);
    assert_json(live, "result.isError", "true");
    assert_non_null(
        strstr(mcp_live_json(live, "result.content.0.text"), "\\\"content\\\" is missing"));
}

static void
unknown_tools_and_malformed_params_are_errors(void **state)
{
    struct mcp_live *live = *state;
    static const char *const params[] = {"", "\"name\":5", "\"name\":\"no_such_tool\"",
        "\"name\":\"context_save\",\"arguments\":[]",
        "\"name\":\"context_save\",\"arguments\":\"{}\""};
    for (size_t i = 0; i < sizeof params / sizeof *params; i++) {
        assert_int_equal(ask(live, false, "tools/call", NULL, params[i]), 200);
        assert_json(live, "error.code", "-32602");
    }
}

static void
profiles_filter_the_list(void **state)
{
    struct mcp_live *live = *state;
    static const char body[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}";
    static const char json[] = "Content-Type: application/json\r\n";

    mcp_live_ask(live, "POST", "/mcp?profile=core", json, body);
    assert_json(live, "result.tools.11.name", "\"forge_status\"");
    assert_null(mcp_live_json(live, "result.tools.12"));
    mcp_live_ask(live, "POST", "/mcp/?a=b&profile=ops", json, body);
    assert_json(live, "result.tools.0.name", "\"metrics_query\"");
    assert_null(mcp_live_json(live, "result.tools.5"));
    mcp_live_ask(live, "POST", "/mcp?profile=all", json, body);
    assert_non_null(mcp_live_json(live, "result.tools.16"));
    mcp_live_ask(live, "POST", "/mcp?profile=none", json, body);
    assert_int_equal(live->status, 200);
    assert_json(live, "error.code", "-32602");
    assert_non_null(strstr(live->body.data, "core, ops and all"));
}

static void
resources_are_listed_in_pages(void **state)
{
    struct mcp_live *live = *state;
    Forge__ProjectSummary project = FORGE__PROJECT_SUMMARY__INIT;
    Forge__ProjectSummary *projects[] = {&project};
    project.name = words("shop/caf\xC3\xA9");
    Forge__ProjectsReply names = FORGE__PROJECTS_REPLY__INIT;
    names.projects = projects;
    names.n_projects = 1;
    Forge__Entry one = entry();
    Forge__Entry *entries[] = {&one};
    Forge__ListReply list = FORGE__LIST_REPLY__INIT;
    list.entries = entries;
    list.n_entries = 1;
    list.cursor = bytes("\x01\x02");
    fake_backends_answer(&live->fake, "Projects", &names.base);
    fake_backends_answer(&live->fake, "List", &list.base);

    for (int modern = 0; modern < 2; modern++) {
        assert_int_equal(ask(live, modern, "resources/list", NULL, ""), 200);
        assert_json(live, "result.resources.0.uri", "\"forge://status\"");
        assert_json(live, "result.resources.1.uri", "\"context://brief/shop%2Fcaf%C3%A9\"");
        assert_json(
            live, "result.resources.2.uri", "\"context://0199e3a1-8f3c-7abc-8def-0123456789ab\"");
        assert_json(live, "result.resources.2.title", "\"Use \\\"jitter\\\"\"");
        if (modern)
            assert_json(live, "result.cacheScope", "\"private\"");
    }
    char params[128];
    snprintf(params, sizeof params, "\"cursor\":%s", mcp_live_json(live, "result.nextCursor"));
    assert_int_equal(ask(live, false, "resources/list", NULL, params), 200);
    assert_json(
        live, "result.resources.0.uri", "\"context://0199e3a1-8f3c-7abc-8def-0123456789ab\"");
    const Forge__ListRequest *request =
        (const Forge__ListRequest *)fake_backends_last(&live->fake, "List")->request;
    assert_int_equal(request->cursor.len, 2);
    assert_memory_equal(request->cursor.data, "\x01\x02", 2);
    static const char *const wrong[] = {"\"cursor\":\"!\"", "\"cursor\":7", "\"cursor\":\"\""};
    for (size_t i = 0; i < 3; i++) {
        ask(live, false, "resources/list", NULL, wrong[i]);
        assert_json(live, "error.code", "-32602");
    }
}

static void
a_list_without_its_service_names_it(void **state)
{
    struct mcp_live *live = *state;
    fake_backends_fail(&live->fake, "Projects", STATUS_UNAVAILABLE, OUTCOME_NONE, "no peer");

    assert_int_equal(ask(live, false, "resources/list", NULL, ""), 200);

    assert_json(live, "error.code", "-32603");
    assert_non_null(strstr(live->body.data, "context-svc does not answer"));
}

static void
an_entry_is_read_with_its_origin(void **state)
{
    struct mcp_live *live = *state;
    Forge__Entry one = entry();
    Forge__Entry *entries[] = {&one};
    Forge__GetReply reply = FORGE__GET_REPLY__INIT;
    reply.entries = entries;
    reply.n_entries = 1;
    fake_backends_answer(&live->fake, "Get", &reply.base);
    static const char uri[] = "context://0199e3a1-8f3c-7abc-8def-0123456789ab";
    for (int modern = 0; modern < 2; modern++) {
        assert_int_equal(ask(live, modern, "resources/read", uri,
                             "\"uri\":\"context://0199e3a1-8f3c-7abc-8def-0123456789ab\""),
            200);
        assert_json(live, "result.contents.0.mimeType", "\"text/markdown\"");
        const char *text = mcp_live_json(live, "result.contents.0.text");
        assert_non_null(strstr(text, "# Use \\\"jitter\\\"\\n"));
        assert_non_null(strstr(text, "by sam"));
        assert_non_null(strstr(text, "because of\\nthe stampede"));
        if (modern)
            assert_json(live, "result.ttlMs", "0");
    }
}

static void
a_briefing_and_the_status_are_read(void **state)
{
    struct mcp_live *live = *state;
    Forge__Entry one = entry();
    Forge__BriefItem item = FORGE__BRIEF_ITEM__INIT;
    Forge__BriefItem *items[] = {&item};
    item.entry = &one;
    item.text = bytes("the text");
    Forge__BriefReply reply = FORGE__BRIEF_REPLY__INIT;
    reply.items = items;
    reply.n_items = 1;
    fake_backends_answer(&live->fake, "Brief", &reply.base);

    ask(live, false, "resources/read", NULL, "\"uri\":\"context://brief/shop%2fcaf%C3%A9\"");
    assert_non_null(strstr(mcp_live_json(live, "result.contents.0.text"), "the text"));
    const struct fake_call *call = fake_backends_last(&live->fake, "Brief");
    assert_string_equal(((const Forge__BriefRequest *)call->request)->project, "shop/caf\xC3\xA9");
    ask(live, false, "resources/read", NULL, "\"uri\":\"forge://status\"");
    assert_json(live, "result.contents.0.mimeType", "\"application/json\"");
    assert_non_null(
        strstr(mcp_live_json(live, "result.contents.0.text"), "\\\"status\\\":\\\"degraded\\\""));
}

static void
what_is_not_there_is_told_as_the_era_has_it(void **state)
{
    struct mcp_live *live = *state;
    Forge__GetReply nothing = FORGE__GET_REPLY__INIT;
    fake_backends_answer(&live->fake, "Get", &nothing.base);
    static const char *const uris[] = {"test://nonexistent-resource-for-conformance-testing",
        "context://0199e3a1-8f3c-7abc-8def-0123456789ab", "context://nonsense", "context://brief/",
        "context://brief/a%00b", "context://brief/a%2", "forge://statusx", ""};
    for (size_t i = 0; i < sizeof uris / sizeof *uris; i++) {
        char params[256];
        char quoted[256];
        snprintf(params, sizeof params, "\"uri\":\"%s\"", uris[i]);
        snprintf(quoted, sizeof quoted, "\"%s\"", uris[i]);
        assert_int_equal(ask(live, true, "resources/read", uris[i], params), 200);
        assert_json(live, "error.code", "-32602");
        assert_json(live, "error.data.uri", quoted);
        assert_int_equal(ask(live, false, "resources/read", NULL, params), 200);
        assert_json(live, "error.code", "-32002");
        assert_json(live, "error.data.uri", quoted);
    }
    ask(live, false, "resources/read", NULL, "\"uri\":5");
    assert_json(live, "error.code", "-32602");
}

static void
prompts_are_listed_and_filled(void **state)
{
    struct mcp_live *live = *state;
    for (int modern = 0; modern < 2; modern++) {
        assert_int_equal(ask(live, modern, "prompts/list", NULL, ""), 200);
        assert_json(live, "result.prompts.0.name", "\"start-work\"");
        assert_non_null(mcp_live_json(live, "result.prompts.0.description"));
        assert_json(live, "result.prompts.0.arguments.0.required", "true");
        assert_int_equal(ask(live, modern, "prompts/get", "start-work",
                             "\"name\":\"start-work\",\"arguments\":{\"project\":\"shop\","
                             "\"task\":\"safe \\\"retries\\\"\"}"),
            200);
        assert_json(live, "result.messages.0.role", "\"user\"");
        const char *text = mcp_live_json(live, "result.messages.0.content.text");
        assert_non_null(strstr(text, "\\\"shop\\\""));
        assert_non_null(strstr(text, "safe \\\"retries\\\""));
        assert_non_null(strstr(text, "session_checkpoint"));
        assert_int_equal(ask(live, modern, "prompts/get", "wrap-up", "\"name\":\"wrap-up\""), 200);
        assert_non_null(strstr(live->body.data, "session_end"));
    }
    static const char *const wrong[] = {"", "\"name\":\"no-such\"", "\"name\":\"start-work\"",
        "\"name\":\"start-work\",\"arguments\":{\"project\":5}",
        "\"name\":\"start-work\",\"arguments\":[]"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(ask(live, false, "prompts/get", NULL, wrong[i]), 200);
        assert_json(live, "error.code", "-32602");
    }
}

static void
arguments_of_prompts_and_templates_are_completed(void **state)
{
    struct mcp_live *live = *state;
    Forge__ProjectSummary project = FORGE__PROJECT_SUMMARY__INIT;
    Forge__ProjectSummary *projects[] = {&project};
    project.name = words("shop");
    Forge__ProjectsReply names = FORGE__PROJECTS_REPLY__INIT;
    names.projects = projects;
    names.n_projects = 1;
    fake_backends_answer(&live->fake, "Projects", &names.base);
    Forge__WorkSession mine = FORGE__WORK_SESSION__INIT;
    Forge__WorkSession other = FORGE__WORK_SESSION__INIT;
    Forge__WorkSession *sessions[] = {&mine, &other};
    mine.handle = words("w-1");
    other.handle = words("x-1");
    Forge__SessionListReply list = FORGE__SESSION_LIST_REPLY__INIT;
    list.sessions = sessions;
    list.n_sessions = 2;
    fake_backends_answer(&live->fake, "List", &list.base);

    ask(live, true, "completion/complete", NULL,
        "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"start-work\"},\"argument\":{\"name\":"
        "\"project\",\"value\":\"sh\"}");
    assert_json(live, "result.completion.values", "[\"shop\"]");
    assert_json(live, "result.resultType", "\"complete\"");
    assert_null(mcp_live_json(live, "result.ttlMs"));
    assert_string_equal(
        ((const Forge__ProjectsRequest *)fake_backends_last(&live->fake, "Projects")->request)
            ->prefix,
        "sh");
    ask(live, false, "completion/complete", NULL,
        "\"ref\":{\"type\":\"ref/resource\",\"uri\":\"context://brief/{project}\"},\"argument\":{"
        "\"name\":\"project\",\"value\":\"\"}");
    assert_json(live, "result.completion.values.0", "\"shop\"");
    ask(live, false, "completion/complete", NULL,
        "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"wrap-up\"},\"argument\":{\"name\":\"session\","
        "\"value\":\"w\"}");
    assert_json(live, "result.completion.values", "[\"w-1\"]");
    ask(live, false, "completion/complete", NULL,
        "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"start-work\"},\"argument\":{\"name\":\"task\","
        "\"value\":\"w\"}");
    assert_json(live, "result.completion.values", "[]");
    static const char *const wrong[] = {"",
        "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"no\"},\"argument\":{\"name\":\"project\","
        "\"value\":\"\"}",
        "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"wrap-up\"},\"argument\":{\"name\":\"project\","
        "\"value\":\"\"}",
        "\"ref\":{\"type\":\"ref/"
        "prompt\",\"name\":\"wrap-up\"},\"argument\":{\"name\":\"session\"}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(ask(live, false, "completion/complete", NULL, wrong[i]), 200);
        assert_json(live, "error.code", "-32602");
    }
}

static void
a_resource_read_stops_with_its_client(void **state)
{
    struct mcp_live *live = *state;
    live->fake.hold = true;
    mcp_live_send(live, "POST", "/mcp",
        "Content-Type: application/json\r\n" MODERN_HEADERS(
            "resources/read") "Mcp-Name: context://0199e3a1-8f3c-7abc-8def-0123456789ab\r\n",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"resources/read\",\"params\":{\"uri\":"
        "\"context://0199e3a1-8f3c-7abc-8def-0123456789ab\"," MODERN_META "}}");
    mcp_live_wait_calls(live, 1);

    mcp_live_hang_up(live, false);
    for (int i = 0; i < 5000 && !live->fake.calls[0].cancelled; i++)
        live_turn(&live->live);

    assert_true(live->fake.calls[0].cancelled);
}

int
main(void)
{
#define RUNS(test) cmocka_unit_test_setup_teardown(test, mcp_live_setup, mcp_live_teardown)
    const struct CMUnitTest tests[] = {
        RUNS(a_tool_answers_with_text_and_the_same_structured),
        RUNS(a_failing_tool_is_a_result_not_an_error),
        RUNS(unknown_tools_and_malformed_params_are_errors),
        RUNS(profiles_filter_the_list),
        RUNS(resources_are_listed_in_pages),
        RUNS(a_list_without_its_service_names_it),
        RUNS(an_entry_is_read_with_its_origin),
        RUNS(a_briefing_and_the_status_are_read),
        RUNS(what_is_not_there_is_told_as_the_era_has_it),
        RUNS(prompts_are_listed_and_filled),
        RUNS(arguments_of_prompts_and_templates_are_completed),
        RUNS(a_resource_read_stops_with_its_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
