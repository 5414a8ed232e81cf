#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/forgectl/answerer.h"
#include "tests/forgectl/cli_run.h"

/* What the answerer does with the saves, by their number. */
struct service {
    size_t count;
    size_t hold_until;  /* answers wait until so many requests are here */
    size_t fail_first;  /* so many are refused as unavailable */
    const char *refuse; /* a body that holds this is refused for good */
    const char *outcome;
};

static struct service service;
static struct answerer *server;

static enum answerer_way
on_request(void *argument, const struct answerer_request *request, struct buffer *answer)
{
    struct service *self = argument;
    self->count++;
    char body[96];
    (void)snprintf(body, sizeof(body), "{\"id\":\"x\",\"outcome\":\"%s\"}", self->outcome);
    if (self->count <= self->fail_first) {
        answerer_write(answer, "503 Service Unavailable", "application/json", "",
            TEXT("{\"error\":{\"code\":\"unavailable\",\"message\":\"context-svc is away\"}}"));
        return ANSWER_NOW;
    }
    if (self->refuse != NULL && memmem(request->body.data, request->body.length, self->refuse,
                                    strlen(self->refuse)) != NULL) {
        answerer_write(answer, "400 Bad Request", "application/json", "",
            TEXT("{\"error\":{\"code\":\"invalid-argument\",\"message\":\"kind is wrong\"}}"));
        return ANSWER_NOW;
    }
    answerer_write(answer, "200 OK", "application/json", "", text_of(body));
    return self->count < self->hold_until ? ANSWER_HOLD : ANSWER_NOW;
}

static int
set_up(void **state)
{
    (void)state;
    service = (struct service){.outcome = "created"};
    server = answerer_start(on_request, &service);
    return setenv("FORGE_URL", answerer_url(server), 1);
}

static int
tear_down(void **state)
{
    (void)state;
    answerer_destroy(&server);
    return 0;
}

static struct cli_result
import_lines(size_t count, const char *parallel)
{
    CLEANUP(buffer_release) struct buffer input = {0};
    for (size_t i = 0; i < count; i++)
        buffer_format(&input, "{\"_id\":\"%zu\",\"text\":\"text of %zu.\"}\n", i, i);
    const char *const words[] = {
        "context", "import", "-", "--parallel", parallel, "-o", "json", NULL};
    return cli_run(words, buffer_string(&input));
}

static void
expect_counts(const struct cli_result *result, const char *counts)
{
    if (strncmp(result->out, counts, strlen(counts)) != 0)
        assert_string_equal(result->out, counts);
}

static void
many_saves_are_on_their_way_at_once(void **state)
{
    (void)state;
    service.hold_until = 16; /* answers nothing before sixteen have come */

    struct cli_result result = import_lines(40, "16");

    assert_int_equal(result.code, 0);
    expect_counts(
        &result, "{\"created\":40,\"merged\":0,\"unchanged\":0,\"skipped\":0,\"failed\":0,");
    cli_result_release(&result);
}

static void
a_repeated_save_keeps_its_key_and_another_run_has_others(void **state)
{
    (void)state;
    struct cli_result first = import_lines(1, "1");
    service.fail_first = service.count + 1;
    struct cli_result second = import_lines(1, "1");
    answerer_stop(server);

    assert_int_equal(answerer_count(server), 3);
    struct text keys[3];
    for (size_t i = 0; i < 3; i++)
        keys[i] = answerer_header(answerer_get(server, i), "idempotency-key");
    assert_int_equal(keys[0].length, 64);
    assert_true(text_equals(keys[1], keys[2]));
    assert_false(text_equals(keys[0], keys[1]));
    cli_result_release(&first);
    cli_result_release(&second);
}

static void
unchanged_is_counted_as_such(void **state)
{
    (void)state;
    service.outcome = "unchanged";
    struct cli_result result = import_lines(3, "2");
    expect_counts(
        &result, "{\"created\":0,\"merged\":0,\"unchanged\":3,\"skipped\":0,\"failed\":0,");
    assert_int_equal(result.code, 0);
    cli_result_release(&result);
}

static void
a_service_in_restart_is_waited_for(void **state)
{
    (void)state;
    service.fail_first = 3;
    struct cli_result result = import_lines(5, "2");
    expect_counts(
        &result, "{\"created\":5,\"merged\":0,\"unchanged\":0,\"skipped\":0,\"failed\":0,");
    assert_int_equal(result.code, 0);
    cli_result_release(&result);
    answerer_stop(server);
    assert_int_equal(answerer_count(server), 8);
}

static void
a_refused_entry_is_told_and_the_rest_goes_on(void **state)
{
    (void)state;
    service.refuse = "text of 1.";
    struct cli_result result = import_lines(3, "1");
    expect_counts(
        &result, "{\"created\":2,\"merged\":0,\"unchanged\":0,\"skipped\":0,\"failed\":1,");
    assert_int_equal(result.code, 3);
    assert_string_equal(result.err, "{\"error\":{\"code\":\"not-imported\","
                                    "\"message\":\"standard input:2: kind is wrong\"}}\n");
    cli_result_release(&result);
}

static void
ten_failures_are_named_and_all_are_counted(void **state)
{
    (void)state;
    CLEANUP(buffer_release) struct buffer input = {0};
    for (int i = 0; i < 14; i++)
        buffer_format(&input, "{\"text\":%d}\n", i);
    const char *const words[] = {"context", "import", "-", "--dry-run", NULL};
    struct cli_result result = cli_run(words, buffer_string(&input));
    assert_int_equal(result.code, 3);
    assert_non_null(strstr(result.err, "standard input:10: text"));
    assert_null(strstr(result.err, "standard input:11: text"));
    assert_non_null(strstr(result.out, "failed 14"));
    cli_result_release(&result);
}

static void
without_a_gateway_it_stops_at_once(void **state)
{
    (void)state;
    answerer_stop(server);
    struct cli_result result = import_lines(100, "4");
    assert_int_equal(result.code, 69);
    assert_non_null(strstr(result.err, "the import stopped: no answer from"));
    cli_result_release(&result);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(many_saves_are_on_their_way_at_once),
        TEST(a_repeated_save_keeps_its_key_and_another_run_has_others),
        TEST(unchanged_is_counted_as_such),
        TEST(a_service_in_restart_is_waited_for),
        TEST(a_refused_entry_is_told_and_the_rest_goes_on),
        TEST(ten_failures_are_named_and_all_are_counted),
        TEST(without_a_gateway_it_stops_at_once),
    };
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    int failures = cmocka_run_group_tests_name("import run", tests, NULL, NULL);
    curl_global_cleanup();
    return failures;
}
