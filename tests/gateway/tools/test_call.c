/* What all tools share: roles, refusals, failures, idempotency keys, budgets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "context.pb-c.h"

#include "common/base/memory.h"
#include "common/base/uuid.h"
#include "gateway/tools/limits.h"
#include "tests/gateway/fakes/tool_runner.h"

static void
a_missing_role_is_named(void **state)
{
    struct tool_runner *runner = *state;
    runner->principal.roles = ROLE_READER;

    const char *refusal = tool_runner_refusal(runner, "context_save", "{\"content\":\"x\"}");

    assert_non_null(strstr(refusal, "needs the role writer, which sam does not have"));
    assert_int_equal(runner->status, STATUS_PERMISSION_DENIED);
    assert_non_null(
        strstr(tool_runner_refusal(runner, "backup_run", "{}"), "needs the role operator"));
}

static void
every_tool_refuses_wrong_input_with_an_example(void **state)
{
    struct tool_runner *runner = *state;
    for (size_t i = 0; i < tool_count; i++) {
        const char *refusal =
            tool_runner_refusal(runner, tools[i]->name, "{\"no_such_argument\":1}");
        assert_non_null(strstr(refusal, "there is no argument \"no_such_argument\""));
        assert_non_null(strstr(refusal, "Example: {"));
        assert_int_equal(runner->status, STATUS_INVALID_ARGUMENT);
        assert_string_equal(json_at(runner->json.data, "error.code"), "\"invalid_argument\"");
        assert_null(strstr(refusal, "\n"));
    }
}

static void
every_example_is_taken(void **state)
{
    struct tool_runner *runner = *state;
    for (size_t i = 0; i < tool_count; i++) {
        tool_runner_start(runner, tools[i]->name, tools[i]->example);
        assert_int_equal(runner->done, 1);
        if (runner->failed && runner->status == STATUS_INVALID_ARGUMENT)
            fail_msg("%s refuses its own example: %s", tools[i]->name, runner->words);
    }
}

static void
a_dead_service_is_named_with_what_to_do(void **state)
{
    struct tool_runner *runner = *state;
    fake_backends_fail(
        &runner->fake, "Search", STATUS_UNAVAILABLE, OUTCOME_NONE, "no peer is connected");

    tool_runner_start(runner, "context_search", "{\"query\":\"x\"}");

    assert_true(runner->failed);
    assert_string_equal(runner->words,
        "context_search: context-svc does not answer: no peer is connected. Try again in a few "
        "seconds; if it stays so, forge_status tells what is wrong.");
    assert_string_equal(json_at(runner->json.data, "error.service"), "\"context-svc\"");
    assert_null(json_at(runner->json.data, "outcome"));
}

static void
a_write_that_certainly_failed_says_so(void **state)
{
    struct tool_runner *runner = *state;
    fake_backends_fail(
        &runner->fake, "Save", STATUS_UNAVAILABLE, OUTCOME_NOT_COMMITTED, "disk is full");

    tool_runner_start(runner, "context_save", "{\"content\":\"x\"}");

    assert_non_null(strstr(runner->words, "Nothing was written."));
    assert_string_equal(json_at(runner->json.data, "outcome"), "\"not_committed\"");
}

static void
a_write_of_unknown_outcome_gives_the_key_to_repeat_it(void **state)
{
    struct tool_runner *runner = *state;
    static const enum status statuses[] = {STATUS_UNAVAILABLE, STATUS_DEADLINE_EXCEEDED};
    for (size_t i = 0; i < 2; i++) {
        fake_backends_fail(&runner->fake, "Save", statuses[i], i ? OUTCOME_NONE : OUTCOME_UNKNOWN,
            "connection broke");

        tool_runner_start(runner, "context_save", "{\"content\":\"x\"}");

        assert_true(runner->failed);
        assert_string_equal(json_at(runner->json.data, "outcome"), "\"unknown\"");
        char key[128];
        snprintf(key, sizeof key, "%s", json_at(runner->json.data, "idempotency_key"));
        assert_int_equal(strlen(key), 34);
        assert_non_null(strstr(runner->words, key));
        /* The repetition under that key is the same write to the service. */
        struct fake_call first = runner->fake.calls[runner->fake.call_count - 1];
        char arguments[256];
        snprintf(arguments, sizeof arguments, "{\"content\":\"x\",\"idempotency_key\":%s}", key);
        tool_runner_start(runner, "context_save", arguments);
        assert_memory_equal(
            fake_backends_last(&runner->fake, "Save")->key, first.key, RPC_KEY_SIZE);
    }
}

