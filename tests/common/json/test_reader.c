#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"
#include "common/json/reader.h"

/* The words of the first error in a document, or NULL when it is whole. */
static const char *
problem_of(struct text document)
{
    /* A copy of exactly its size, so that the sanitizer sees a read beyond it. */
    CLEANUP(memory_free) char *copy = memory_copy(document.data, document.length);
    struct json_reader reader;
    json_reader_init(&reader, text_from(copy, document.length));
    json_skip(&reader);
    return json_reader_end(&reader) ? NULL : json_reader_problem(&reader);
}

static void
assert_whole(const struct text *documents, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (problem_of(documents[i]))
            fail_msg("refused %.*s: %s", TEXT_FORMAT(documents[i]), problem_of(documents[i]));
}

static void
assert_refused(const struct text *documents, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!problem_of(documents[i]))
            fail_msg("accepted %.*s", TEXT_FORMAT(documents[i]));
}

static void
whole_documents_pass(void **state)
{
    (void)state;
    const struct text rows[] = {TEXT("{}"), TEXT("[]"), TEXT(" [ ] "), TEXT("42"), TEXT("\"\""),
        TEXT("true"), TEXT("false"), TEXT("null"), TEXT("\t\r\n [1 , 2]\n"),
        TEXT("{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":2}]}"), TEXT("{\"\":0}"),
        TEXT("[9223372036854775808,18446744073709551617,9007199254740993,1e400,0.1,1.0]"),
        TEXT("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\uDE80\"]"),
        TEXT("[\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x9a\x80 \x7f\"]")};

    assert_whole(rows, sizeof rows / sizeof *rows);
}

static void
malformed_documents_are_refused(void **state)
{
    (void)state;
    const struct text rows[] = {TEXT(""), TEXT("  "), TEXT("["), TEXT("]"), TEXT("{"), TEXT("}"),
        TEXT("[1"), TEXT("[1,"), TEXT("[1,]"), TEXT("[,1]"), TEXT("[1 2]"), TEXT("[1}"),
        TEXT("{\"a\"}"), TEXT("{\"a\":}"), TEXT("{\"a\":1"), TEXT("{\"a\":1,}"), TEXT("{,}"),
        TEXT("{a:1}"), TEXT("{1:1}"), TEXT("{\"a\" 1}"), TEXT("{\"a\":1]"),
        TEXT("{\"a\":1 \"b\":2}"), TEXT("[1] x"), TEXT("[1]]"), TEXT("1 2"), TEXT("nul"),
        TEXT("nulL"), TEXT("True"), TEXT("truex"), TEXT("['a']"), TEXT("[1/*c*/]"), TEXT("// c\n1"),
        TEXT("[+1]"), TEXT("[01]"), TEXT("[1.]"), TEXT("[.5]"), TEXT("[1e]"), TEXT("[-]"),
        TEXT("[NaN]"), TEXT("[Infinity]"), TEXT("\xef\xbb\xbf[1]"), TEXT("[1]\0"), TEXT("\0"),
        TEXT("[\v1]"), TEXT("[1]\f"), TEXT("\xc2\xa0[]")};

    assert_refused(rows, sizeof rows / sizeof *rows);
}

static void
bad_strings_are_refused(void **state)
{
    (void)state;
    const struct text rows[] = {TEXT("\""), TEXT("\"abc"), TEXT("\"abcdefghijk"), TEXT("\"\\"),
        TEXT("\"\\\""), TEXT("[\"\xff\"]"), TEXT("[\"\xc0\xaf\"]"), TEXT("[\"\xed\xa0\x80\"]"),
        TEXT("[\"\xf4\x90\x80\x80\"]"), TEXT("[\"\xe2\x82\"]"), TEXT("[\"\xe2\x82"),
        TEXT("[\"\x80\"]"), TEXT("[\"\\ud800\"]"), TEXT("[\"\\udc00\"]"),
        TEXT("[\"\\ud800\\ud800\"]"), TEXT("[\"\\ud800x\"]"), TEXT("[\"\\ud800\\n\"]"),
        TEXT("[\"\\ud83d\\u"), TEXT("[\"\\u0000\"]"), TEXT("[\"\\u00\"]"), TEXT("[\"\\u00g0\"]"),
        TEXT("[\"\\U0041\"]"), TEXT("[\"\\x41\"]"), TEXT("[\"\\a\"]"), TEXT("[\"\\\0\"]"),
        TEXT("[\"\0\"]"), TEXT("[\"\x01\"]"), TEXT("[\"a\tb\"]"), TEXT("[\"a\nb\"]"),
        TEXT("[\"12345678\x1f\"]")};

    assert_refused(rows, sizeof rows / sizeof *rows);
}

