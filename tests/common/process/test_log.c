#include <pthread.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/process/log.h"

enum { CONTENT_MAX = 1 << 20 };

struct fixture {
    char path[64];
    char content[CONTENT_MAX];
};

static struct fixture fixture;

static int
set_up(void **state)
{
    strcpy(fixture.path, "/tmp/forge-log-XXXXXX");
    int fd = mkstemp(fixture.path);
    if (fd < 0)
        return -1;
    close(fd);
    *state = &fixture;
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    log_close();
    unlink(fixture.path);
    return 0;
}

static void
open_log(enum log_level level, bool json)
{
    struct problem problem;
    assert_int_equal(log_open("mcp_server", fixture.path, level, json, &problem), STATUS_OK);
}

static const char *
content_of(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(fixture.content, 1, sizeof fixture.content - 1, file);
    fixture.content[size] = '\0';
    fclose(file);
    return fixture.content;
}

static void
assert_matches(const char *text, const char *pattern)
{
    regex_t regex;
    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    int found = regexec(&regex, text, 0, NULL, 0);
    regfree(&regex);
    if (found != 0)
        fail_msg("'%s' does not match %s", text, pattern);
}

#define STAMP "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z"

static void
a_text_line_is_time_level_component_message(void **state)
{
    (void)state;
    open_log(LOG_LEVEL_INFO, false);

    log_info("Context store opened entries=%d Response time: %.4f", 4312, 0.0045);

    assert_matches(content_of(fixture.path),
        "^" STAMP " INFO mcp_server Context store opened entries=4312 Response time: 0\\.0045\n$");
}

static void
a_json_line_ends_with_the_message(void **state)
{
    (void)state;
    open_log(LOG_LEVEL_INFO, true);

    log_warn("Said \"no\" to C:\\x");

    assert_matches(content_of(fixture.path),
        "^\\{\"ts\":\"" STAMP "\",\"level\":\"WARN\",\"component\":\"mcp_server\","
        "\"msg\":\"Said \\\\\"no\\\\\" to C:\\\\\\\\x\"\\}\n$");
}

static void
lines_under_the_level_are_left_out(void **state)
{
    (void)state;
    open_log(LOG_LEVEL_WARN, false);

    log_debug("debug");
    log_info("info");
    log_warn("warn");
    log_error("error");

    assert_matches(
        content_of(fixture.path), "^" STAMP " WARN [^\n]* warn\n" STAMP " ERROR [^\n]* error\n$");
}

static void
nothing_in_a_message_can_begin_a_line_or_move_a_terminal(void **state)
{
    (void)state;
    open_log(LOG_LEVEL_INFO, false);

    log_info("x\n2026-11-23T01:25:15.004Z ERROR forged\r\x1b[2J\x7f \xc2\x9b \xff gr\xc3\xbc\\n");

    const char *content = content_of(fixture.path);
    assert_ptr_equal(strchr(content, '\n'), content + strlen(content) - 1);
    assert_non_null(strstr(content, "x\\n2026-11-23T01:25:15.004Z ERROR forged\\r\\x1b[2J\\x7f "
                                    "\\xc2\\x9b \\xff gr\xc3\xbc\\\\n\n"));
}

static void
nothing_in_a_message_can_leave_its_json_string(void **state)
{
    (void)state;
    open_log(LOG_LEVEL_INFO, true);

    log_info("a\",\"level\":\"ERROR\n\x01\xff\xc2\x9b");

    assert_non_null(strstr(content_of(fixture.path),
        "\"msg\":\"a\\\",\\\"level\\\":\\\"ERROR\\n\\u0001\\u00ff\\u00c2\\u009b\"}\n"));
}