static void
keys_are_apart_by_principal_tenant_and_place_and_fresh_without_one(void **state)
{
    struct tool_runner *runner = *state;
    static const char arguments[] = "{\"content\":\"x\"}";
    uint8_t keys[6][RPC_KEY_SIZE];
    for (int i = 0; i < 6; i++) {
        runner->header_key = i < 4 ? TEXT("abc") : TEXT("");
        runner->principal.name = i == 1 ? TEXT("kim") : TEXT("sam");
        runner->principal.tenant = i == 2 ? TEXT("other") : TEXT("default");
        runner->batch_place = i == 3 ? 2 : 0;
        tool_runner_start(runner, "context_save", arguments);
        memcpy(keys[i], fake_backends_last(&runner->fake, "Save")->key, RPC_KEY_SIZE);
    }
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(keys[i], keys[j], RPC_KEY_SIZE);
}

static void
header_and_argument_name_the_same_key_or_are_refused(void **state)
{
    struct tool_runner *runner = *state;
    runner->header_key = TEXT("abc");
    tool_runner_start(runner, "context_save", "{\"content\":\"x\",\"idempotency_key\":\"abc\"}");
    assert_int_equal(runner->fake.call_count, 1);

    const char *refusal = tool_runner_refusal(
        runner, "context_save", "{\"content\":\"x\",\"idempotency_key\":\"abd\"}");

    assert_non_null(strstr(refusal, "differ"));
}

static void
content_of_the_largest_size_is_taken_and_one_byte_more_refused(void **state)
{
    struct tool_runner *runner = *state;
    Forge__SaveReply reply = FORGE__SAVE_REPLY__INIT;
    fake_backends_answer(&runner->fake, "Save", &reply.base);
    CLEANUP(buffer_release) struct buffer arguments = {0};
    buffer_add_text(&arguments, TEXT("{\"content\":\""));
    memset(buffer_reserve(&arguments, LIMIT_CONTENT_BYTES), 'a', LIMIT_CONTENT_BYTES);
    arguments.length += LIMIT_CONTENT_BYTES;
    buffer_add_text(&arguments, TEXT("\"}"));
    tool_runner_result(runner, "context_save", buffer_string(&arguments));

    arguments.length -= 2;
    buffer_add_text(&arguments, TEXT("a\"}"));
    const char *refusal = tool_runner_refusal(runner, "context_save", buffer_string(&arguments));

    assert_non_null(strstr(refusal, "too long: 262145 bytes; at most 262144"));
}

/* Replies of many entries with large heads and contents. */
static void
run_large(struct tool_runner *runner, unsigned max_tokens)
{
    enum { MANY = 8 };
    static char title[512];
    static char content[8192];
    memset(title, '"', sizeof title);
    memset(content, '\n', sizeof content);
    uint8_t ids[MANY][UUID_SIZE] = {{0}};
    Forge__Entry made[MANY];
    Forge__Entry *entries[MANY];
    Forge__Hit hit_rows[MANY];
    Forge__Hit *hits[MANY];
    for (size_t i = 0; i < MANY; i++) {
        ids[i][0] = (uint8_t)(i + 1);
        made[i] = (Forge__Entry)FORGE__ENTRY__INIT;
        made[i].id = (ProtobufCBinaryData){UUID_SIZE, ids[i]};
        made[i].title = (ProtobufCBinaryData){sizeof title, (uint8_t *)title};
        made[i].content = (ProtobufCBinaryData){sizeof content, (uint8_t *)content};
        entries[i] = &made[i];
        hit_rows[i] = (Forge__Hit)FORGE__HIT__INIT;
        hit_rows[i].entry = &made[i];
        hits[i] = &hit_rows[i];
    }
    Forge__GetReply get = FORGE__GET_REPLY__INIT;
    get.entries = entries;
    get.n_entries = MANY;
    Forge__ListReply list = FORGE__LIST_REPLY__INIT;
    list.entries = entries;
    list.n_entries = MANY;
    list.cursor = made[0].id;
    Forge__SearchReply search = FORGE__SEARCH_REPLY__INIT;
    search.hits = hits;
    search.n_hits = MANY;
    runner->fake.answer_count = 0;
    fake_backends_answer(&runner->fake, "Get", &get.base);
    fake_backends_answer(&runner->fake, "List", &list.base);
    fake_backends_answer(&runner->fake, "Search", &search.base);
    static const char *const names[] = {"context_get", "context_list", "context_search"};
    static const char *const others[] = {
        "\"ids\":[\"0199e3a1-8f3c-7abc-8def-0123456789ab\"],", "", "\"query\":\"x\","};
    for (size_t i = 0; i < 3; i++) {
        char arguments[128];
        snprintf(arguments, sizeof arguments, "{%s\"max_tokens\":%u}", others[i], max_tokens);
        const char *json = tool_runner_result(runner, names[i], arguments);
        size_t tokens = (strlen(json) + 3) / 4;
        if (tokens > max_tokens)
            fail_msg("%s took %zu of %u tokens: %s", names[i], tokens, max_tokens, json);
        assert_string_equal(json_at(json, "truncated"), "true");
        assert_true(json_at(json, i == 0   ? "entries.0.id"
                                  : i == 1 ? "entries.0.id"
                                           : "hits.0.id") != NULL);
        assert_non_null(json_at(json, i == 0 ? "next" : "cursor"));
    }
}

