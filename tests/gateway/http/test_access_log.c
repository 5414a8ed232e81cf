#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "gateway/http/access_log.h"

struct fixture {
    char folder[32];
    char path[64];
    struct buffer content;
};

static struct fixture fixture;

static int
setup(void **state)
{
    snprintf(fixture.folder, sizeof fixture.folder, "/tmp/access.XXXXXX");
    if (!mkdtemp(fixture.folder))
        return -1;
    snprintf(fixture.path, sizeof fixture.path, "%s/access.log", fixture.folder);
    *state = &fixture;
    return 0;
}

static int
teardown(void **state)
{
    char moved[80];
    (void)state;
    snprintf(moved, sizeof moved, "%s.1", fixture.path);
    unlink(fixture.path);
    unlink(moved);
    buffer_release(&fixture.content);
    return rmdir(fixture.folder);
}

static const char *
content_of(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    buffer_clear(&fixture.content);
    char *to = buffer_reserve(&fixture.content, 1 << 20);
    fixture.content.length = fread(to, 1, 1 << 20, file);
    fclose(file);
    return buffer_string(&fixture.content);
}

static unsigned
lines_of(const char *path)
{
    unsigned lines = 0;
    for (const char *at = content_of(path); *at; at++)
        lines += *at == '\n';
    return lines;
}

static struct access_log *
open_log(unsigned per_second)
{
    struct access_log *log = NULL;
    struct problem problem;
    assert_int_equal(access_log_create(fixture.path, per_second, &log, &problem), STATUS_OK);
    return log;
}

static struct access_log_line
make_line(int http_status)
{
    return (struct access_log_line){.address = TEXT("127.0.0.1"),
        .principal = TEXT("local"),
        .method = TEXT("POST"),
        .path = TEXT("/mcp"),
        .user_agent = TEXT("curl/7.88 (x)"),
        .request_id = TEXT("7f3a000000000001"),
        .version_minor = 1,
        .http_status = http_status,
        .bytes = 612,
        .took_us = 4151,
        .auth = "OK"};
}

static void
a_line_follows_the_grammar(void **state)
{
    (void)state;
    struct access_log *log = open_log(0);
    struct access_log_line line = make_line(200);
    char stamp[CLOCK_TEXT_SIZE], rest[256];

    access_log_add(log, &line);
    access_log_destroy(&log);

    assert_int_equal(sscanf(content_of(fixture.path), "127.0.0.1 - local [%24[0-9TZ:.-]] %255[^\n]",
                         stamp, rest),
        2);
    assert_int_equal(strlen(stamp), 24);
    assert_string_equal(rest, "\"POST /mcp HTTP/1.1\" 200 612 \"curl/7.88 (x)\" rt=0.0042 auth=OK "
                              "sess=- req=7f3a000000000001 trace=-");
}

static void
nothing_from_outside_breaks_a_line(void **state)
{
    (void)state;
    struct access_log *log = open_log(0);
    struct access_log_line line = make_line(404);
    char long_agent[1000];
    memset(long_agent, '\n', sizeof long_agent);
    line.path = TEXT("/a\"\\\r\n%n\x1b[0m");
    line.user_agent = text_from(long_agent, sizeof long_agent);
    line.principal = TEXT("a b");
    line.method = (struct text){0};
    line.auth = NULL;
    line.version_minor = 0;
    line.took_us = 12345678;

    access_log_add(log, &line);
    access_log_destroy(&log);

    assert_int_equal(lines_of(fixture.path), 1);
    const char *content = content_of(fixture.path);
    assert_non_null(strstr(content, " - a\\x20b ["));
    assert_non_null(
        strstr(content, "\"- /a\\x22\\x5c\\x0d\\x0a%n\\x1b[0m HTTP/1.0\" 404 612 \"\\x0a"));
    assert_non_null(strstr(content, "\\x0a\" rt=12.3457 auth=- sess=-"));
    assert_true(strlen(content) < 256 * 4 + 300);
}

static void
successful_requests_are_thinned_out_and_others_are_not(void **state)
{
    (void)state;
    struct access_log *log = open_log(5);
    struct access_log_line good = make_line(200);
    struct access_log_line bad = make_line(503);

    for (int i = 0; i < 100; i++) {
        access_log_add(log, &good);
        access_log_add(log, &bad);
    }
    access_log_destroy(&log);

    /* The hundred may have met the turn of a second, or two. */
    unsigned lines = lines_of(fixture.path);
    assert_true(lines == 105 || lines == 110 || lines == 115);
}

static void
lines_wait_until_they_are_flushed_or_many(void **state)
{
    (void)state;
    struct access_log *log = open_log(0);
    struct access_log_line line = make_line(200);

    access_log_add(log, &line);
    assert_int_equal(lines_of(fixture.path), 0);
    access_log_flush(log);
    assert_int_equal(lines_of(fixture.path), 1);
    for (int i = 0; i < 1000; i++)
        access_log_add(log, &line);
    assert_true(lines_of(fixture.path) > 100);
    access_log_destroy(&log);
    assert_int_equal(lines_of(fixture.path), 1001);
}

static void
a_moved_file_is_left_when_the_log_is_reopened(void **state)
{
    (void)state;
    struct access_log *log = open_log(0);
    struct access_log_line line = make_line(200);
    char moved[80];
    snprintf(moved, sizeof moved, "%s.1", fixture.path);

    access_log_add(log, &line);
    rename(fixture.path, moved);
    access_log_reopen(log);
    access_log_add(log, &line);
    access_log_add(log, &line);
    access_log_destroy(&log);

    assert_int_equal(lines_of(moved), 1);
    assert_int_equal(lines_of(fixture.path), 2);
}

static void
without_a_path_nothing_is_written(void **state)
{
    (void)state;
    struct access_log *log = NULL;
    struct access_log_line line = make_line(200);

    assert_int_equal(access_log_create(NULL, 0, &log, NULL), STATUS_OK);
    access_log_add(log, &line);
    access_log_flush(log);
    access_log_reopen(log);
    access_log_destroy(&log);

    assert_int_not_equal(access(fixture.path, F_OK), 0);
}

static void
a_file_that_cannot_be_opened_is_an_error_with_words(void **state)
{
    (void)state;
    struct access_log *log = NULL;
    struct problem problem;

    assert_int_equal(
        access_log_create("/nowhere/access.log", 0, &log, &problem), STATUS_UNAVAILABLE);
    assert_null(log);
    assert_non_null(strstr(problem.text, "/nowhere/access.log"));
}

int
main(void)
{
#define LOG_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        LOG_TEST(a_line_follows_the_grammar),
        LOG_TEST(nothing_from_outside_breaks_a_line),
        LOG_TEST(successful_requests_are_thinned_out_and_others_are_not),
        LOG_TEST(lines_wait_until_they_are_flushed_or_many),
        LOG_TEST(a_moved_file_is_left_when_the_log_is_reopened),
        LOG_TEST(without_a_path_nothing_is_written),
        LOG_TEST(a_file_that_cannot_be_opened_is_an_error_with_words),
    };
    return cmocka_run_group_tests_name("access log", tests, NULL, NULL);
}
