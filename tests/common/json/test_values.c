#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/json/reader.h"

static void
values_are_read_as_they_come(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1024);
    struct json_reader reader;
    struct text key, plain = {0}, escaped = {0}, raw = {0};
    int64_t integer = 0;
    double number = 0;
    bool boolean = false;
    json_reader_init(&reader,
        TEXT(" {\"s\":\"pl\\u0061in\",\"t\":\"x\",\"i\":-12,\"d\":0.5,\"b\":true,\"n\":null,"
             "\"r\": {\"x\" : [1, \"]\"]} ,\"a\":[1,2]} "));

    assert_true(json_object_begin(&reader));
    assert_true(json_object_next(&reader, &key) && text_is(key, "s"));
    assert_true(json_read_string(&reader, &arena, &escaped));
    assert_true(json_object_next(&reader, &key) && text_is(key, "t"));
    assert_true(json_read_string(&reader, &arena, &plain));
    assert_true(json_object_next(&reader, &key) && json_peek(&reader) == JSON_NUMBER);
    assert_true(json_read_integer(&reader, &integer));
    assert_true(json_object_next(&reader, &key) && json_read_number(&reader, &number));
    assert_true(json_object_next(&reader, &key) && json_peek(&reader) == JSON_TRUE);
    assert_true(json_read_boolean(&reader, &boolean));
    assert_true(json_object_next(&reader, &key) && json_peek(&reader) == JSON_NULL);
    assert_true(json_read_null(&reader));
    assert_true(json_object_next(&reader, &key) && json_read_raw(&reader, &raw));
    assert_true(json_object_next(&reader, &key) && json_array_begin(&reader));
    int64_t sum = 0;
    for (int64_t item; json_array_next(&reader) && json_read_integer(&reader, &item);)
        sum = sum * 10 + item;
    assert_false(json_object_next(&reader, &key));
    assert_true(json_reader_end(&reader));

    assert_true(text_is(escaped, "plain") && text_is(plain, "x"));
    assert_true(text_is(raw, "{\"x\" : [1, \"]\"]}"));
    assert_int_equal(integer, -12);
    assert_true(number > 0.49 && number < 0.51 && boolean);
    assert_int_equal(sum, 12);
    arena_release(&arena);
}

static void
raw_values_are_the_documents_own_bytes(void **state)
{
    (void)state;
    const struct text rows[] = {TEXT("0"), TEXT("18446744073709551617"), TEXT("1.50"),
        TEXT("\"server-\\u0064iscover\""), TEXT("null"), TEXT("{ \"a\" : 1 }")};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct json_reader reader;
        struct text raw;
        json_reader_init(&reader, rows[i]);
        assert_true(json_read_raw(&reader, &raw));
        assert_true(json_reader_end(&reader));
        assert_ptr_equal(raw.data, rows[i].data);
        assert_int_equal(raw.length, rows[i].length);
    }
}

static void
escapes_become_characters(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1024);
    struct json_reader reader;
    struct text value;
    json_reader_init(
        &reader, TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t \\u0001\\u007f\\u0080\\u07ff\\u0800\\uFFFF"
                      "\\ud800\\udc00\\udbff\\udfff.\""));

    assert_true(json_read_string(&reader, &arena, &value));
    assert_true(json_reader_end(&reader));
    assert_true(text_is(value, "\"\\/\b\f\n\r\t \x01\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"
                               "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf."));
    arena_release(&arena);
}

static void
a_string_with_escapes_must_fit_the_arena(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 16);
    struct json_reader reader;
    struct text value;

    json_reader_init(&reader, TEXT("\"\\n12345678901234\""));
    assert_true(json_read_string(&reader, &arena, &value));
    arena_reset(&arena);
    json_reader_init(&reader, TEXT("\"\\n123456789012345\""));
    assert_false(json_read_string(&reader, &arena, &value));
    assert_string_equal(json_reader_problem(&reader), "a string with escapes is too long");
    arena_release(&arena);
}

static void
another_type_is_an_error_with_words(void **state)
{
    (void)state;
    struct json_reader reader;
    struct text text;
    int64_t integer;
    double number;
    bool boolean;

    json_reader_init(&reader, TEXT("[]"));
    assert_false(json_object_begin(&reader));
    assert_string_equal(json_reader_problem(&reader), "an object is expected here");
    json_reader_init(&reader, TEXT("{}"));
    assert_false(json_array_begin(&reader));
    json_reader_init(&reader, TEXT("1"));
    assert_false(json_read_string(&reader, NULL, &text));
    json_reader_init(&reader, TEXT("\"1\""));
    assert_false(json_read_integer(&reader, &integer));
    json_reader_init(&reader, TEXT("1.5"));
    assert_false(json_read_integer(&reader, &integer));
    assert_string_equal(json_reader_problem(&reader), "an integer of 64 bits is expected here");
    json_reader_init(&reader, TEXT("null"));
    assert_false(json_read_number(&reader, &number));
    json_reader_init(&reader, TEXT("1e400"));
    assert_false(json_read_number(&reader, &number));
    assert_string_equal(json_reader_problem(&reader), "a number is too large");
    json_reader_init(&reader, TEXT("null"));
    assert_false(json_read_boolean(&reader, &boolean));
    json_reader_init(&reader, TEXT("nil"));
    assert_false(json_read_null(&reader));
    assert_false(json_reader_end(&reader));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read_as_they_come),
        cmocka_unit_test(raw_values_are_the_documents_own_bytes),
        cmocka_unit_test(escapes_become_characters),
        cmocka_unit_test(a_string_with_escapes_must_fit_the_arena),
        cmocka_unit_test(another_type_is_an_error_with_words),
    };
    return cmocka_run_group_tests_name("json values", tests, NULL, NULL);
}
