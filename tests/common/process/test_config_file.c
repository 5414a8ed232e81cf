#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/process/config.h"

static const struct config_field fields[] = {
    {"config", "T_CONFIG", "--config", CONFIG_TEXT, "", 0, 0, NULL, 0, "YAML file"},
    {"data_dir", "T_DATA_DIR", "--data-dir", CONFIG_TEXT, "/var/lib/x", 0, 0, NULL, 0, "folder"},
    {"listen.port", "T_PORT", "--port", CONFIG_INTEGER, "8051", 1, 65535, NULL, 0, "port"},
    {"log.level", "T_LEVEL", "--log-level", CONFIG_CHOICE, "info", 0, 0, "debug|info|warn", 0,
        "level"},
    {"log.file", "T_FILE", "--log-file", CONFIG_TEXT, "", 0, 0, NULL, 0, "file"},
    {"hosts", "T_HOSTS", "--hosts", CONFIG_LIST, "", 0, 0, NULL, 0, "hosts"},
};

enum { FIELD_COUNT = sizeof fields / sizeof *fields };

struct fixture {
    char folder[64];
    char path[96];
    struct config *config;
    struct problem problem;
};

static int
set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.folder = "/tmp/forge-config-XXXXXX"};
    if (!mkdtemp(fixture.folder))
        return -1;
    snprintf(fixture.path, sizeof fixture.path, "%s/forge.yaml", fixture.folder);
    unsetenv("T_PORT");
    *state = &fixture;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;
    config_destroy(&fixture->config);
    unlink(fixture->path);
    return rmdir(fixture->folder);
}

