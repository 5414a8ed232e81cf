#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/json/reader.h"
#include "common/json/writer.h"

static int
setup(void **state)
{
    static struct buffer out;
    *state = &out;
    return 0;
}

static int
teardown(void **state)
{
    buffer_release(*state);
    return 0;
}

static void
commas_and_quotes_fall_into_place(void **state)
{
    struct buffer *out = *state;
    struct json_writer writer;
    json_writer_init(&writer, out);

    json_write_object_begin(&writer);
    json_write_key(&writer, "a");
    json_write_array_begin(&writer);
    json_write_integer(&writer, INT64_MIN);
    json_write_unsigned(&writer, UINT64_MAX);
    json_write_object_begin(&writer);
    json_write_object_end(&writer);
    json_write_array_begin(&writer);
    json_write_array_end(&writer);
    json_write_null(&writer);
    json_write_array_end(&writer);
    json_write_key_text(&writer, TEXT("b\"c"));
    json_write_boolean(&writer, true);
    json_write_key(&writer, "d");
    json_write_boolean(&writer, false);
    json_write_key(&writer, "e");
    json_write_raw(&writer, TEXT("[1, 2]"));
    json_write_key(&writer, "f");
    json_write_string(&writer, "x");
    json_write_object_end(&writer);

    assert_string_equal(buffer_string(out),
        "{\"a\":[-9223372036854775808,18446744073709551615,{},[],null],"
        "\"b\\\"c\":true,\"d\":false,\"e\":[1, 2],\"f\":\"x\"}");
}

static void
a_level_may_be_left_and_entered_again(void **state)
{
    struct buffer *out = *state;
    struct json_writer writer;
    json_writer_init(&writer, out);

    json_write_array_begin(&writer);
    for (int i = 0; i < 2; i++) {
        json_write_array_begin(&writer);
        json_write_integer(&writer, i);
        json_write_array_end(&writer);
    }
    json_write_array_end(&writer);

    assert_string_equal(buffer_string(out), "[[0],[1]]");
}

static void
sixty_four_levels_are_written(void **state)
{
    struct buffer *out = *state;
    struct json_writer writer;
    json_writer_init(&writer, out);

    for (int i = 0; i < JSON_DEPTH_MAX; i++)
        json_write_array_begin(&writer);
    json_write_integer(&writer, 1);
    json_write_integer(&writer, 2);
    for (int i = 0; i < JSON_DEPTH_MAX; i++)
        json_write_array_end(&writer);

    struct json_reader reader;
    json_reader_init(&reader, buffer_text(out));
    assert_true(json_skip(&reader));
    assert_true(json_reader_end(&reader));
}

static void
texts_are_escaped(void **state)
{
    struct buffer *out = *state;
    const struct {
        struct text plain;
        const char *escaped;
    } rows[] = {
        {TEXT(""), ""},
        {TEXT("plain text of more than eight bytes"), "plain text of more than eight bytes"},
        {TEXT("\"\\/\b\f\n\r\t"), "\\\"\\\\/\\b\\f\\n\\r\\t"},
        {TEXT("1234567\"90123\\"), "1234567\\\"90123\\\\"},
        {TEXT("a\0b\x1f\x7f"), "a\\u0000b\\u001f\\u007f"},
        {TEXT("\xc2\x80\xc2\x9f\xc2\xa0"), "\\u0080\\u009f\xc2\xa0"},
        {TEXT("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa"),
            "\xe2\x80\xa7\\u2028\\u2029\xe2\x80\xaa"},
        {TEXT("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x9a\x80"),
            "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x9a\x80"},
        {TEXT("\xff|\xc0\xaf|\xed\xa0\x80|\xe2\x82"),
            "\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd|"
            "\xef\xbf\xbd\xef\xbf\xbd"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buffer_clear(out);
        json_escape(out, rows[i].plain);
        assert_string_equal(buffer_string(out), rows[i].escaped);
    }
}

static void
every_byte_at_every_place_is_escaped_alike(void **state)
{
    struct buffer *out = *state;

    for (size_t place = 0; place < 20; place++)
        for (unsigned byte = 1; byte < 0x80; byte++) {
            char plain[20];
            memset(plain, 'x', sizeof plain);
            plain[place] = (char)byte;
            struct json_writer writer;
            buffer_clear(out);
            json_writer_init(&writer, out);
            json_write_text(&writer, text_from(plain, sizeof plain));

            struct arena arena;
            struct json_reader reader;
            struct text back;
            arena_init(&arena, 1024);
            json_reader_init(&reader, buffer_text(out));
            assert_true(json_read_string(&reader, &arena, &back));
            assert_true(json_reader_end(&reader));
            assert_true(text_equals(back, text_from(plain, sizeof plain)));
            arena_release(&arena);
        }
}

static void
numbers_are_short_and_read_back(void **state)
{
    struct buffer *out = *state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {{0, "0"}, {1, "1"}, {-1.5, "-1.5"}, {0.1, "0.1"}, {0.1234567, "0.1234567"},
        {0.1 + 0.2, "0.30000000000000004"}, {1e300, "1e+300"}, {5e-324, "4.94066e-324"},
        {9007199254740991, "9007199254740991"}, {(double)NAN, "null"}, {-(double)INFINITY, "null"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct json_writer writer;
        buffer_clear(out);
        json_writer_init(&writer, out);
        json_write_number(&writer, rows[i].value);
        assert_string_equal(buffer_string(out), rows[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(commas_and_quotes_fall_into_place, setup, teardown),
        cmocka_unit_test_setup_teardown(a_level_may_be_left_and_entered_again, setup, teardown),
        cmocka_unit_test_setup_teardown(sixty_four_levels_are_written, setup, teardown),
        cmocka_unit_test_setup_teardown(texts_are_escaped, setup, teardown),
        cmocka_unit_test_setup_teardown(
            every_byte_at_every_place_is_escaped_alike, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_are_short_and_read_back, setup, teardown),
    };
    return cmocka_run_group_tests_name("json writer", tests, NULL, NULL);
}