static void
a_long_line_is_cut_between_characters(void **state)
{
    (void)state;
    char message[5000];
    for (size_t i = 0; i + 3 < sizeof message; i += 3)
        memcpy(message + i, "\xe2\x82\xac", 4);

    for (int json = 0; json <= 1; json++) {
        open_log(LOG_LEVEL_INFO, json);
        log_info("%s", message);
        const char *content = content_of(fixture.path);
        size_t length = strlen(content);
        assert_in_range(length, 2040, 2048);
        const char *end = json ? "\xe2\x82\xac\"}\n" : "\xe2\x82\xac\n";
        assert_string_equal(content + length - strlen(end), end);
        assert_int_equal(truncate(fixture.path, 0), 0);
    }
}

static void
a_thread_may_speak_for_another_component(void **state)
{
    (void)state;
    open_log(LOG_LEVEL_INFO, false);

    log_component("context-svc");
    log_info("one");
    log_component(NULL);
    log_info("two");

    assert_matches(content_of(fixture.path), " context-svc one\n[^\n]* mcp_server two\n$");
}

static void
a_reopened_log_writes_a_new_file(void **state)
{
    (void)state;
    open_log(LOG_LEVEL_INFO, false);
    char moved[80];
    snprintf(moved, sizeof moved, "%s.1", fixture.path);

    log_info("before");
    assert_int_equal(rename(fixture.path, moved), 0);
    log_info("between");
    log_reopen();
    log_info("after");

    assert_matches(content_of(moved), " before\n[^\n]* between\n$");
    assert_matches(content_of(fixture.path), "Log file reopened path=[^\n]*\n[^\n]* after\n$");
    unlink(moved);
}

static void *
write_lines(void *argument)
{
    for (int i = 0; i < 500; i++)
        log_info("thread=%s line=%d", (const char *)argument, i);
    return NULL;
}

static void
lines_of_several_threads_stay_whole_across_a_reopen(void **state)
{
    (void)state;
    open_log(LOG_LEVEL_INFO, false);
    static const char *const names[] = {"a", "b", "c", "d"};
    pthread_t threads[4];

    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, (void *)names[i]), 0);
    for (int i = 0; i < 20; i++)
        log_reopen();
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);

    regex_t whole;
    assert_int_equal(
        regcomp(&whole, "^" STAMP " INFO mcp_server (thread=[a-d] line=[0-9]+|Log file .*)$",
            REG_EXTENDED | REG_NOSUB),
        0);
    int lines = 0;
    char *rest;
    for (char *line = strtok_r((char *)content_of(fixture.path), "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest), lines++)
        assert_int_equal(regexec(&whole, line, 0, NULL, 0), 0);
    regfree(&whole);
    assert_int_equal(lines, 4 * 500 + 20);
}

static void
a_write_that_fails_is_counted_and_nothing_more(void **state)
{
    (void)state;
    struct problem problem;
    assert_int_equal(
        log_open("mcp_server", "/dev/full", LOG_LEVEL_INFO, false, &problem), STATUS_OK);
    uint64_t before = log_write_errors();

    log_info("lost");
    log_info("lost too");

    assert_int_equal(log_write_errors(), before + 2);
}

static void
a_file_that_cannot_be_opened_is_a_problem(void **state)
{
    (void)state;
    struct problem problem;

    assert_int_equal(log_open("mcp_server", "/nowhere/x.log", LOG_LEVEL_INFO, false, &problem),
        STATUS_UNAVAILABLE);

    assert_string_equal(problem.text, "log file /nowhere/x.log: No such file or directory");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_text_line_is_time_level_component_message),
        TEST(a_json_line_ends_with_the_message),
        TEST(lines_under_the_level_are_left_out),
        TEST(nothing_in_a_message_can_begin_a_line_or_move_a_terminal),
        TEST(nothing_in_a_message_can_leave_its_json_string),
        TEST(a_long_line_is_cut_between_characters),
        TEST(a_thread_may_speak_for_another_component),
        TEST(a_reopened_log_writes_a_new_file),
        TEST(lines_of_several_threads_stay_whole_across_a_reopen),
        TEST(a_write_that_fails_is_counted_and_nothing_more),
        TEST(a_file_that_cannot_be_opened_is_a_problem),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