static enum status
read_bytes(struct fixture *fixture, const char *bytes, size_t size, const char *more)
{
    config_destroy(&fixture->config);
    FILE *file = fopen(fixture->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
    char *argv[] = {
        (char *)"/usr/bin/context-svc", (char *)"--config", fixture->path, (char *)more, NULL};
    return config_read(
        fields, FIELD_COUNT, more ? 4 : 3, argv, &fixture->config, &fixture->problem);
}

static enum status
read_yaml(struct fixture *fixture, const char *yaml)
{
    return read_bytes(fixture, yaml, strlen(yaml), NULL);
}

static void
assert_refused(struct fixture *fixture, const char *yaml, const char *words)
{
    assert_int_equal(read_yaml(fixture, yaml), STATUS_FAILED_PRECONDITION);
    assert_null(fixture->config);
    assert_memory_equal(fixture->problem.text, fixture->path, strlen(fixture->path));
    assert_string_equal(fixture->problem.text + strlen(fixture->path), words);
}

static void
nested_and_dotted_keys_are_the_same(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(read_yaml(fixture, "log:\n  level: warn\nlisten.port: 9000\n"), STATUS_OK);

    assert_string_equal(config_text(fixture->config, "log.level"), "warn");
    assert_string_equal(config_source(fixture->config, "log.level"), "file");
    assert_int_equal(config_integer(fixture->config, "listen.port"), 9000);
}

static void
environment_and_flag_win_over_the_file(void **state)
{
    struct fixture *fixture = *state;
    const char *yaml = "listen.port: 9000\nlog.level: debug\n";
    setenv("T_PORT", "9001", 1);

    assert_int_equal(read_bytes(fixture, yaml, strlen(yaml), "--log-level=warn"), STATUS_OK);

    assert_int_equal(config_integer(fixture->config, "listen.port"), 9001);
    assert_string_equal(config_text(fixture->config, "log.level"), "warn");
    unsetenv("T_PORT");
}

static void
a_list_is_a_sequence_or_a_line(void **state)
{
    struct fixture *fixture = *state;
    const char *const *items;

    assert_int_equal(read_yaml(fixture, "hosts:\n  - a,b\n  - c\n"), STATUS_OK);
    assert_int_equal(config_list(fixture->config, "hosts", &items), 2);
    assert_string_equal(items[0], "a,b");

    assert_int_equal(read_yaml(fixture, "hosts: a,b\n"), STATUS_OK);
    assert_int_equal(config_list(fixture->config, "hosts", &items), 2);
    assert_string_equal(items[1], "b");

    assert_int_equal(read_yaml(fixture, "hosts: []\n"), STATUS_OK);
    assert_int_equal(config_list(fixture->config, "hosts", &items), 0);
}

static void
a_programs_own_section_wins_and_others_are_skipped(void **state)
{
    struct fixture *fixture = *state;
    const char *before = "context-svc:\n  log: {level: debug}\nlog.level: warn\n"
                         "mcp_server:\n  anything: [at, {all: 1}]\n";
    const char *after = "log.level: warn\ncontext-svc:\n  log.level: debug\n";

    assert_int_equal(read_yaml(fixture, before), STATUS_OK);
    assert_string_equal(config_text(fixture->config, "log.level"), "debug");
    assert_int_equal(read_yaml(fixture, after), STATUS_OK);
    assert_string_equal(config_text(fixture->config, "log.level"), "debug");
}

static void
a_key_without_a_value_is_not_set_but_quotes_are_a_value(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(read_yaml(fixture, "listen.port:\ndata_dir: ~\nlog.file: \"\"\n"), STATUS_OK);

    assert_int_equal(config_integer(fixture->config, "listen.port"), 8051);
    assert_string_equal(config_source(fixture->config, "data_dir"), "default");
    assert_string_equal(config_source(fixture->config, "log.file"), "file");
}

static void
an_empty_file_sets_nothing(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(read_yaml(fixture, ""), STATUS_OK);
    assert_int_equal(read_yaml(fixture, "# only a comment\n"), STATUS_OK);
    assert_int_equal(read_yaml(fixture, "---\n...\n"), STATUS_OK);
}

static void
an_error_names_line_column_and_the_nearest_key(void **state)
{
    assert_refused(*state, "log:\n  levle: warn\n",
        ":2:10: unknown key 'log.levle'; did you mean 'log.level'?");
    assert_refused(*state, "qqq: 1\n",
        ":1:6: unknown key 'qqq'; keys of another program stand under its name");
    assert_refused(*state, "listen:\n  port: 70000\n",
        ":2:9: listen.port must be between 1 and 65535, not 70000");
    assert_refused(
        *state, "log.level: loud\n", ":1:12: log.level must be one of debug|info|warn, not 'loud'");
    assert_refused(*state, "log.level: info\nlog: {level: warn}\n", ":2:14: this key stands twice");
    assert_refused(*state, "log: {level: [a]}\n", ":1:14: this key takes one value, not a list");
    assert_refused(
        *state, "listen.port: {a: 1}\n", ":1:14: this key takes a value, not keys of its own");
    assert_refused(
        *state, "config: other.yaml\n", ":1:9: a file cannot name another configuration file");
}

static void
hostile_yaml_is_refused(void **state)
{
    assert_refused(*state, "log: {level: info\n",
        ":2:1: did not find expected ',' or '}', while parsing a flow mapping");
    assert_refused(*state, "data_dir: &a x\nlog.file: *a\n",
        ":2:11: aliases (*name) are not supported; write the value out");
    assert_refused(*state, "- a\n", ":1:1: the file must hold keys and values (\"key: value\")");
    assert_refused(
        *state, "just words\n", ":1:1: the file must hold keys and values (\"key: value\")");
    assert_refused(
        *state, "data_dir: x\n---\nlog.file: y\n", ":2:1: the file must hold one YAML document");
    assert_refused(*state, "[a, b]: 1\n", ":1:1: a key must be a plain word");
}

static void
depth_and_size_are_bounded(void **state)
{
    struct fixture *fixture = *state;
    assert_refused(*state, "a: {b: {c: {d: {e: {f: {g: {h: 1}}}}}}}\n",
        ":1:32: unknown key 'a.b.c.d.e.f.g.h'; keys of another program stand under its name");
    assert_refused(
        *state, "a: {b: {c: {d: {e: {f: {g: {h: {i: 1}}}}}}}}\n", ":1:32: nested too deep");

    size_t size = (1 << 20) + 1;
    char *big = malloc(size);
    assert_non_null(big);
    memset(big, '#', size);
    assert_int_equal(read_bytes(fixture, big, size, NULL), STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(fixture->problem.text, "larger than 1 MiB"));
    assert_int_equal(read_bytes(fixture, big, size - 1, NULL), STATUS_OK);
    free(big);
}

static void
bytes_that_are_no_text_are_refused(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(read_bytes(fixture, "data_dir: \xff\n", 12, NULL), STATUS_FAILED_PRECONDITION);
    assert_int_equal(
        read_bytes(fixture, "data_dir: \"a\\0b\"\n", 17, NULL), STATUS_FAILED_PRECONDITION);
    assert_non_null(strstr(fixture->problem.text, "zero byte"));
}

static void
a_missing_file_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    char *argv[] = {(char *)"x", (char *)"--config=/nowhere/forge.yaml", NULL};

    assert_int_equal(config_read(fields, FIELD_COUNT, 2, argv, &fixture->config, &fixture->problem),
        STATUS_FAILED_PRECONDITION);

    assert_string_equal(
        fixture->problem.text, "configuration file /nowhere/forge.yaml: No such file or directory");
    FILE *file = fopen(fixture->path, "wb");
    assert_non_null(file);
    fclose(file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nested_and_dotted_keys_are_the_same),
        TEST(environment_and_flag_win_over_the_file),
        TEST(a_list_is_a_sequence_or_a_line),
        TEST(a_programs_own_section_wins_and_others_are_skipped),
        TEST(a_key_without_a_value_is_not_set_but_quotes_are_a_value),
        TEST(an_empty_file_sets_nothing),
        TEST(an_error_names_line_column_and_the_nearest_key),
        TEST(hostile_yaml_is_refused),
        TEST(depth_and_size_are_bounded),
        TEST(bytes_that_are_no_text_are_refused),
        TEST(a_missing_file_is_an_error),
    };
    return cmocka_run_group_tests_name("config_file", tests, NULL, NULL);
}
