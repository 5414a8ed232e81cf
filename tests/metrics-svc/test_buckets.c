#include <math.h>

#include "metrics-svc/buckets.h"

#include "pushes.h"

static struct buckets self, other;

static int
set_up(void **state)
{
    (void)state;
    self = other = (struct buckets){0};
    buckets_clear(&self);
    buckets_clear(&other);
    return 0;
}

static void
load(struct buckets *target, uint64_t zeros, const struct series_bucket *buckets, size_t count)
{
    const struct series_histogram histogram = {
        .schema = 3, .zero_count = zeros, .bucket_count = count, .buckets = buckets, .sum = 10};
    buckets_load(target, &histogram);
}

static void
assert_near(double value, double expected)
{
    if (fabs(value - expected) > 1e-9 * fabs(expected))
        fail_msg("%.12g is not %.12g", value, expected);
}

static void
a_quantile_lies_inside_its_bucket(void **state)
{
    (void)state;
    /* 100 values in (1, 2^(1/8)], 100 in (2, 2^(9/8)]. */
    static const struct series_bucket buckets[] = {{1, 100}, {9, 100}};
    load(&self, 0, buckets, 2);

    assert_int_equal(buckets_count(&self), 200);
    assert_near(buckets_quantile(&self, 0.25), exp2(0.5 / 8));
    assert_near(buckets_quantile(&self, 0.5), exp2(1.0 / 8));
    assert_near(buckets_quantile(&self, 0.75), exp2(8.5 / 8));
    assert_near(buckets_quantile(&self, 1), exp2(9.0 / 8));
    assert_near(buckets_lower_bound(&self), 1);
    assert_near(buckets_upper_bound(&self), exp2(9.0 / 8));
}

static void
zeros_count_as_zero(void **state)
{
    (void)state;
    static const struct series_bucket buckets[] = {{8, 1}};
    load(&self, 99, buckets, 1);

    assert_true(buckets_quantile(&self, 0.5) == 0);
    assert_near(buckets_quantile(&self, 1), 2);
    assert_true(buckets_lower_bound(&self) == 0);

    load(&self, 3, NULL, 0);
    assert_true(buckets_quantile(&self, 0.99) == 0);
    assert_true(buckets_upper_bound(&self) == 0);
}

static void
an_increase_is_what_came_since(void **state)
{
    (void)state;
    static const struct series_bucket before[] = {{1, 10}, {2, 5}};
    static const struct series_bucket now[] = {{1, 10}, {2, 8}, {300, 1}};
    load(&self, 4, before, 2);
    load(&other, 6, now, 3);
    struct buckets increase = {0};
    buckets_clear(&increase);

    buckets_add_increase(&increase, &other, &self);

    assert_int_equal(increase.zero_count, 2);
    assert_int_equal(buckets_count(&increase), 2 + 3 + 1);
    assert_near(buckets_upper_bound(&increase), exp2(300.0 / 8));
    assert_true(increase.sum == 0);
}

static void
a_count_that_fell_began_again(void **state)
{
    (void)state;
    static const struct series_bucket before[] = {{1, 10}, {2, 5}};
    static const struct series_bucket now[] = {{1, 12}};
    load(&self, 0, before, 2);
    load(&other, 0, now, 1);
    struct buckets increase = {0};
    buckets_clear(&increase);

    buckets_add_increase(&increase, &other, &self);

    assert_int_equal(buckets_count(&increase), 12);
    assert_true(increase.sum == 10);
}

static void
increases_add_up(void **state)
{
    (void)state;
    static const struct series_bucket one[] = {{1, 1}};
    load(&self, 0, one, 1);
    struct buckets increase = {0};
    buckets_clear(&increase);

    buckets_add_increase(&increase, &self, NULL);
    buckets_add_increase(&increase, &self, NULL);

    assert_int_equal(buckets_count(&increase), 2);
    buckets_clear(&increase);
    assert_int_equal(buckets_count(&increase), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_quantile_lies_inside_its_bucket, set_up),
        cmocka_unit_test_setup(zeros_count_as_zero, set_up),
        cmocka_unit_test_setup(an_increase_is_what_came_since, set_up),
        cmocka_unit_test_setup(a_count_that_fell_began_again, set_up),
        cmocka_unit_test_setup(increases_add_up, set_up),
    };
    return cmocka_run_group_tests_name("metrics buckets", tests, NULL, NULL);
}
