#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "common/process/config.h"

static const struct config_field fields[] = {
    {"config", "T_CONFIG", "--config", CONFIG_TEXT, "", 0, 0, NULL, 0, "YAML file"},
    {"socket", "T_SOCKET", "--socket", CONFIG_TEXT, "ipc://${data_dir}/run/x.sock", 0, 0, NULL, 0,
        "endpoint"},
    {"data_dir", "T_DATA_DIR", "--data-dir", CONFIG_TEXT, "${HOME}/forge", 0, 0, NULL, 0, "folder"},
    {"listen.port", "T_PORT", "--port", CONFIG_INTEGER, "8051", 1, 65535, NULL, 0, "port"},
    {"threads", "T_THREADS", "--threads", CONFIG_INTEGER, "2", 1, 8, NULL, CONFIG_CLAMPED,
        "search threads"},
    {"offset", NULL, "--offset", CONFIG_INTEGER, "0", 0, 0, NULL, 0, "any whole number"},
    {"color", "T_COLOR", "--color", CONFIG_BOOLEAN, "true", 0, 0, NULL, 0, "colours"},
    {"log.level", "T_LEVEL", "--log-level", CONFIG_CHOICE, "info", 0, 0, "debug|info|warn", 0,
        "level"},
    {"hosts", "T_HOSTS", "--hosts", CONFIG_LIST, "", 0, 0, NULL, 0, "hosts"},
    {"token", "T_TOKEN", NULL, CONFIG_TEXT, "", 0, 0, NULL, CONFIG_SECRET, "token"},
};

enum { FIELD_COUNT = sizeof fields / sizeof *fields, WORDS_MAX = 8 };

struct fixture {
    struct config *config;
    struct problem problem;
};

static int
set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.config = NULL};
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (fields[i].environment)
            unsetenv(fields[i].environment);
    setenv("HOME", "/home/forge", 1);
    *state = &fixture;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;
    config_destroy(&fixture->config);
    return 0;
}

static enum status
read_words(struct fixture *fixture, const char *const words[WORDS_MAX])
{
    char *argv[WORDS_MAX + 2] = {(char *)"test"};
    int argc = 1;
    for (; argc <= WORDS_MAX && words[argc - 1]; argc++)
        argv[argc] = (char *)words[argc - 1];
    return config_read(fields, FIELD_COUNT, argc, argv, &fixture->config, &fixture->problem);
}

#define WORDS(...) ((const char *const[WORDS_MAX]){__VA_ARGS__})

static void
assert_refused(struct fixture *fixture, const char *const words[WORDS_MAX], const char *problem)
{
    assert_int_equal(read_words(fixture, words), STATUS_INVALID_ARGUMENT);
    assert_null(fixture->config);
    assert_string_equal(fixture->problem.text, problem);
}

static void
without_anything_the_defaults_hold(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(read_words(fixture, WORDS(NULL)), STATUS_OK);

    assert_int_equal(config_integer(fixture->config, "listen.port"), 8051);
    assert_true(config_boolean(fixture->config, "color"));
    assert_string_equal(config_text(fixture->config, "log.level"), "info");
    assert_string_equal(config_source(fixture->config, "listen.port"), "default");
    const char *const *items;
    assert_int_equal(config_list(fixture->config, "hosts", &items), 0);
}

static void
a_default_is_built_on_the_data_folder_wherever_that_comes_from(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(read_words(fixture, WORDS(NULL)), STATUS_OK);
    assert_string_equal(
        config_text(fixture->config, "socket"), "ipc:///home/forge/forge/run/x.sock");
    config_destroy(&fixture->config);

    assert_int_equal(read_words(fixture, WORDS("--data-dir", "/srv/x")), STATUS_OK);
    assert_string_equal(config_text(fixture->config, "socket"), "ipc:///srv/x/run/x.sock");
}

static void
a_flag_wins_over_the_environment_and_the_environment_over_the_default(void **state)
{
    struct fixture *fixture = *state;
    setenv("T_PORT", "9001", 1);
    setenv("T_LEVEL", "warn", 1);

    assert_int_equal(read_words(fixture, WORDS("--port=9002")), STATUS_OK);

    assert_int_equal(config_integer(fixture->config, "listen.port"), 9002);
    assert_string_equal(config_source(fixture->config, "listen.port"), "flag");
    assert_string_equal(config_text(fixture->config, "log.level"), "warn");
    assert_string_equal(config_source(fixture->config, "log.level"), "environment");
}

static void
an_empty_variable_counts_as_not_set(void **state)
{
    struct fixture *fixture = *state;
    setenv("T_PORT", "", 1);

    assert_int_equal(read_words(fixture, WORDS(NULL)), STATUS_OK);

    assert_int_equal(config_integer(fixture->config, "listen.port"), 8051);
}

