#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/json/number.h"

static bool
is_number(const char *string)
{
    struct text text = text_of(string);
    return json_number_end(text.data, text.data + text.length) == text.data + text.length;
}

static void
the_grammar_is_strict(void **state)
{
    (void)state;
    static const char *const good[] = {"0", "-0", "1", "10", "-12", "0.0", "0.5", "-0.25", "1e5",
        "1E5", "1e+5", "1e-5", "1.5e300", "0e0", "123456789012345678901234567890"};
    static const char *const bad[] = {"", "-", "+1", "01", "-01", "00", "1.", ".5", "-.5", "1e",
        "1e+", "1.e5", "1.5.5", "0x10", "1_000", "NaN", "Infinity", "-Infinity", " 1", "1 ",
        "1e5.5", "--1"};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!is_number(good[i]))
            fail_msg("refused: %s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (is_number(bad[i]))
            fail_msg("accepted: %s", bad[i]);
}

static void
integers_may_be_spelt_with_point_and_exponent(void **state)
{
    (void)state;
    static const struct {
        const char *string;
        int64_t value;
    } rows[] = {{"0", 0}, {"-0", 0}, {"0.000", 0}, {"0e99999999999999999999", 0}, {"0e-5", 0},
        {"42", 42}, {"-42", -42}, {"1.0", 1}, {"-1.50e1", -15}, {"1e3", 1000}, {"100e-2", 1},
        {"1200.0e-2", 12}, {"9007199254740993", 9007199254740993},
        {"9223372036854775807", INT64_MAX}, {"-9223372036854775808", INT64_MIN},
        {"9.223372036854775807e18", INT64_MAX}, {"-92233720368547758080e-1", INT64_MIN}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t value = 7;
        if (!json_number_integer(text_of(rows[i].string), &value) || value != rows[i].value)
            fail_msg("%s was read as %lld", rows[i].string, (long long)value);
    }
}

static void
what_is_no_integer_of_64_bits_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {"0.5", "1.25e1", "1e-1", "9223372036854775808",
        "-9223372036854775809", "18446744073709551616", "1e19", "1e400", "1e99999999999999999999",
        "1e-99999999999999999999", "123456789012345678901234567890"};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t value;
        if (json_number_integer(text_of(rows[i]), &value))
            fail_msg("accepted: %s", rows[i]);
    }
}

static uint64_t
bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void
doubles_are_the_nearest(void **state)
{
    (void)state;
    static const char *const rows[] = {"0", "-0.0", "0.1", "1.5", "-2.25e-3", "123456789012345",
        "9007199254740993", "1e22", "1e23", "1.7976931348623157e308", "4.9e-324", "1e-400",
        "2.2250738585072011e-308", "0.30000000000000004", "8.41e21", "3.141592653589793238462643"};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double value = 7;
        double wanted = strtod(rows[i], NULL);
        assert_true(json_number_double(text_of(rows[i]), &value));
        if (bits_of(value) != bits_of(wanted))
            fail_msg("%s was read as %.17g", rows[i], value);
    }
}

static void
a_double_has_bounds_of_size_and_length(void **state)
{
    (void)state;
    char digits[JSON_NUMBER_BYTES_MAX + 2];
    memset(digits, '1', sizeof digits);
    digits[1] = '.';
    double value;

    assert_false(json_number_double(TEXT("1e400"), &value));
    assert_false(json_number_double(TEXT("-1e309"), &value));
    assert_true(json_number_double(text_from(digits, JSON_NUMBER_BYTES_MAX), &value));
    assert_false(json_number_double(text_from(digits, JSON_NUMBER_BYTES_MAX + 1), &value));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_grammar_is_strict),
        cmocka_unit_test(integers_may_be_spelt_with_point_and_exponent),
        cmocka_unit_test(what_is_no_integer_of_64_bits_is_refused),
        cmocka_unit_test(doubles_are_the_nearest),
        cmocka_unit_test(a_double_has_bounds_of_size_and_length),
    };
    return cmocka_run_group_tests_name("json number", tests, NULL, NULL);
}