static void
every_prefix_of_a_document_is_refused(void **state)
{
    (void)state;
    struct text document =
        TEXT("{\"id\":-1.5e+3,\"t\":[true,false,null,\"a\\u00e9\\ud83d\\ude80\xe2\x82\xac\"]}");

    assert_null(problem_of(document));
    for (size_t i = 0; i < document.length; i++)
        if (!problem_of(text_from(document.data, i)))
            fail_msg("accepted the first %zu bytes", i);
}

static void
a_key_twice_is_refused_however_it_is_spelt(void **state)
{
    (void)state;
    const struct text twice[] = {TEXT("{\"a\":1,\"a\":2}"), TEXT("{\"a\":1,\"\\u0061\":2}"),
        TEXT("{\"\\u0061\":1,\"a\":2}"), TEXT("{\"\\u0061\":1,\"\\u0061\":2}"),
        TEXT("{\"\":1,\"\":2}"), TEXT("{\"x\":1,\"a\":{\"x\":1},\"x\":2}"),
        TEXT("{\"\\ud83d\\ude80\":1,\"\xf0\x9f\x9a\x80\":2}"), TEXT("[{\"k\":{\"a\":1,\"a\":2}}]"),
        TEXT("{\"abcdefghijkl\":1,\"abcdefghijk\\u006c\":2}")};
    const struct text once[] = {TEXT("{\"a\":1,\"A\":2}"), TEXT("{\"a\":{\"a\":1}}"),
        TEXT("[{\"a\":1},{\"a\":2}]"), TEXT("{\"a\":{\"b\":1},\"b\":2}"),
        TEXT("{\"a\":1,\"a\\u0020\":2}")};

    assert_refused(twice, sizeof twice / sizeof *twice);
    assert_whole(once, sizeof once / sizeof *once);
}

/* An object of `count` keys, the last one spelt like the first when `twice`. */
static const char *
problem_of_keys(int count, bool twice)
{
    struct buffer document = {0};
    buffer_add_byte(&document, '{');
    for (int i = 0; i < count; i++)
        buffer_format(&document, "%s\"k%d\":0", i ? "," : "", twice && i == count - 1 ? 0 : i);
    buffer_add_byte(&document, '}');
    const char *problem = problem_of(buffer_text(&document));
    buffer_release(&document);
    return problem;
}

static void
keys_are_compared_up_to_1024(void **state)
{
    (void)state;
    assert_null(problem_of_keys(JSON_OPEN_KEYS_MAX, false));
    assert_string_equal(
        problem_of_keys(JSON_OPEN_KEYS_MAX + 1, false), "more than 1024 keys are open");
    for (int count = 2; count <= 70; count++)
        assert_string_equal(problem_of_keys(count, true), "an object has one key twice");
    assert_string_equal(problem_of_keys(JSON_OPEN_KEYS_MAX, true), "an object has one key twice");
}

static const char *
problem_of_depth(int depth, bool closed)
{
    struct buffer document = {0};
    for (int i = 0; i < depth; i++)
        buffer_add_text(&document, i % 2 ? TEXT("{\"k\":") : TEXT("["));
    buffer_add_byte(&document, '1');
    for (int i = depth - 1; closed && i >= 0; i--)
        buffer_add_byte(&document, i % 2 ? '}' : ']');
    const char *problem = problem_of(buffer_text(&document));
    buffer_release(&document);
    return problem;
}

