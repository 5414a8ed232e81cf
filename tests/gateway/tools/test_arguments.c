#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/memory.h"
#include "gateway/tools/arguments.h"
#include "gateway/tools/limits.h"

enum { NAME, KIND, WORD, ID, WHEN, LIMIT, RATIO, FLAG, TAGS, IDS, FILTER, COUNT };

static const char *const words[] = {"small", "large", NULL};

static const struct argument filter_rows[] = {
    {.name = "colour", .type = ARGUMENT_TEXT, .max = 10},
};
static const struct argument_list filter_list = {filter_rows, 1};

static const struct argument rows[] = {
    [NAME] = {.name = "name",
        .type = ARGUMENT_TEXT,
        .flags = ARGUMENT_REQUIRED | ARGUMENT_NAME,
        .min = 1,
        .max = 8,
        .also = "title label",
        .description = "what it is called"},
    [KIND] = {.name = "kind", .type = ARGUMENT_TEXT, .flags = ARGUMENT_KIND, .max = 8},
    [WORD] = {.name = "size", .type = ARGUMENT_WORD, .words = words},
    [ID] = {.name = "id", .type = ARGUMENT_ID},
    [WHEN] = {.name = "since", .type = ARGUMENT_TIME},
    [LIMIT] = {.name = "limit", .type = ARGUMENT_INTEGER, .min = 1, .max = 100, .also = "top_k"},
    [RATIO] = {.name = "min_score", .type = ARGUMENT_RATIO},
    [FLAG] = {.name = "dry_run", .type = ARGUMENT_BOOLEAN},
    [TAGS] =
        {.name = "tags", .type = ARGUMENT_TEXTS, .flags = ARGUMENT_NAME, .max = 4, .max_items = 3},
    [IDS] = {.name = "ids", .type = ARGUMENT_IDS, .min = 1, .max_items = 2, .also = "uri"},
    [FILTER] = {.name = "filter", .type = ARGUMENT_OBJECT, .fields = &filter_list},
};
static const struct argument_list list = {rows, COUNT};

struct fixture {
    struct arena arena;
    struct argument_value values[COUNT];
    struct argument_problem problem;
};

static int
setup(void **state)
{
    struct fixture *fixture = memory_new(sizeof *fixture);
    arena_init(&fixture->arena, 1 << 20);
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *fixture = *state;
    arena_release(&fixture->arena);
    free(fixture);
    return 0;
}

static bool
reads(struct fixture *fixture, const char *json)
{
    return arguments_read(
        &list, text_of(json), 1000000000, &fixture->arena, fixture->values, &fixture->problem);
}

static void
assert_refused(struct fixture *fixture, const char *json, const char *words_expected)
{
    assert_false(reads(fixture, json));
    if (!strstr(fixture->problem.words, words_expected))
        fail_msg("\"%s\" lacks \"%s\"", fixture->problem.words, words_expected);
}

static void
every_type_is_read(void **state)
{
    struct fixture *fixture = *state;

    assert_true(reads(fixture,
        "{\"name\":\"n\\u00e9\",\"kind\":\"A-b_1\",\"size\":\"large\",\"id\":"
        "\"0199E3A1-8f3c-7abc-8def-0123456789ab\",\"since\":\"10s\",\"limit\":1e2,"
        "\"min_score\":0.5,\"dry_run\":true,\"tags\":[\"a\",\"b\"],\"ids\":["
        "\"context://0199e3a1-8f3c-7abc-8def-0123456789ab\"],\"filter\":{\"colour\":\"red\"}}"));

    const struct argument_value *values = fixture->values;
    assert_string_equal(values[NAME].string, "n\xC3\xA9");
    assert_string_equal(values[KIND].string, "a-b_1");
    assert_int_equal(values[WORD].integer, 1);
    assert_int_equal(values[ID].ids->bytes[0], 1);
    assert_int_equal(values[WHEN].integer, 1000000000 - 10000);
    assert_int_equal(values[LIMIT].integer, 100);
    assert_true(values[RATIO].ratio > 0.49 && values[RATIO].ratio < 0.51);
    assert_true(values[FLAG].boolean);
    assert_int_equal(values[TAGS].count, 2);
    assert_string_equal(values[TAGS].strings[1], "b");
    assert_int_equal(values[IDS].count, 1);
    assert_string_equal(values[FILTER].fields[0].string, "red");
}

static void
null_and_empty_strings_count_as_left_out(void **state)
{
    struct fixture *fixture = *state;

    assert_true(reads(fixture, "{\"name\":\"n\",\"kind\":\"\",\"size\":null,\"id\":\"\",\"since\":"
                               "\"\",\"limit\":null}"));

    for (int i = KIND; i < COUNT; i++)
        assert_false(fixture->values[i].given);
    assert_string_equal(fixture->values[KIND].string, "");
}

