#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/text.h"

static void
an_integer_must_fill_the_text_and_its_range(void **state)
{
    (void)state;
    int64_t value = 7;
    assert_int_equal(text_to_integer(TEXT("-42"), -100, 100, &value), STATUS_OK);
    assert_int_equal(value, -42);
    assert_int_equal(
        text_to_integer(TEXT("-9223372036854775808"), INT64_MIN, INT64_MAX, &value), STATUS_OK);
    assert_int_equal(value, INT64_MIN);
    assert_int_equal(text_to_integer(TEXT("9223372036854775808"), INT64_MIN, INT64_MAX, &value),
        STATUS_OUT_OF_RANGE);
    assert_int_equal(text_to_integer(TEXT("101"), 0, 100, &value), STATUS_OUT_OF_RANGE);
    assert_int_equal(text_to_integer(TEXT(""), 0, 100, &value), STATUS_INVALID_ARGUMENT);
    assert_int_equal(text_to_integer(TEXT("-"), 0, 100, &value), STATUS_INVALID_ARGUMENT);
    assert_int_equal(text_to_integer(TEXT("1 "), 0, 100, &value), STATUS_INVALID_ARGUMENT);
    assert_int_equal(text_to_integer(TEXT("+1"), 0, 100, &value), STATUS_INVALID_ARGUMENT);
}

static void
only_well_formed_utf8_passes(void **state)
{
    (void)state;
    assert_true(text_is_utf8(TEXT("")));
    assert_true(text_is_utf8(TEXT("plain ascii of more than eight bytes")));
    assert_true(text_is_utf8(TEXT("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x9a\x80")));
    assert_false(text_is_utf8(TEXT("\xff")));
    assert_false(text_is_utf8(TEXT("overlong \xc0\xaf")));
    assert_false(text_is_utf8(TEXT("surrogate \xed\xa0\x80")));
    assert_false(text_is_utf8(TEXT("too high \xf4\x90\x80\x80")));
    assert_false(text_is_utf8(TEXT("cut \xe2\x82")));
}

static void
a_cut_keeps_characters_whole(void **state)
{
    (void)state;
    assert_int_equal(text_cut(TEXT("a\xe2\x82\xac"), 3).length, 1);
    assert_int_equal(text_cut(TEXT("a\xe2\x82\xac"), 4).length, 4);
    assert_int_equal(text_cut(TEXT("a\xe2\x82\xac"), 9).length, 4);
}

static void
header_names_compare_without_case(void **state)
{
    (void)state;
    assert_true(text_equals_ignoring_case(TEXT("Content-Type"), TEXT("content-TYPE")));
    assert_false(text_equals_ignoring_case(TEXT("Content-Type"), TEXT("content-typ")));
    assert_true(text_equals(text_trim(TEXT(" \t name \t")), TEXT("name")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_integer_must_fill_the_text_and_its_range),
        cmocka_unit_test(only_well_formed_utf8_passes),
        cmocka_unit_test(a_cut_keeps_characters_whole),
        cmocka_unit_test(header_names_compare_without_case),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
