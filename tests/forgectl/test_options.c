#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "forgectl/cli/options.h"

static const struct option_row common_rows[] = {
    {"url", 0, OPTION_TEXT, "URL", "TEST_FORGE_URL", "http://default", 0, 0, "where"},
    {"output", 'o', OPTION_CHOICE, "table|json", NULL, "table", 0, 0, "form"},
    {"quiet", 'q', OPTION_FLAG, NULL, "TEST_FORGE_QUIET", NULL, 0, 0, "less"},
    {"timeout", 0, OPTION_TIME, "TIME", NULL, "10s", 1, 60000, "wait"},
};

static const struct option_row verb_rows[] = {
    {"tag", 't', OPTION_LIST, "TAG", NULL, NULL, 0, 0, "tag"},
    {"limit", 'n', OPTION_INTEGER, "NUMBER", NULL, NULL, 1, 200, "most"},
    {"url", 0, OPTION_TEXT, "URL", NULL, "http://verb", 0, 0, "the verb's own"},
};

static int
set_up(void **state)
{
    struct options *options = options_create();
    options_add(options, common_rows, sizeof(common_rows) / sizeof(common_rows[0]));
    options_add(options, verb_rows, 2);
    *state = options;
    return 0;
}

static int
tear_down(void **state)
{
    struct options *options = *state;
    options_destroy(&options);
    (void)unsetenv("TEST_FORGE_URL");
    (void)unsetenv("TEST_FORGE_QUIET");
    return 0;
}

static enum status
parse(struct options *options, int argc, char **argv, struct problem *problem)
{
    int next = 0;
    enum status status = options_read(options, argc, argv, false, &next, problem);
    return status == STATUS_OK ? options_check(options, problem) : status;
}

#define PARSE(options, problem, ...)                                                               \
    parse(options, (int)(sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)),                        \
        (char *[]){__VA_ARGS__, NULL}, problem)

static char program[] = "verb", dash_o[] = "-o", json[] = "json", dash_n[] = "-n7", word[] = "word",
            other[] = "other", tag_a[] = "--tag=a", tag_b[] = "--tag=b", url[] = "--url=http://x";

static void
values_come_from_the_line_the_environment_and_the_row(void **state)
{
    struct options *options = *state;
    struct problem problem = {0};
    const char *const *arguments = NULL;
    const char *const *tags = NULL;

    assert_int_equal(
        PARSE(options, &problem, program, word, dash_o, json, tag_a, other, tag_b, dash_n),
        STATUS_OK);

    assert_string_equal(options_text(options, "output"), "json");
    assert_int_equal(options_integer(options, "limit"), 7);
    assert_int_equal(options_list(options, "tag", &tags), 2);
    assert_string_equal(tags[1], "b");
    assert_int_equal(options_arguments(options, &arguments), 2);
    assert_string_equal(arguments[1], "other");
    assert_string_equal(options_text(options, "url"), "http://default");
    assert_int_equal(options_time_ms(options, "timeout"), 10000);
    assert_false(options_flag(options, "quiet"));
    assert_int_equal(setenv("TEST_FORGE_URL", "http://environment", 1), 0);
    assert_int_equal(setenv("TEST_FORGE_QUIET", "1", 1), 0);
    assert_string_equal(options_text(options, "url"), "http://environment");
    assert_true(options_flag(options, "quiet"));
    assert_false(options_given(options, "quiet"));
}

static void
a_verbs_row_replaces_the_common_one_and_keeps_what_was_given(void **state)
{
    struct options *options = *state;
    struct problem problem = {0};
    assert_int_equal(PARSE(options, &problem, program, url), STATUS_OK);

    options_add(options, &verb_rows[2], 1);

    assert_string_equal(options_text(options, "url"), "http://x");
}

static void
a_verbs_row_brings_its_own_default(void **state)
{
    struct options *options = *state;

    options_add(options, &verb_rows[2], 1);

    assert_string_equal(options_text(options, "url"), "http://verb");
}