static void
other_names_mean_the_same_but_only_once(void **state)
{
    struct fixture *fixture = *state;

    assert_true(reads(fixture, "{\"label\":\"n\",\"top_k\":3,\"uri\":"
                               "\"0199e3a1-8f3c-7abc-8def-0123456789ab\"}"));
    assert_int_equal(fixture->values[LIMIT].integer, 3);
    assert_int_equal(fixture->values[IDS].count, 1);
    assert_refused(fixture, "{\"label\":\"n\",\"name\":\"m\"}", "given twice");
    assert_refused(fixture, "{\"name\":\"n\",\"ids\":\"0199e3a1-8f3c-7abc-8def-0123456789ab\"}",
        "\"ids\" must be an array of ids");
}

static void
a_missing_argument_is_named_with_its_meaning(void **state)
{
    struct fixture *fixture = *state;

    assert_refused(fixture, "", "\"name\" is missing (what it is called).");
    assert_refused(fixture, "{\"name\":null}", "\"name\" is missing");
    assert_string_equal(fixture->problem.argument, "name");
}

static void
an_unknown_argument_is_refused_with_the_nearest_name(void **state)
{
    struct fixture *fixture = *state;

    assert_refused(fixture, "{\"nmae\":\"x\"}", "did you mean \"name\"?");
    assert_refused(fixture, "{\"name\":\"x\",\"dryrun\":true}", "did you mean \"dry_run\"?");
    assert_refused(fixture, "{\"name\":\"x\",\"colour\":\"red\"}", "belongs into filter");
    assert_refused(fixture, "{\"name\":\"x\",\"zzzzzzzz\":1}", "The arguments are: name, kind,");
    assert_null(strstr(fixture->problem.words, "did you mean"));
}

static void
wrong_types_are_told_apart(void **state)
{
    struct fixture *fixture = *state;

    assert_refused(fixture, "{\"name\":5}", "\"name\" must be a string, not a number.");
    assert_refused(fixture, "{\"name\":[\"a\"]}", "must be a string, not an array");
    assert_refused(fixture, "{\"name\":\"n\",\"limit\":\"5\"}", "must be an integer, not a string");
    assert_refused(fixture, "{\"name\":\"n\",\"limit\":1.5}", "integer from 1 to 100, not 1.5");
    assert_refused(fixture, "{\"name\":\"n\",\"dry_run\":\"yes\"}", "must be true or false");
    assert_refused(fixture, "{\"name\":\"n\",\"dry_run\":1}", "must be true or false");
    assert_refused(fixture, "{\"name\":\"n\",\"tags\":\"a\"}", "must be an array of strings");
    assert_refused(fixture, "{\"name\":\"n\",\"tags\":[1]}", "must be an array of strings");
    assert_refused(fixture, "{\"name\":\"n\",\"min_score\":\"1\"}", "number from 0 to 1");
    assert_refused(fixture, "{\"name\":\"n\",\"filter\":[]}", "\"filter\" must be an object");
    assert_refused(fixture, "[]", "must be a JSON object");
    assert_refused(fixture, "{\"name\":\"n\"", "not valid JSON");
}

static void
ranges_and_forms_are_held(void **state)
{
    struct fixture *fixture = *state;

    assert_true(reads(fixture, "{\"name\":\"12345678\"}"));
    assert_refused(fixture, "{\"name\":\"123456789\"}", "too long: 9 bytes; at most 8");
    assert_refused(fixture, "{\"name\":\"\"}", "must not be empty");
    assert_refused(fixture, "{\"name\":\"a\\nb\"}", "control characters");
    assert_refused(fixture, "{\"name\":\"n\",\"kind\":\"Not ok\"}", "takes letters, digits");
    assert_refused(fixture, "{\"name\":\"n\",\"size\":\"huge\"}", "one of: small, large.");
    assert_refused(fixture, "{\"name\":\"n\",\"id\":\"17\"}", "is not an id");
    assert_refused(fixture, "{\"name\":\"n\",\"since\":\"yesterday\"}", "an age such as 24h");
    assert_refused(fixture, "{\"name\":\"n\",\"limit\":0}", "integer from 1 to 100, not 0");
    assert_refused(fixture, "{\"name\":\"n\",\"limit\":99999999999999999999}", "from 1 to 100");
    assert_refused(fixture, "{\"name\":\"n\",\"min_score\":1.01}", "from 0 to 1");
    assert_refused(fixture, "{\"name\":\"n\",\"tags\":[\"12345\"]}", "too long");
    assert_refused(fixture, "{\"name\":\"n\",\"tags\":[\"\"]}", "empty");
    assert_refused(fixture, "{\"name\":\"n\",\"tags\":[\"1\",\"2\",\"3\",\"4\"]}", "at most 3");
    assert_refused(fixture, "{\"name\":\"n\",\"ids\":[]}", "at least one item");
}

int
main(void)
{
#define RUNS(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        RUNS(every_type_is_read),
        RUNS(null_and_empty_strings_count_as_left_out),
        RUNS(other_names_mean_the_same_but_only_once),
        RUNS(a_missing_argument_is_named_with_its_meaning),
        RUNS(an_unknown_argument_is_refused_with_the_nearest_name),
        RUNS(wrong_types_are_told_apart),
        RUNS(ranges_and_forms_are_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
