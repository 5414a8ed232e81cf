#include <math.h>
#include <stdlib.h>

#include "metrics-svc/series.h"

#include "pushes.h"

static const struct series_bucket buckets[] = {{-512, 1}, {-3, UINT64_MAX}, {0, 7}, {512, 2}};

static const struct series_value values[] = {
    {.id = 1, .number = 0},
    {.id = 2, .number = 9007199254740992.0},
    {.id = 7, .number = -12},
    {.id = 8, .number = 0.1},
    {.id = 300, .number = 1e300},
    {.id = 301,
        .is_histogram = true,
        .histogram =
            {.schema = 3, .zero_count = 5, .sum = 1.25, .bucket_count = 4, .buckets = buckets}},
    {.id = UINT32_MAX, .is_histogram = true, .histogram = {.schema = 0}},
};

enum { VALUES = sizeof values / sizeof *values };

static void
make_row(struct buffer *row, bool key_row)
{
    struct series_row_writer writer;
    series_row_begin(&writer, row, key_row, 1700000000123);
    for (size_t i = 0; i < VALUES; i++) {
        struct buffer part = {0};
        series_pack_value(&part, &values[i]);
        series_row_add(&writer, values[i].id, buffer_text(&part));
        buffer_release(&part);
    }
}

static int
set_up(void **state)
{
    static struct buffer row;
    row = (struct buffer){0};
    make_row(&row, true);
    *state = &row;
    return 0;
}

static int
tear_down(void **state)
{
    buffer_release(*state);
    return 0;
}

static void
a_row_comes_back_as_it_was(void **state)
{
    struct series_row_reader reader;
    assert_int_equal(series_row_open(&reader, buffer_text(*state)), STATUS_OK);
    assert_true(reader.key_row);
    assert_int_equal(reader.started_at_ms, 1700000000123);

    for (size_t i = 0; i < VALUES; i++) {
        struct series_value value;
        assert_int_equal(series_row_next(&reader, &value), STATUS_OK);
        assert_int_equal(value.id, values[i].id);
        assert_int_equal(value.is_histogram, values[i].is_histogram);
        assert_true(value.number == values[i].number);
        assert_int_equal(value.histogram.schema, values[i].histogram.schema);
        assert_int_equal(value.histogram.zero_count, values[i].histogram.zero_count);
        assert_true(value.histogram.sum == values[i].histogram.sum);
        assert_int_equal(value.histogram.bucket_count, values[i].histogram.bucket_count);
        for (size_t b = 0; b < value.histogram.bucket_count; b++) {
            assert_int_equal(value.histogram.buckets[b].index, buckets[b].index);
            assert_int_equal(value.histogram.buckets[b].count, buckets[b].count);
        }
    }
    struct series_value none;
    assert_int_equal(series_row_next(&reader, &none), STATUS_NOT_FOUND);
}

static void
a_row_without_values_takes_eight_bytes(void **state)
{
    (void)state;
    struct buffer row = {0};
    struct series_row_writer writer;

    series_row_begin(&writer, &row, false, 1700000000123);

    assert_int_equal(row.length, 2 + 6);
    struct series_row_reader reader;
    struct series_value none;
    assert_int_equal(series_row_open(&reader, buffer_text(&row)), STATUS_OK);
    assert_false(reader.key_row);
    assert_int_equal(series_row_next(&reader, &none), STATUS_NOT_FOUND);
    buffer_release(&row);
}

static void
numbers_that_are_none_come_back_too(void **state)
{
    (void)state;
    struct buffer row = {0}, part = {0};
    struct series_row_writer writer;
    series_row_begin(&writer, &row, true, 0);
    series_pack_value(&part, &(struct series_value){.number = (double)NAN});
    series_row_add(&writer, 1, buffer_text(&part));
    buffer_clear(&part);
    series_pack_value(&part, &(struct series_value){.number = (double)-INFINITY});
    series_row_add(&writer, 2, buffer_text(&part));

    struct series_row_reader reader;
    struct series_value value;
    assert_int_equal(series_row_open(&reader, buffer_text(&row)), STATUS_OK);
    assert_int_equal(series_row_next(&reader, &value), STATUS_OK);
    assert_true(isnan(value.number));
    assert_int_equal(series_row_next(&reader, &value), STATUS_OK);
    assert_true(isinf(value.number) && value.number < 0);
    buffer_release(&row);
    buffer_release(&part);
}

/* Reads to the end; OK when the row was whole. */
static enum status
read_all(struct text row)
{
    struct series_row_reader reader;
    struct series_value value;
    enum status status = series_row_open(&reader, row);
    while (status == STATUS_OK)
        status = series_row_next(&reader, &value);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static void
a_cut_row_is_damage_or_ends_between_two_values(void **state)
{
    struct buffer *row = *state;
    size_t whole = 0;

    for (size_t length = 0; length < row->length; length++) {
        /* A copy of the exact size, so that reading past the end is seen. */
        char *copy = malloc(length ? length : 1);
        assert_non_null(copy);
        memcpy(copy, row->data, length);
        whole += read_all(text_from(copy, length)) == STATUS_OK;
        free(copy);
    }

    assert_int_equal(whole, VALUES);
}

static void
random_damage_is_told_or_read_but_never_worse(void **state)
{
    struct buffer *row = *state;
    unsigned seed = 42;

    for (int round = 0; round < 20000; round++) {
        size_t place = (size_t)rand_r(&seed) % row->length;
        char before = row->data[place];
        row->data[place] = (char)rand_r(&seed);
        enum status status = read_all(buffer_text(row));
        assert_true(status == STATUS_OK || status == STATUS_DATA_LOSS);
        row->data[place] = before;
    }
    assert_int_equal(read_all(buffer_text(row)), STATUS_OK);
}

static void
a_row_of_another_format_is_refused(void **state)
{
    struct buffer *row = *state;

    row->data[0] = 2;
    assert_int_equal(read_all(buffer_text(row)), STATUS_DATA_LOSS);
    row->data[0] = 1;
    row->data[1] = 2;
    assert_int_equal(read_all(buffer_text(row)), STATUS_DATA_LOSS);
    assert_int_equal(read_all(TEXT("")), STATUS_DATA_LOSS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_row_comes_back_as_it_was),
        TEST(a_row_without_values_takes_eight_bytes),
        TEST(numbers_that_are_none_come_back_too),
        TEST(a_cut_row_is_damage_or_ends_between_two_values),
        TEST(random_damage_is_told_or_read_but_never_worse),
        TEST(a_row_of_another_format_is_refused),
    };
    return cmocka_run_group_tests_name("metrics series", tests, NULL, NULL);
}
