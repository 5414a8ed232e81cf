#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "context.pb-c.h"

#include "common/base/clock.h"
#include "common/base/uuid.h"
#include "tests/gateway/fakes/tool_runner.h"

static const char first_id[] = "0199e3a1-8f3c-7abc-8def-0123456789ab";
static const char second_id[] = "0199e3a1-8f3c-7abc-8def-0123456789ac";

static uint8_t id_bytes[2][UUID_SIZE];

static ProtobufCBinaryData
id_of(int number)
{
    struct uuid id;
    assert_true(uuid_parse(text_of(number ? second_id : first_id), &id));
    memcpy(id_bytes[number], id.bytes, UUID_SIZE);
    return (ProtobufCBinaryData){UUID_SIZE, id_bytes[number]};
}

static ProtobufCBinaryData
bytes(const char *words)
{
    return (ProtobufCBinaryData){strlen(words), (uint8_t *)words};
}

static Forge__Entry
entry(int number, const char *content)
{
    Forge__Entry made = FORGE__ENTRY__INIT;
    static char *tags[] = {(char *)"retry", (char *)"http"};
    made.id = id_of(number);
    made.project = (char *)"shop";
    made.kind = (char *)"decision";
    made.title = bytes("Retries use jitter");
    made.content = bytes(content);
    made.content_bytes = (uint32_t)strlen(content);
    made.tags = tags;
    made.n_tags = 2;
    made.scope = FORGE__SCOPE__TEAM;
    made.author = (char *)"sam";
    made.created_at_ms = 1795505529150;
    made.updated_at_ms = 1795505529150;
    made.version = 3;
    return made;
}

static void
save_passes_every_argument_and_tells_the_outcome(void **state)
{
    struct tool_runner *runner = *state;
    Forge__SaveReply reply = FORGE__SAVE_REPLY__INIT;
    reply.id = id_of(0);
    reply.version = 2;
    reply.outcome = FORGE__SAVE_OUTCOME__MERGED;
    fake_backends_answer(&runner->fake, "Save", &reply.base);
    int64_t before_ms = clock_wall_ms();

    const char *json = tool_runner_result(runner, "context_save",
        "{\"content\":\"full "
        "\\\"jitter\\\"\",\"title\":\"t\",\"kind\":\"decision\",\"tags\":[\"a\","
        "\"b\"],\"project\":\"shop\",\"scope\":\"team\",\"supersedes\":"
        "\"0199e3a1-8f3c-7abc-8def-0123456789ac\",\"ttl_days\":2,\"pinned\":true}");

    assert_string_equal(json, "{\"id\":\"0199e3a1-8f3c-7abc-8def-0123456789ab\",\"outcome\":"
                              "\"merged\",\"version\":2,\"durable\":true}");
    const struct fake_call *call = fake_backends_last(&runner->fake, "Save");
    const Forge__SaveRequest *request = (const Forge__SaveRequest *)call->request;
    assert_int_equal(request->content.len, strlen("full \"jitter\""));
    assert_memory_equal(request->content.data, "full \"jitter\"", request->content.len);
    assert_string_equal(request->kind, "decision");
    assert_string_equal(request->project, "shop");
    assert_string_equal(request->client, "claude-code");
    assert_int_equal(request->n_tags, 2);
    assert_string_equal(request->tags[1], "b");
    assert_int_equal(request->scope, FORGE__SCOPE__TEAM);
    assert_int_equal(request->supersedes.len, UUID_SIZE);
    assert_true(request->pinned);
    assert_true(request->expires_at_ms >= before_ms + 2 * 86400000LL);
    assert_string_equal(call->project, "shop");
    assert_string_equal(call->principal, "sam");
    assert_true(call->has_key);
    assert_in_range(call->remaining_ms, 9000, 10000);
}

static void
near_miss_names_are_taken(void **state)
{
    struct tool_runner *runner = *state;
    Forge__SaveReply saved = FORGE__SAVE_REPLY__INIT;
    Forge__SearchReply found = FORGE__SEARCH_REPLY__INIT;
    Forge__GetReply got = FORGE__GET_REPLY__INIT;
    fake_backends_answer(&runner->fake, "Save", &saved.base);
    fake_backends_answer(&runner->fake, "Search", &found.base);
    fake_backends_answer(&runner->fake, "Get", &got.base);

    tool_runner_result(runner, "context_save", "{\"text\":\"x\"}");
    tool_runner_result(runner, "context_search", "{\"q\":\"x\",\"top_k\":3}");
    const Forge__SearchRequest *search =
        (const Forge__SearchRequest *)fake_backends_last(&runner->fake, "Search")->request;
    assert_int_equal(search->limit, 3);
    tool_runner_result(
        runner, "context_get", "{\"uri\":\"context://0199e3a1-8f3c-7abc-8def-0123456789ab\"}");
    const Forge__GetRequest *get =
        (const Forge__GetRequest *)fake_backends_last(&runner->fake, "Get")->request;
    assert_int_equal(get->n_ids, 1);
}

