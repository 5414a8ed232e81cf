#include <math.h>

#include "metrics-svc/aggregate.h"

#include "pushes.h"

/* Steps of 60 s from 1000 s on; the program started at 900 s. */
enum { START = 1000000, STEP = 60000, END = START + 10 * STEP, RUN = 900000 };

static void
add(struct aggregate *self, int64_t time_ms, int64_t run_ms, double value)
{
    const struct aggregate_row row = {.time_ms = time_ms, .started_at_ms = run_ms};
    aggregate_add(self, &row, &(struct series_value){.number = value});
}

static struct aggregate *
make(enum series_kind kind, enum aggregation aggregation)
{
    const struct aggregate_options options = {kind, aggregation, START, STEP, END};
    return aggregate_create(&options);
}

static void
assert_points(struct aggregate *self, const struct aggregate_point *expected, size_t count)
{
    const struct aggregate_point *points = NULL;
    assert_int_equal(aggregate_finish(self, &points), count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(points[i].at_ms, expected[i].at_ms);
        if (fabs(points[i].value - expected[i].value) > 1e-9 * fabs(expected[i].value))
            fail_msg("point %zu: %.12g is not %.12g", i, points[i].value, expected[i].value);
    }
    aggregate_destroy(&self);
}

#define POINTS(...)                                                                                \
    (const struct aggregate_point[]){__VA_ARGS__},                                                 \
        sizeof((const struct aggregate_point[]){__VA_ARGS__}) / sizeof(struct aggregate_point)

/* 100 more each 15 s for two minutes, then 400 more each 15 s for one. */
static void
feed_counter(struct aggregate *self)
{
    double value = 0;
    for (int64_t time = START - 15000; time <= START + 120000; time += 15000)
        add(self, time, RUN, value += 100);
    for (int64_t time = START + 135000; time <= START + 180000; time += 15000)
        add(self, time, RUN, value += 400);
}

static void
a_counter_becomes_its_rate(void **state)
{
    (void)state;
    struct aggregate *rate = make(SERIES_COUNTER, AGGREGATE_RATE);
    feed_counter(rate);
    assert_points(rate, POINTS({START + STEP, 100 / 15.0}, {START + 2 * STEP, 100 / 15.0},
                            {START + 3 * STEP, 400 / 15.0}));

    struct aggregate *average = make(SERIES_COUNTER, AGGREGATE_AVG);
    feed_counter(average);
    assert_points(average, POINTS({START + STEP, 100 / 15.0}, {START + 2 * STEP, 100 / 15.0},
                               {START + 3 * STEP, 400 / 15.0}));
}

static void
a_counter_has_sums_extremes_and_quantiles_of_rates(void **state)
{
    (void)state;
    struct aggregate *sum = make(SERIES_COUNTER, AGGREGATE_SUM);
    feed_counter(sum);
    assert_points(
        sum, POINTS({START + STEP, 400}, {START + 2 * STEP, 400}, {START + 3 * STEP, 1600}));

    struct aggregate *greatest = make(SERIES_COUNTER, AGGREGATE_MAX);
    add(greatest, START, RUN, 0);
    add(greatest, START + 15000, RUN, 15);
    add(greatest, START + 30000, RUN, 60);
    assert_points(greatest, POINTS({START + STEP, 3}));

    struct aggregate *median = make(SERIES_COUNTER, AGGREGATE_P50);
    add(median, START, RUN, 0);
    add(median, START + 15000, RUN, 15);
    add(median, START + 30000, RUN, 60);
    add(median, START + 45000, RUN, 90);
    assert_points(median, POINTS({START + STEP, 2}));
}

static void
a_restarted_program_counts_from_zero(void **state)
{
    (void)state;
    struct aggregate *sum = make(SERIES_COUNTER, AGGREGATE_SUM);

    add(sum, START, RUN, 1000);
    add(sum, START + 15000, RUN, 1010);
    add(sum, START + 30000, START + 20000, 5);
    add(sum, START + 45000, START + 20000, 2000);

    assert_points(sum, POINTS({START + STEP, 10 + 5 + 1995}));
}

static void
a_value_that_fell_counts_from_zero(void **state)
{
    (void)state;
    struct aggregate *sum = make(SERIES_COUNTER, AGGREGATE_SUM);

    add(sum, START, RUN, 1000);
    add(sum, START + 15000, RUN, 30);

    assert_points(sum, POINTS({START + STEP, 30}));
}

