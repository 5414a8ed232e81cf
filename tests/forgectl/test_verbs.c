#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/forgectl/verb_fixture.h"

static void
health_is_its_exit_code(void **state)
{
    (void)state;
    verb_answer("200 OK", "{\"status\":\"healthy\"}");
    verb_expect(RUN("health", "-o", "value"), 0, "healthy\n", "");
    verb_answer("503 Service Unavailable", "{\"status\":\"unhealthy\"}");
    verb_expect(RUN("health", "-q"), 1, "", "");
    verb_answer("404 Not Found", "<html>");
    struct cli_result result = RUN("health");
    assert_int_equal(result.code, 69);
    cli_result_release(&result);
}

static void
no_answer_says_what_to_do(void **state)
{
    (void)state;
    verb_stop();
    char words[256];
    (void)snprintf(words, sizeof(words),
        "forgectl: no answer from %s: nothing accepts connections there\n"
        "  is it running? './dev up' starts it; another address: --url or FORGE_URL\n",
        verb_url());
    verb_expect(RUN("status"), 69, "", words);
    struct cli_result result = RUN("status", "-o", "json");
    assert_non_null(strstr(result.err, "{\"error\":{\"code\":\"unreachable\",\"message\":\"no"));
    cli_result_release(&result);
}

static void
a_refusal_becomes_its_exit_code(void **state)
{
    (void)state;
    static const struct {
        const char *status_line;
        const char *code;
        int expected;
    } rows[] = {
        {"400 Bad Request", "invalid-argument", 2},
        {"401 Unauthorized", "unauthenticated", 77},
        {"403 Forbidden", "permission-denied", 77},
        {"404 Not Found", "not-found", 5},
        {"409 Conflict", "aborted", 6},
        {"429 Too Many Requests", "resource-exhausted", 75},
        {"500 Internal Server Error", "internal", 70},
        {"500 Internal Server Error", "data-loss", 8},
        {"503 Service Unavailable", "unavailable", 69},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char body[128];
        (void)snprintf(body, sizeof(body), "{\"error\":{\"code\":\"%s\",\"message\":\"words\"}}",
            rows[i].code);
        verb_answer(rows[i].status_line, body);
        struct cli_result result = RUN("context", "list");
        assert_int_equal(result.code, rows[i].expected);
        assert_string_equal(result.out, "");
        assert_true(strncmp(result.err, "forgectl: words\n", 16) == 0);
        cli_result_release(&result);
    }
}

static void
a_late_answer_is_unreachable(void **state)
{
    (void)state;

    verb_hold();

    struct cli_result result = RUN("status", "--timeout", "50ms");

    assert_int_equal(result.code, 69);
    assert_non_null(strstr(result.err, "did not answer in time"));
    cli_result_release(&result);
}

static void
a_restore_needs_a_yes(void **state)
{
    (void)state;
    verb_answer("200 OK", "{\"records\":12}");
    verb_expect(RUN("backup", "restore", "b-1"), 2, "",
        "forgectl: a restore must be confirmed: add --yes to restore b-1\n");
    verb_expect(RUN("backup", "restore", "b-1", "--yes", "-o", "value"), 0, "12\n", "");
    verb_expect_body("/api/v1/tools/backup_restore", "{\"id\":\"b-1\",\"confirm\":\"b-1\"}");
}

static void
a_damaged_backup_is_exit_code_8(void **state)
{
    (void)state;
    verb_answer("200 OK", "{\"good\":false,\"problems\":[\"x\"]}");
    struct cli_result result = RUN("backup", "verify");
    assert_int_equal(result.code, 8);
    assert_string_equal(result.out, "good\tfalse\nproblems\tx\n");
    cli_result_release(&result);
    verb_expect_body("/api/v1/tools/backup_verify", "{}");
}

static void
the_token_file_is_sent_as_bearer(void **state)
{
    (void)state;
    char path[] = "/tmp/forgectl-token-XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "s3cret\n", 7), 7);
    (void)close(fd);
    verb_answer("200 OK", "{\"status\":\"healthy\"}");

    verb_expect(
        RUN("status", "--token-file", path, "-o", "json"), 0, "{\"status\":\"healthy\"}\n", "");
    assert_int_equal(chmod(path, 0644), 0);
    struct cli_result open = RUN("status", "--token-file", path);
    assert_non_null(strstr(open.err, "others can read the token file"));
    cli_result_release(&open);
    (void)unlink(path);
    struct cli_result gone = RUN("status", "--token-file", path);
    assert_int_equal(gone.code, 78);
    cli_result_release(&gone);

    verb_stop();
    assert_true(text_is(answerer_header(verb_request(0), "authorization"), "Bearer s3cret"));
}

static void
a_wrong_line_says_what_is_right(void **state)
{
    (void)state;
    verb_expect(RUN("stats"), 2, "", "forgectl: unknown verb 'stats': did you mean 'status'?\n");
    verb_expect(RUN("context", "get"), 2, "",
        "forgectl: something is missing: forgectl context get ID...\n");
    verb_expect(RUN("--url", "here", "status"), 2, "",
        "forgectl: 'here' is no http or https URL\n  for example http://127.0.0.1:8181\n");
    struct cli_result group = RUN("backup");
    assert_int_equal(group.code, 2);
    assert_non_null(strstr(group.err, "backup verify [ID]"));
    cli_result_release(&group);
}

static void
help_comes_from_the_tables(void **state)
{
    (void)state;
    struct cli_result all = RUN("help");
    assert_int_equal(all.code, 0);
    assert_non_null(strstr(all.out, "context search QUERY..."));
    assert_non_null(strstr(all.out, "[$FORGE_TOKEN_FILE]"));
    cli_result_release(&all);
    struct cli_result one = RUN("context", "save", "--help");
    struct cli_result same = RUN("help", "context", "save");
    assert_string_equal(one.out, same.out);
    assert_non_null(strstr(one.out, "--idempotency-key KEY"));
    cli_result_release(&one);
    cli_result_release(&same);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, verb_set_up, verb_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(health_is_its_exit_code),
        TEST(no_answer_says_what_to_do),
        TEST(a_refusal_becomes_its_exit_code),
        TEST(a_late_answer_is_unreachable),
        TEST(a_restore_needs_a_yes),
        TEST(a_damaged_backup_is_exit_code_8),
        TEST(the_token_file_is_sent_as_bearer),
        TEST(a_wrong_line_says_what_is_right),
        TEST(help_comes_from_the_tables),
    };
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    int failures = cmocka_run_group_tests_name("verbs", tests, NULL, NULL);
    curl_global_cleanup();
    return failures;
}