static void
every_type_is_read_from_a_flag(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(read_words(fixture, WORDS("--no-color", "--hosts", "a, b,,c", "--offset", "-7",
                                             "--log-level=debug", "--socket=")),
        STATUS_OK);

    assert_false(config_boolean(fixture->config, "color"));
    assert_int_equal(config_integer(fixture->config, "offset"), -7);
    assert_string_equal(config_text(fixture->config, "log.level"), "debug");
    assert_string_equal(config_text(fixture->config, "socket"), "");
    const char *const *items;
    assert_int_equal(config_list(fixture->config, "hosts", &items), 3);
    assert_string_equal(items[1], "b");
    assert_string_equal(items[2], "c");
}

static void
a_boolean_of_the_environment_has_its_usual_words(void **state)
{
    struct fixture *fixture = *state;
    static const char *const no[] = {"false", "No", "OFF", "0"};
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        setenv("T_COLOR", no[i], 1);
        assert_int_equal(read_words(fixture, WORDS(NULL)), STATUS_OK);
        assert_false(config_boolean(fixture->config, "color"));
        config_destroy(&fixture->config);
    }

    setenv("T_COLOR", "maybe", 1);
    assert_int_equal(read_words(fixture, WORDS(NULL)), STATUS_FAILED_PRECONDITION);
    assert_string_equal(fixture->problem.text, "T_COLOR: color must be true or false, not 'maybe'");
}

static void
an_unknown_flag_is_refused_with_the_nearest(void **state)
{
    assert_refused(*state, WORDS("--prot", "1"), "unknown flag --prot; did you mean --port?");
    assert_refused(*state, WORDS("--prot=1"), "unknown flag --prot; did you mean --port?");
    assert_refused(
        *state, WORDS("--checkconfig"), "unknown flag --checkconfig; did you mean --check-config?");
    assert_refused(*state, WORDS("--zzzzzzzz"), "unknown flag --zzzzzzzz; --help lists them all");
    assert_refused(*state, WORDS("serve"), "unexpected argument 'serve'; see --help");
    assert_refused(*state, WORDS(""), "unexpected argument ''; see --help");
    assert_refused(*state, WORDS("--no-port"), "unknown flag --no-port; did you mean --port?");
}

static void
a_wrong_value_is_refused_with_what_is_right(void **state)
{
    assert_refused(
        *state, WORDS("--port", "0"), "--port: listen.port must be between 1 and 65535, not 0");
    assert_refused(*state, WORDS("--port", "65536"),
        "--port: listen.port must be between 1 and 65535, not 65536");
    assert_refused(*state, WORDS("--port", "99999999999999999999"),
        "--port: listen.port must be between 1 and 65535, not 99999999999999999999");
    assert_refused(
        *state, WORDS("--port", "8k"), "--port: listen.port must be a whole number, not '8k'");
    assert_refused(*state, WORDS("--port="), "--port: listen.port must be a whole number, not ''");
    assert_refused(*state, WORDS("--log-level", "inf"),
        "--log-level: log.level must be one of debug|info|warn, not 'inf'");
    assert_refused(*state, WORDS("--log-level="),
        "--log-level: log.level must be one of debug|info|warn, not ''");
    assert_refused(*state, WORDS("--port"), "--port needs a value: port");
    assert_refused(*state, WORDS("--color=true"), "--color takes no value; --no-color unsets it");
}

static void
a_clamped_setting_takes_the_end_of_its_range(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(read_words(fixture, WORDS("--threads", "64")), STATUS_OK);
    assert_int_equal(config_integer(fixture->config, "threads"), 8);
    assert_string_equal(config_text(fixture->config, "threads"), "8");
    config_destroy(&fixture->config);

    assert_int_equal(read_words(fixture, WORDS("--threads", "0")), STATUS_OK);
    assert_int_equal(config_integer(fixture->config, "threads"), 1);
}

static void
the_last_of_two_equal_flags_holds(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(read_words(fixture, WORDS("--port", "1", "--port", "2")), STATUS_OK);

    assert_int_equal(config_integer(fixture->config, "listen.port"), 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_anything_the_defaults_hold, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_default_is_built_on_the_data_folder_wherever_that_comes_from, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_flag_wins_over_the_environment_and_the_environment_over_the_default, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(an_empty_variable_counts_as_not_set, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_type_is_read_from_a_flag, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_boolean_of_the_environment_has_its_usual_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            an_unknown_flag_is_refused_with_the_nearest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_wrong_value_is_refused_with_what_is_right, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_clamped_setting_takes_the_end_of_its_range, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_last_of_two_equal_flags_holds, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