static void
a_gap_is_no_point_and_its_increase_comes_after(void **state)
{
    (void)state;
    struct aggregate *rate = make(SERIES_COUNTER, AGGREGATE_RATE);

    add(rate, START, RUN, 0);
    add(rate, START + 60000, RUN, 60);
    add(rate, START + 300000, RUN, 540);

    assert_points(rate, POINTS({START + STEP, 1}, {START + 5 * STEP, 2}));
}

static void
a_first_row_counts_only_when_the_program_is_young(void **state)
{
    (void)state;
    struct aggregate *young = make(SERIES_COUNTER, AGGREGATE_RATE);
    add(young, START + 15000, START + 5000, 30);
    assert_points(young, POINTS({START + STEP, 3}));

    struct aggregate *old = make(SERIES_COUNTER, AGGREGATE_RATE);
    add(old, START + 15000, RUN, 30);
    assert_points(old, NULL, 0);
}

static void
a_series_that_appears_began_at_zero(void **state)
{
    (void)state;
    struct aggregate *sum = make(SERIES_COUNTER, AGGREGATE_SUM);
    const struct aggregate_row row = {
        .time_ms = START + 15000, .started_at_ms = RUN, .absent_ms = START};

    aggregate_add(sum, &row, &(struct series_value){.number = 7});

    assert_points(sum, POINTS({START + STEP, 7}));
}

static void
a_series_that_ended_begins_anew(void **state)
{
    (void)state;
    struct aggregate *sum = make(SERIES_COUNTER, AGGREGATE_SUM);

    add(sum, START, RUN, 5);
    aggregate_forget(sum);
    add(sum, START + 15000, RUN, 9);
    add(sum, START + 30000, RUN, 10);

    assert_points(sum, POINTS({START + STEP, 1}));
}

static void
feed_gauge(struct aggregate *self)
{
    static const double values[] = {99, 1, 2, 6, 3, 10};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        add(self, START + (int64_t)i * 15000, RUN, values[i]);
}

static void
a_gauge_has_all_aggregations(void **state)
{
    (void)state;
    static const struct {
        enum aggregation aggregation;
        double first, second;
    } expected[] = {
        {AGGREGATE_AVG, 3, 10},
        {AGGREGATE_MIN, 1, 10},
        {AGGREGATE_MAX, 6, 10},
        {AGGREGATE_SUM, 12, 10},
        {AGGREGATE_P50, 2, 10},
        {AGGREGATE_P95, 6, 10},
        {AGGREGATE_P99, 6, 10},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct aggregate *self = make(SERIES_GAUGE, expected[i].aggregation);
        feed_gauge(self);
        assert_points(self,
            POINTS({START + STEP, expected[i].first}, {START + 2 * STEP, expected[i].second}));
    }

    /* One value has no change: the second step gives no point. */
    struct aggregate *rate = make(SERIES_GAUGE, AGGREGATE_RATE);
    feed_gauge(rate);
    assert_points(rate, POINTS({START + STEP, 2.0 / 45}));
}

/* `ones` values in (1, 2^(1/8)] and `twos` in (2, 2^(9/8)], since the program's start. */
static void
add_histogram(struct aggregate *self, int64_t time_ms, uint64_t ones, uint64_t twos, double sum)
{
    const struct series_bucket buckets[] = {{1, ones}, {9, twos}};
    const struct aggregate_row row = {.time_ms = time_ms, .started_at_ms = RUN};
    const struct series_value value = {.is_histogram = true,
        .histogram = {.schema = 3, .sum = sum, .bucket_count = 2, .buckets = buckets}};
    aggregate_add(self, &row, &value);
}

static void
feed_histogram(struct aggregate *self)
{
    add_histogram(self, START, 1000, 1000, 3000);
    add_histogram(self, START + 30000, 1050, 1000, 3055);
    add_histogram(self, START + 60000, 1050, 1050, 3160);
    add_histogram(self, START + 120000, 1050, 1050, 3160);
    add_histogram(self, START + 180000, 1050, 1060, 3180);
}

