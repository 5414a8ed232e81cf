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

#include "tests/forgectl/answerer.h"
#include "tests/forgectl/cli_run.h"

struct answer {
    const char *status_line;
    const char *body;
    enum answerer_way way;
};

static struct answer current;

static void
answer_with(const char *status_line, const char *body)
{
    current = (struct answer){status_line, body, ANSWER_NOW};
}

static enum answerer_way
on_request(void *argument, const struct answerer_request *request, struct buffer *answer)
{
    (void)argument;
    (void)request;
    answerer_write(answer, current.status_line, "application/json", "", text_of(current.body));
    return current.way;
}

static struct answerer *server;

static int
set_up(void **state)
{
    (void)state;
    server = answerer_start(on_request, NULL);
    assert_int_equal(setenv("FORGE_URL", answerer_url(server), 1), 0);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    answerer_destroy(&server);
    return 0;
}

#define RUN(...) cli_run((const char *const[]){__VA_ARGS__, NULL}, NULL)

static void
expect(struct cli_result result, int code, const char *out, const char *err)
{
    assert_string_equal(result.out, out);
    assert_string_equal(result.err, err);
    assert_int_equal(result.code, code);
    cli_result_release(&result);
}

static const struct answerer_request *
only_request(void)
{
    answerer_stop(server);
    assert_int_equal(answerer_count(server), 1);
    return answerer_get(server, 0);
}

static void
expect_body(const char *path, const char *body)
{
    const struct answerer_request *request = only_request();
    assert_true(text_is(request->path, path));
    assert_true(text_is(request->method, "POST"));
    assert_true(text_is(answerer_header(request, "content-type"), "application/json"));
    char *copy = text_copy(request->body);
    assert_string_equal(copy, body);
    free(copy);
}

static void
a_save_sends_its_options_and_prints_id_and_outcome(void **state)
{
    (void)state;
    answer_with("200 OK", "{\"id\":\"0199\",\"outcome\":\"created\"}");

    expect(RUN("context", "save", "use WAL", "--kind", "decision", "--title=T", "--tag=a",
               "--tag=b", "--project", "p", "--scope", "team", "--pin"),
        0, "0199\tcreated\n", "");

    expect_body("/api/v1/tools/context_save",
        "{\"content\":\"use WAL\",\"kind\":\"decision\",\"title\":\"T\",\"tags\":[\"a\",\"b\"],"
        "\"project\":\"p\",\"scope\":\"team\",\"pinned\":true}");
}

static void
a_save_reads_standard_input(void **state)
{
    (void)state;
    answer_with("200 OK", "{\"id\":\"0199\",\"outcome\":\"created\"}");
    const char *const words[] = {"context", "save", "-o", "value", NULL};

    expect(cli_run(words, "from a pipe\n"), 0, "0199\n", "");

    expect_body("/api/v1/tools/context_save", "{\"content\":\"from a pipe\\n\"}");
}

static void
a_save_without_text_is_refused_before_it_is_sent(void **state)
{
    (void)state;
    expect(RUN("context", "save", " "), 2, "",
        "forgectl: there is no text to save: forgectl context save TEXT\n");
    expect(RUN("context", "save", "\xff"), 2, "",
        "forgectl: the text must be UTF-8 without NUL bytes\n");
    answerer_stop(server);
    assert_int_equal(answerer_count(server), 0);
}

static void
a_search_prints_score_id_kind_title_snippet(void **state)
{
    (void)state;
    answer_with("200 OK",
        "{\"results\":[{\"id\":\"0199\",\"score\":0.91,\"kind\":\"note\",\"title\":\"T\","
        "\"snippet\":\"a\\nb\"}],\"total\":1}");

    expect(RUN("context", "search", "how", "long", "--limit", "3", "--min-score", "0.5"), 0,
        "0.91\t0199\tnote\tT\ta b\n", "");

    expect_body(
        "/api/v1/tools/context_search", "{\"query\":\"how long\",\"limit\":3,\"min_score\":0.5}");
}

static void
a_get_prints_the_text_and_names_what_is_missing(void **state)
{
    (void)state;
    answer_with("200 OK", "{\"entries\":[{\"id\":\"a\",\"title\":\"T\",\"content\":"
                          "\"line\\n\"}],\"missing\":[\"b\"]}");

    expect(RUN("context", "get", "a", "b"), 5, "== a T\nline\n",
        "forgectl: no entry b\n  'forgectl context search' finds ids\n");

    expect_body("/api/v1/tools/context_get", "{\"ids\":[\"a\",\"b\"]}");
}