static void
reading_stops_at_the_verb(void **state)
{
    struct options *options = *state;
    struct problem problem = {0};
    int next = 0;
    char *argv[] = {program, dash_o, json, word, dash_n, NULL};

    assert_int_equal(options_read(options, 5, argv, true, &next, &problem), STATUS_OK);

    assert_int_equal(next, 3);
    assert_false(options_given(options, "limit"));
}

static void
expect_refusal(struct options *options, char *argument, const char *words)
{
    struct problem problem = {0};
    assert_int_equal(PARSE(options, &problem, program, argument), STATUS_INVALID_ARGUMENT);
    assert_string_equal(problem.text, words);
}

#define REFUSAL(name, argument, words)                                                             \
    static void name(void **state)                                                                 \
    {                                                                                              \
        char given[] = argument;                                                                   \
        expect_refusal(*state, given, words);                                                      \
    }

REFUSAL(an_unknown_option_names_the_nearest, "--tags", "unknown option --tags: did you mean --tag?")
REFUSAL(a_far_unknown_option_points_to_help, "--everything",
    "unknown option --everything: 'forgectl help VERB' lists what a verb takes")
REFUSAL(an_unknown_letter_is_named, "-z",
    "unknown option -z: 'forgectl help VERB' lists what a verb takes")
REFUSAL(a_missing_value_is_asked_for, "--limit", "--limit needs a value: --limit NUMBER")
REFUSAL(a_flag_takes_no_value, "--quiet=1", "--quiet takes no value")
REFUSAL(a_number_has_its_range, "--limit=201", "--limit must be a number from 1 to 200, not '201'")
REFUSAL(a_choice_has_its_words, "--output=tab", "--output must be one of table|json, not 'tab'")
REFUSAL(a_text_is_not_empty, "--url=", "--url must not be empty")
REFUSAL(a_time_has_its_units, "--timeout=5x",
    "--timeout must be a time such as 500ms, 10s or 5m, from 1 to 60000 ms")

static void
times_have_units(void **state)
{
    struct options *options = *state;
    struct problem problem = {0};
    char half[] = "--timeout=500ms";
    assert_int_equal(PARSE(options, &problem, program, half), STATUS_OK);
    assert_int_equal(options_time_ms(options, "timeout"), 500);
    char bare[] = "--timeout=3";
    assert_int_equal(PARSE(options, &problem, program, bare), STATUS_OK);
    assert_int_equal(options_time_ms(options, "timeout"), 3000);
}

static void
a_value_of_the_environment_is_checked_too(void **state)
{
    static const struct option_row row = {
        "depth", 0, OPTION_INTEGER, "N", "TEST_FORGE_URL", NULL, 0, 9, "depth"};
    struct options *options = *state;
    options_add(options, &row, 1);
    struct problem problem = {0};
    assert_int_equal(setenv("TEST_FORGE_URL", "many", 1), 0);

    assert_int_equal(options_check(options, &problem), STATUS_INVALID_ARGUMENT);
    assert_string_equal(problem.text, "--depth must be a number from 0 to 9, not 'many'");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(values_come_from_the_line_the_environment_and_the_row),
        TEST(a_verbs_row_replaces_the_common_one_and_keeps_what_was_given),
        TEST(a_verbs_row_brings_its_own_default),
        TEST(reading_stops_at_the_verb),
        TEST(an_unknown_option_names_the_nearest),
        TEST(a_far_unknown_option_points_to_help),
        TEST(an_unknown_letter_is_named),
        TEST(a_missing_value_is_asked_for),
        TEST(a_flag_takes_no_value),
        TEST(a_number_has_its_range),
        TEST(a_choice_has_its_words),
        TEST(a_text_is_not_empty),
        TEST(a_time_has_its_units),
        TEST(times_have_units),
        TEST(a_value_of_the_environment_is_checked_too),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