static void
max_tokens_holds_whatever_the_services_give(void **state)
{
    struct tool_runner *runner = *state;
    for (unsigned max_tokens = LIMIT_MIN_TOKENS; max_tokens < 1200; max_tokens += 37) {
        run_large(runner, max_tokens);
        fake_backends_release_all(&runner->fake);
    }
}

static void
a_cut_page_goes_on_where_it_ended(void **state)
{
    struct tool_runner *runner = *state;
    enum { ENTRIES = 5 };
    uint8_t ids[ENTRIES][UUID_SIZE] = {{0}};
    Forge__Entry made[ENTRIES];
    Forge__Entry *entries[ENTRIES];
    for (size_t i = 0; i < ENTRIES; i++) {
        ids[i][UUID_SIZE - 1] = (uint8_t)i;
        made[i] = (Forge__Entry)FORGE__ENTRY__INIT;
        made[i].id = (ProtobufCBinaryData){UUID_SIZE, ids[i]};
        entries[i] = &made[i];
    }
    Forge__ListReply list = FORGE__LIST_REPLY__INIT;
    list.entries = entries;
    list.n_entries = ENTRIES;
    fake_backends_answer(&runner->fake, "List", &list.base);
    char arguments[256] = "{\"max_tokens\":50}";
    char seen[64] = "";
    int pages = 0;
    for (bool more = true; more; pages++) {
        const char *json = tool_runner_result(runner, "context_list", arguments);
        for (int i = 0; i < ENTRIES; i++) {
            char path[32];
            snprintf(path, sizeof path, "entries.%d.id", i);
            const char *id = json_at(json, path);
            if (id)
                strncat(seen, id + 36, 1);
        }
        const char *cursor = json_at(json, "cursor");
        more = cursor != NULL;
        assert_string_equal(json_at(json, "truncated"), more ? "true" : "false");
        cursor = json_at(json, "cursor");
        snprintf(arguments, sizeof arguments, "{\"max_tokens\":50,\"cursor\":%s}",
            cursor ? cursor : "null");
    }

    assert_string_equal(seen, "01234");
    assert_true(pages > 1);
}

static void
every_reading_tool_takes_max_tokens_and_no_other_does_without(void **state)
{
    (void)state;
    for (size_t i = 0; i < tool_count; i++) {
        bool takes = false;
        for (size_t j = 0; j < tools[i]->arguments.count; j++)
            takes = takes || (strcmp(tools[i]->arguments.items[j].name, "max_tokens") == 0 &&
                                 !(tools[i]->arguments.items[j].flags & ARGUMENT_HIDDEN));
        assert_int_equal(takes, (tools[i]->flags & TOOL_READS) != 0);
    }
}

static void
a_cancelled_call_ends_once(void **state)
{
    struct tool_runner *runner = *state;
    runner->fake.hold = true;
    tool_runner_start(runner, "context_search", "{\"query\":\"x\"}");

    tool_call_cancel(&runner->call);
    fake_backends_release(&runner->fake);

    assert_int_equal(runner->done, 1);
    assert_int_equal(runner->status, STATUS_CANCELLED);
}

int
main(void)
{
#define RUNS(test) cmocka_unit_test_setup_teardown(test, tool_runner_setup, tool_runner_teardown)
    const struct CMUnitTest tests[] = {
        RUNS(a_missing_role_is_named),
        RUNS(every_tool_refuses_wrong_input_with_an_example),
        RUNS(every_example_is_taken),
        RUNS(a_dead_service_is_named_with_what_to_do),
        RUNS(a_write_that_certainly_failed_says_so),
        RUNS(a_write_of_unknown_outcome_gives_the_key_to_repeat_it),
        RUNS(keys_are_apart_by_principal_tenant_and_place_and_fresh_without_one),
        RUNS(header_and_argument_name_the_same_key_or_are_refused),
        RUNS(content_of_the_largest_size_is_taken_and_one_byte_more_refused),
        RUNS(max_tokens_holds_whatever_the_services_give),
        RUNS(a_cut_page_goes_on_where_it_ended),
        RUNS(every_reading_tool_takes_max_tokens_and_no_other_does_without),
        RUNS(a_cancelled_call_ends_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