static void
get_shows_whole_entries_with_their_origin_and_what_is_missing(void **state)
{
    struct tool_runner *runner = *state;
    Forge__Entry one = entry(0, "because of\nthe stampede");
    Forge__Entry *entries[] = {&one};
    ProtobufCBinaryData missing = id_of(1);
    Forge__GetReply reply = FORGE__GET_REPLY__INIT;
    reply.entries = entries;
    reply.n_entries = 1;
    reply.missing = &missing;
    reply.n_missing = 1;
    fake_backends_answer(&runner->fake, "Get", &reply.base);

    const char *json = tool_runner_result(runner, "context_get",
        "{\"ids\":[\"0199e3a1-8f3c-7abc-8def-0123456789ab\","
        "\"0199e3a1-8f3c-7abc-8def-0123456789ac\"]}");

    assert_string_equal(json_at(json, "entries.0.content"), "\"because of\\nthe stampede\"");
    assert_string_equal(json_at(json, "entries.0.author"), "\"sam\"");
    assert_string_equal(json_at(json, "entries.0.scope"), "\"team\"");
    assert_string_equal(json_at(json, "entries.0.created_at"), "\"2026-11-24T07:32:09.150Z\"");
    assert_string_equal(json_at(json, "missing.0"), "\"0199e3a1-8f3c-7abc-8def-0123456789ac\"");
    assert_string_equal(json_at(json, "truncated"), "false");
    assert_false(fake_backends_last(&runner->fake, "Get")->has_key);
}

static void
search_rounds_scores_and_passes_filters(void **state)
{
    struct tool_runner *runner = *state;
    Forge__Entry one = entry(0, "");
    Forge__Hit hit = FORGE__HIT__INIT;
    char *matched[] = {(char *)"retry"};
    Forge__Hit *hits[] = {&hit};
    hit.entry = &one;
    hit.score = 0.87654F;
    hit.snippet = bytes("full jitter");
    hit.matched = matched;
    hit.n_matched = 1;
    Forge__SearchReply reply = FORGE__SEARCH_REPLY__INIT;
    reply.hits = hits;
    reply.n_hits = 1;
    reply.total = 7;
    reply.cursor = bytes("next");
    fake_backends_answer(&runner->fake, "Search", &reply.base);
    int64_t now_ms = clock_wall_ms();

    const char *json = tool_runner_result(runner, "context_search",
        "{\"query\":\"retry\",\"kinds\":[\"decision\"],\"tags\":[\"http\"],\"scope\":\"project\","
        "\"since\":\"24h\",\"min_score\":0.25}");

    assert_string_equal(json_at(json, "hits.0.score"), "0.877");
    assert_string_equal(json_at(json, "hits.0.snippet"), "\"full jitter\"");
    assert_string_equal(json_at(json, "hits.0.matched.0"), "\"retry\"");
    assert_string_equal(json_at(json, "total"), "7");
    assert_non_null(json_at(json, "cursor"));
    const Forge__SearchRequest *request =
        (const Forge__SearchRequest *)fake_backends_last(&runner->fake, "Search")->request;
    assert_string_equal(request->kinds[0], "decision");
    assert_int_equal(request->scope, FORGE__SCOPE__PROJECT);
    assert_int_equal(request->has_min_score_case, FORGE__SEARCH_REQUEST__HAS_MIN_SCORE_MIN_SCORE);
    assert_true(llabs(request->since_ms - (now_ms - 86400000)) < 5000);
    assert_int_equal(request->limit, 0);
}

static void
a_cursor_leads_to_the_service_and_back(void **state)
{
    struct tool_runner *runner = *state;
    Forge__ListReply reply = FORGE__LIST_REPLY__INIT;
    reply.cursor = bytes("\x01\xff\x00the place");
    reply.cursor.len = 12;
    fake_backends_answer(&runner->fake, "List", &reply.base);
    const char *json = tool_runner_result(runner, "context_list", "{}");
    char arguments[256];
    snprintf(arguments, sizeof arguments, "{\"cursor\":%s}", json_at(json, "cursor"));

    tool_runner_result(runner, "context_list", arguments);

    const Forge__ListRequest *request =
        (const Forge__ListRequest *)fake_backends_last(&runner->fake, "List")->request;
    assert_int_equal(request->cursor.len, 12);
    assert_memory_equal(request->cursor.data, reply.cursor.data, 12);
    assert_non_null(strstr(tool_runner_refusal(runner, "context_list", "{\"cursor\":\"zzz!\"}"),
        "leave it out to start at the beginning"));
}

