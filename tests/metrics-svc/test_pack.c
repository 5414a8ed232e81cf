#include <math.h>

#include "metrics-svc/pack.h"

#include "pushes.h"

static int
set_up(void **state)
{
    static struct buffer out;
    buffer_clear(&out);
    *state = &out;
    return 0;
}

static int
tear_down(void **state)
{
    buffer_release(*state);
    return 0;
}

static void
whole_numbers_come_back(void **state)
{
    struct buffer *out = *state;
    static const uint64_t values[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, UINT64_MAX};
    static const int64_t signed_values[] = {0, -1, 1, -64, 64, INT64_MIN, INT64_MAX};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        pack_unsigned(out, values[i]);
    for (size_t i = 0; i < sizeof signed_values / sizeof *signed_values; i++)
        pack_signed(out, signed_values[i]);

    struct unpack unpack = {.rest = buffer_text(out)};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_true(unpack_unsigned(&unpack) == values[i]);
    for (size_t i = 0; i < sizeof signed_values / sizeof *signed_values; i++)
        assert_true(unpack_signed(&unpack) == signed_values[i]);
    assert_false(unpack.bad);
    assert_int_equal(unpack.rest.length, 0);
}

static void
small_numbers_take_one_byte(void **state)
{
    struct buffer *out = *state;

    pack_unsigned(out, 127);
    pack_signed(out, -64);

    assert_int_equal(out->length, 2);
}

static void
doubles_and_texts_come_back(void **state)
{
    struct buffer *out = *state;

    pack_double(out, -0.1);
    pack_double(out, (double)INFINITY);
    pack_text(out, TEXT("a\0b"));
    pack_text(out, TEXT(""));

    struct unpack unpack = {.rest = buffer_text(out)};
    assert_true(unpack_double(&unpack) == -0.1);
    assert_true(isinf(unpack_double(&unpack)));
    assert_true(text_equals(unpack_text(&unpack), TEXT("a\0b")));
    assert_int_equal(unpack_text(&unpack).length, 0);
    assert_false(unpack.bad);
}

static void
keys_sort_by_their_numbers(void **state)
{
    struct buffer *out = *state;

    pack_key32(out, 0x01020304);
    pack_key64(out, 0x05060708090a0b0c);

    assert_memory_equal(out->data, "\1\2\3\4\5\6\7\x08\x09\x0a\x0b\x0c", 12);
    struct unpack unpack = {.rest = buffer_text(out)};
    assert_int_equal(unpack_key32(&unpack), 0x01020304);
    assert_int_equal(unpack_key64(&unpack), 0x05060708090a0b0c);
}

static void
an_end_that_comes_too_early_is_bad_and_stays_so(void **state)
{
    (void)state;
    struct unpack varint = {.rest = TEXT("\x80")};
    struct unpack endless = {.rest = TEXT("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\1")};
    struct unpack too_large = {.rest = TEXT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02")};
    struct unpack number = {.rest = TEXT("1234567")};
    struct unpack text = {.rest = TEXT("\x05"
                                       "abcd")};
    struct unpack huge_text = {.rest = TEXT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01z")};

    assert_int_equal(unpack_unsigned(&varint), 0);
    assert_int_equal(unpack_unsigned(&endless), 0);
    assert_int_equal(unpack_unsigned(&too_large), 0);
    assert_true(unpack_double(&number) == 0);
    assert_int_equal(unpack_text(&text).length, 0);
    assert_int_equal(unpack_text(&huge_text).length, 0);

    assert_true(
        varint.bad && endless.bad && too_large.bad && number.bad && text.bad && huge_text.bad);
    assert_int_equal(unpack_unsigned(&text), 0);
    assert_true(text.bad);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whole_numbers_come_back),
        TEST(small_numbers_take_one_byte),
        TEST(doubles_and_texts_come_back),
        TEST(keys_sort_by_their_numbers),
        TEST(an_end_that_comes_too_early_is_bad_and_stays_so),
    };
    return cmocka_run_group_tests_name("metrics pack", tests, NULL, NULL);
}