static void
health_is_its_exit_code(void **state)
{
    (void)state;
    answer_with("200 OK", "{\"status\":\"healthy\"}");
    expect(RUN("health", "-o", "value"), 0, "healthy\n", "");
    answer_with("503 Service Unavailable", "{\"status\":\"unhealthy\"}");
    expect(RUN("health", "-q"), 1, "", "");
    answer_with("404 Not Found", "<html>");
    struct cli_result result = RUN("health");
    assert_int_equal(result.code, 69);
    cli_result_release(&result);
}

static void
no_answer_says_what_to_do(void **state)
{
    (void)state;
    answerer_stop(server);
    char words[256];
    (void)snprintf(words, sizeof(words),
        "forgectl: no answer from %s: nothing accepts connections there\n"
        "  is it running? './dev up' starts it; another address: --url or FORGE_URL\n",
        answerer_url(server));
    expect(RUN("status"), 69, "", words);
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
        {"400 Bad Request", "invalid_argument", 2},
        {"401 Unauthorized", "unauthenticated", 77},
        {"403 Forbidden", "permission_denied", 77},
        {"404 Not Found", "not_found", 5},
        {"409 Conflict", "aborted", 6},
        {"429 Too Many Requests", "resource_exhausted", 75},
        {"500 Internal Server Error", "internal", 70},
        {"500 Internal Server Error", "data_loss", 8},
        {"503 Service Unavailable", "unavailable", 69},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char body[128];
        (void)snprintf(body, sizeof(body), "{\"error\":{\"code\":\"%s\",\"message\":\"words\"}}",
            rows[i].code);
        answer_with(rows[i].status_line, body);
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
    answer_with("200 OK", "{}");
    current.way = ANSWER_HOLD;

    struct cli_result result = RUN("status", "--timeout", "50ms");

    assert_int_equal(result.code, 69);
    assert_non_null(strstr(result.err, "did not answer in time"));
    cli_result_release(&result);
}

static void
a_restore_needs_a_yes(void **state)
{
    (void)state;
    answer_with("200 OK", "{\"records\":12}");
    expect(RUN("backup", "restore", "b-1"), 2, "",
        "forgectl: a restore must be confirmed: add --yes to restore b-1\n");
    expect(RUN("backup", "restore", "b-1", "--yes", "-o", "value"), 0, "12\n", "");
    expect_body("/api/v1/tools/backup_restore", "{\"id\":\"b-1\",\"confirm\":\"b-1\"}");
}

static void
a_damaged_backup_is_exit_code_8(void **state)
{
    (void)state;
    answer_with("200 OK", "{\"good\":false,\"problems\":[\"x\"]}");
    struct cli_result result = RUN("backup", "verify");
    assert_int_equal(result.code, 8);
    assert_string_equal(result.out, "good\tfalse\nproblems\tx\n");
    cli_result_release(&result);
    expect_body("/api/v1/tools/backup_verify", "{}");
}

static void
the_token_file_is_sent_as_bearer(void **state)
{
    (void)state;
    char path[] = "/tmp/forgectl-token-XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "s3cret\n", 7), 7);
    (void)close(fd);
    answer_with("200 OK", "{\"status\":\"healthy\"}");

    expect(RUN("status", "--token-file", path, "-o", "json"), 0, "{\"status\":\"healthy\"}\n", "");
    assert_int_equal(chmod(path, 0644), 0);
    struct cli_result open = RUN("status", "--token-file", path);
    assert_non_null(strstr(open.err, "others can read the token file"));
    cli_result_release(&open);
    (void)unlink(path);
    struct cli_result gone = RUN("status", "--token-file", path);
    assert_int_equal(gone.code, 78);
    cli_result_release(&gone);

    answerer_stop(server);
    assert_true(
        text_is(answerer_header(answerer_get(server, 0), "authorization"), "Bearer s3cret"));
}

static void
a_wrong_line_says_what_is_right(void **state)
{
    (void)state;
    expect(RUN("stats"), 2, "", "forgectl: unknown verb 'stats': did you mean 'status'?\n");
    expect(RUN("context", "get"), 2, "",
        "forgectl: something is missing: forgectl context get ID...\n");
    expect(RUN("--url", "here", "status"), 2, "",
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
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_save_sends_its_options_and_prints_id_and_outcome),
        TEST(a_save_reads_standard_input),
        TEST(a_save_without_text_is_refused_before_it_is_sent),
        TEST(a_search_prints_score_id_kind_title_snippet),
        TEST(a_get_prints_the_text_and_names_what_is_missing),
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