static void
a_histogram_is_made_of_bucket_differences(void **state)
{
    (void)state;
    static const struct {
        enum aggregation aggregation;
        double first, third;
    } expected[] = {
        {AGGREGATE_AVG, 1.6, 2},
        {AGGREGATE_MIN, 1, 2},
        {AGGREGATE_MAX, 2.1810154653305154, 2.1810154653305154},
        {AGGREGATE_P50, 1.0905077326652577, 2.0885475648548275},
        {AGGREGATE_P95, 2.1622000356685276, 2.1715873726219836},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct aggregate *self = make(SERIES_HISTOGRAM, expected[i].aggregation);
        feed_histogram(self);
        const struct aggregate_point *points = NULL;
        assert_int_equal(aggregate_finish(self, &points), 2);
        assert_true(fabs(points[0].value - expected[i].first) < 1e-6);
        assert_true(fabs(points[1].value - expected[i].third) < 1e-6);
        assert_int_equal(points[1].at_ms, START + 3 * STEP);
        aggregate_destroy(&self);
    }
}

static void
a_histogram_has_a_rate_and_a_sum_also_when_nothing_came(void **state)
{
    (void)state;
    struct aggregate *rate = make(SERIES_HISTOGRAM, AGGREGATE_RATE);
    feed_histogram(rate);
    assert_points(rate,
        POINTS({START + STEP, 100 / 60.0}, {START + 2 * STEP, 0}, {START + 3 * STEP, 10 / 60.0}));

    struct aggregate *sum = make(SERIES_HISTOGRAM, AGGREGATE_SUM);
    feed_histogram(sum);
    assert_points(sum, POINTS({START + STEP, 160}, {START + 2 * STEP, 0}, {START + 3 * STEP, 20}));
}

static void
the_last_step_is_shown_at_the_end(void **state)
{
    (void)state;
    const struct aggregate_options options = {
        SERIES_GAUGE, AGGREGATE_AVG, START, STEP, START + 70000};
    struct aggregate *self = aggregate_create(&options);

    add(self, START + 65000, RUN, 4);

    assert_points(self, POINTS({START + 70000, 4}));
}

static void
a_value_of_the_wrong_kind_is_left_out(void **state)
{
    (void)state;
    struct aggregate *self = make(SERIES_HISTOGRAM, AGGREGATE_RATE);

    add(self, START + 15000, START, 4);

    assert_points(self, NULL, 0);
}

static void
aggregations_have_names_and_defaults(void **state)
{
    (void)state;
    enum aggregation aggregation = AGGREGATE_AVG;

    assert_true(aggregation_parse(TEXT("p99"), &aggregation));
    assert_int_equal(aggregation, AGGREGATE_P99);
    assert_false(aggregation_parse(TEXT("p98"), &aggregation));
    assert_false(aggregation_parse(TEXT(""), &aggregation));
    assert_string_equal(aggregation_name(AGGREGATE_RATE), "rate");
    assert_int_equal(aggregation_of(SERIES_COUNTER), AGGREGATE_RATE);
    assert_int_equal(aggregation_of(SERIES_GAUGE), AGGREGATE_AVG);
    assert_int_equal(aggregation_of(SERIES_HISTOGRAM), AGGREGATE_P95);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_counter_becomes_its_rate),
        cmocka_unit_test(a_counter_has_sums_extremes_and_quantiles_of_rates),
        cmocka_unit_test(a_restarted_program_counts_from_zero),
        cmocka_unit_test(a_value_that_fell_counts_from_zero),
        cmocka_unit_test(a_gap_is_no_point_and_its_increase_comes_after),
        cmocka_unit_test(a_first_row_counts_only_when_the_program_is_young),
        cmocka_unit_test(a_series_that_appears_began_at_zero),
        cmocka_unit_test(a_series_that_ended_begins_anew),
        cmocka_unit_test(a_gauge_has_all_aggregations),
        cmocka_unit_test(a_histogram_is_made_of_bucket_differences),
        cmocka_unit_test(a_histogram_has_a_rate_and_a_sum_also_when_nothing_came),
        cmocka_unit_test(the_last_step_is_shown_at_the_end),
        cmocka_unit_test(a_value_of_the_wrong_kind_is_left_out),
        cmocka_unit_test(aggregations_have_names_and_defaults),
    };
    return cmocka_run_group_tests_name("metrics aggregate", tests, NULL, NULL);
}