static void
update_sends_only_what_changes(void **state)
{
    struct tool_runner *runner = *state;
    Forge__UpdateReply reply = FORGE__UPDATE_REPLY__INIT;
    reply.id = id_of(0);
    reply.version = 4;
    fake_backends_answer(&runner->fake, "Update", &reply.base);

    const char *json = tool_runner_result(runner, "context_update",
        "{\"id\":\"0199e3a1-8f3c-7abc-8def-0123456789ab\",\"tags\":[],\"expected_version\":3}");

    assert_string_equal(json_at(json, "version"), "4");
    const Forge__UpdateRequest *request =
        (const Forge__UpdateRequest *)fake_backends_last(&runner->fake, "Update")->request;
    assert_int_equal(request->has_tags_case, FORGE__UPDATE_REQUEST__HAS_TAGS_TAGS);
    assert_int_equal(request->tags->n_tags, 0);
    assert_int_equal(request->has_content_case, FORGE__UPDATE_REQUEST__HAS_CONTENT__NOT_SET);
    assert_int_equal(request->expected_version, 3);
    assert_non_null(strstr(tool_runner_refusal(runner, "context_update",
                               "{\"id\":\"0199e3a1-8f3c-7abc-8def-0123456789ab\"}"),
        "at least one thing to change"));
}

static void
forget_takes_ids_or_a_filter_but_not_both(void **state)
{
    struct tool_runner *runner = *state;
    ProtobufCBinaryData gone = id_of(0);
    Forge__ForgetReply reply = FORGE__FORGET_REPLY__INIT;
    reply.ids = &gone;
    reply.n_ids = 1;
    fake_backends_answer(&runner->fake, "Forget", &reply.base);

    const char *json = tool_runner_result(
        runner, "context_forget", "{\"filter\":{\"project\":\"shop\"},\"dry_run\":true}");
    assert_string_equal(json_at(json, "dry_run"), "true");
    assert_string_equal(json_at(json, "count"), "1");
    const Forge__ForgetRequest *request =
        (const Forge__ForgetRequest *)fake_backends_last(&runner->fake, "Forget")->request;
    assert_string_equal(request->project, "shop");
    assert_true(request->dry_run);

    json =
        tool_runner_result(runner, "context_forget", "{\"project\":\"shop\",\"before\":\"30d\"}");
    assert_non_null(strstr(json, "Backups"));
    json = tool_runner_result(
        runner, "context_forget", "{\"ids\":[\"0199e3a1-8f3c-7abc-8def-0123456789ab\"]}");
    assert_string_equal(json_at(json, "dry_run"), "false");
    assert_non_null(strstr(tool_runner_refusal(runner, "context_forget", "{}"), "either ids"));
    assert_non_null(strstr(tool_runner_refusal(runner, "context_forget",
                               "{\"ids\":[\"0199e3a1-8f3c-7abc-8def-0123456789ab\"],"
                               "\"project\":\"shop\"}"),
        "not both"));
    assert_non_null(
        strstr(tool_runner_refusal(runner, "context_forget", "{\"filter\":{}}"), "either ids"));
}

static void
brief_asks_for_what_fits_and_shows_reasons(void **state)
{
    struct tool_runner *runner = *state;
    Forge__Entry one = entry(0, "");
    Forge__BriefItem item = FORGE__BRIEF_ITEM__INIT;
    Forge__BriefItem *items[] = {&item};
    item.entry = &one;
    item.text = bytes("because of the stampede");
    item.reason = (char *)"matches the task";
    Forge__BriefReply reply = FORGE__BRIEF_REPLY__INIT;
    reply.items = items;
    reply.n_items = 1;
    reply.considered = 12;
    fake_backends_answer(&runner->fake, "Brief", &reply.base);

    const char *json = tool_runner_result(runner, "context_brief",
        "{\"task\":\"two\\nlines\",\"project\":\"shop\",\"max_tokens\":1000}");

    assert_string_equal(json_at(json, "items.0.reason"), "\"matches the task\"");
    assert_string_equal(json_at(json, "items.0.text"), "\"because of the stampede\"");
    assert_string_equal(json_at(json, "considered"), "12");
    const Forge__BriefRequest *request =
        (const Forge__BriefRequest *)fake_backends_last(&runner->fake, "Brief")->request;
    assert_int_equal(request->max_bytes, 3000);
    assert_string_equal(request->task, "two\nlines");
}

int
main(void)
{
#define RUNS(test) cmocka_unit_test_setup_teardown(test, tool_runner_setup, tool_runner_teardown)
    const struct CMUnitTest tests[] = {
        RUNS(save_passes_every_argument_and_tells_the_outcome),
        RUNS(near_miss_names_are_taken),
        RUNS(get_shows_whole_entries_with_their_origin_and_what_is_missing),
        RUNS(search_rounds_scores_and_passes_filters),
        RUNS(a_cursor_leads_to_the_service_and_back),
        RUNS(update_sends_only_what_changes),
        RUNS(forget_takes_ids_or_a_filter_but_not_both),
        RUNS(brief_asks_for_what_fits_and_shows_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