static void
values_nest_up_to_64_levels(void **state)
{
    (void)state;
    assert_null(problem_of_depth(JSON_DEPTH_MAX, true));
    assert_non_null(problem_of_depth(JSON_DEPTH_MAX, false));
    assert_string_equal(
        problem_of_depth(JSON_DEPTH_MAX + 1, true), "values are nested deeper than 64 levels");
    assert_string_equal(
        problem_of_depth(1000000, false), "values are nested deeper than 64 levels");
}

static const char *
problem_of_key(const char *opening, struct text key)
{
    struct buffer document = {0};
    buffer_add_text(&document, text_of(opening));
    buffer_add_text(&document, key);
    buffer_add_text(&document, TEXT("\":1}"));
    const char *problem = problem_of(buffer_text(&document));
    buffer_release(&document);
    return problem;
}

static void
a_key_with_escapes_has_256_bytes_at_most(void **state)
{
    (void)state;
    char letters[257];
    memset(letters, 'k', sizeof letters);

    assert_null(problem_of_key("{\"\\n", text_from(letters, 254)));
    assert_non_null(problem_of_key("{\"\\n", text_from(letters, 255)));
    assert_null(problem_of_key("{\"", text_from(letters, 257)));
}

static void
the_first_error_sticks(void **state)
{
    (void)state;
    struct json_reader reader;
    struct text key, text;
    json_reader_init(&reader, TEXT("{\"limit\":0,\"x\":}"));

    assert_true(json_object_begin(&reader));
    assert_true(json_object_next(&reader, &key));
    assert_true(json_skip(&reader));
    json_fail(&reader, "limit must be 1 to 100");

    assert_false(json_object_next(&reader, &key));
    assert_false(json_array_next(&reader));
    assert_false(json_skip(&reader));
    assert_false(json_read_raw(&reader, &text));
    assert_int_equal(json_peek(&reader), JSON_INVALID);
    assert_false(json_reader_end(&reader));
    assert_string_equal(json_reader_problem(&reader), "limit must be 1 to 100");
    assert_int_equal(json_reader_offset(&reader), 10);
}

static void
an_error_is_told_with_its_place(void **state)
{
    (void)state;
    struct json_reader reader;

    json_reader_init(&reader, TEXT("{\"a\": [1, x]}"));
    assert_false(json_skip(&reader));
    assert_int_equal(json_reader_offset(&reader), 10);
    assert_string_equal(json_reader_problem(&reader), "a value is expected here");

    json_reader_init(&reader, TEXT("[\"abc\xff\"]"));
    assert_false(json_skip(&reader));
    assert_int_equal(json_reader_offset(&reader), 5);

    json_reader_init(&reader, TEXT("[1"));
    assert_false(json_skip(&reader));
    assert_string_equal(json_reader_problem(&reader), "the document ends too early");
}

static void
a_document_that_was_left_early_is_not_whole(void **state)
{
    (void)state;
    struct json_reader reader;
    json_reader_init(&reader, TEXT("[1]"));
    assert_true(json_array_begin(&reader));

    assert_false(json_reader_end(&reader));
    assert_string_equal(json_reader_problem(&reader), "the document was not read to its end");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_documents_pass),
        cmocka_unit_test(malformed_documents_are_refused),
        cmocka_unit_test(bad_strings_are_refused),
        cmocka_unit_test(every_prefix_of_a_document_is_refused),
        cmocka_unit_test(a_key_twice_is_refused_however_it_is_spelt),
        cmocka_unit_test(keys_are_compared_up_to_1024),
        cmocka_unit_test(values_nest_up_to_64_levels),
        cmocka_unit_test(a_key_with_escapes_has_256_bytes_at_most),
        cmocka_unit_test(the_first_error_sticks),
        cmocka_unit_test(an_error_is_told_with_its_place),
        cmocka_unit_test(a_document_that_was_left_early_is_not_whole),
    };
    return cmocka_run_group_tests_name("json reader", tests, NULL, NULL);
}
