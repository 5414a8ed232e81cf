#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/process/metrics.h"

enum { SAMPLES_MAX = 32 };

/* What one collection showed; the buckets of the last histogram are kept too. */
struct collected {
    struct metrics_sample samples[SAMPLES_MAX];
    size_t count;
    uint64_t buckets[METRICS_BUCKETS];
};

static int
set_up(void **state)
{
    *state = metrics_create();
    return 0;
}

static int
tear_down(void **state)
{
    metrics_destroy((struct metrics **)state);
    return 0;
}

static void
on_sample(void *argument, const struct metrics_sample *sample)
{
    struct collected *self = argument;
    assert_in_range(self->count, 0, SAMPLES_MAX - 1);
    self->samples[self->count++] = *sample;
    if (sample->type == METRICS_HISTOGRAM)
        memcpy(self->buckets, sample->buckets, sizeof self->buckets);
}

static struct collected
collect(struct metrics *metrics)
{
    struct collected collected = {.count = 0};
    metrics_collect(metrics, on_sample, &collected);
    return collected;
}

static const struct metrics_sample *
find(const struct collected *collected, const char *name, const char *labels)
{
    const struct metrics_sample *found = NULL;
    for (size_t i = 0; i < collected->count; i++)
        if (strcmp(collected->samples[i].name, name) == 0 &&
            strcmp(collected->samples[i].labels, labels) == 0) {
            assert_null(found);
            found = &collected->samples[i];
        }
    assert_non_null(found);
    return found;
}

static void
equal_series_of_several_owners_are_summed(void **state)
{
    struct metrics *metrics = *state;
    struct metrics_counter *one = metrics_counter(metrics, "forge_x_total", "a=\"1\"", "X.");
    struct metrics_counter *two = metrics_counter(metrics, "forge_x_total", "a=\"1\"", "X.");
    struct metrics_counter *other = metrics_counter(metrics, "forge_x_total", "a=\"2\"", "X.");
    struct metrics_gauge *gauge = metrics_gauge(metrics, "forge_g", NULL, "G.");
    struct metrics_gauge *second_gauge = metrics_gauge(metrics, "forge_g", NULL, "G.");

    metrics_add(one, 3);
    metrics_add(two, 4);
    metrics_add(other, 5);
    metrics_set(gauge, 1.5);
    metrics_set(gauge, 2.5);
    metrics_set(second_gauge, -1);

    struct collected collected = collect(metrics);
    assert_true(find(&collected, "forge_x_total", "a=\"1\"")->value == 7);
    assert_true(find(&collected, "forge_x_total", "a=\"2\"")->value == 5);
    assert_true(find(&collected, "forge_g", "")->value == 1.5);
}

static void
series_of_a_name_come_together(void **state)
{
    struct metrics *metrics = *state;
    metrics_counter(metrics, "forge_b_total", "z=\"1\"", "B.");
    metrics_counter(metrics, "forge_a_total", NULL, "A.");
    metrics_counter(metrics, "forge_b_total", "a=\"1\"", "B.");

    struct collected collected = collect(metrics);

    assert_int_equal(collected.count, 4 + 3);
    assert_string_equal(collected.samples[4].name, "forge_a_total");
    assert_string_equal(collected.samples[5].labels, "a=\"1\"");
    assert_string_equal(collected.samples[6].labels, "z=\"1\"");
}

/* The buckets' definition, computed the slow way. */
static void
assert_falls_into(struct metrics *metrics, struct metrics_histogram *histogram, double value)
{
    struct collected before = collect(metrics);
    metrics_observe(histogram, value);
    struct collected after = collect(metrics);
    const struct metrics_sample *sample = find(&after, "forge_t_seconds", "");
    int changed = 0;
    for (int i = 0; i < METRICS_BUCKETS; i++)
        if (after.buckets[i] != before.buckets[i]) {
            int index = sample->first_index + i;
            assert_true(value > exp2((index - 1) / 8.0) * (1 - 1e-12));
            assert_true(value <= exp2(index / 8.0) * (1 + 1e-12));
            changed++;
        }
    assert_int_equal(changed, 1);
}

static void
a_value_falls_into_the_bucket_that_holds_it(void **state)
{
    struct metrics *metrics = *state;
    struct metrics_histogram *histogram = metrics_histogram(metrics, "forge_t_seconds", NULL, "T.");

    for (int i = 0; i < 700; i++)
        assert_falls_into(metrics, histogram, 1e-6 * pow(1.03, i));
    for (int power = -19; power <= 10; power++) {
        assert_falls_into(metrics, histogram, exp2(power));
        if (power < 10)
            assert_falls_into(metrics, histogram, nextafter(exp2(power), (double)INFINITY));
        assert_falls_into(metrics, histogram, nextafter(exp2(power), 0));
    }
}

static void
a_bound_belongs_to_the_bucket_under_it(void **state)
{
    struct metrics *metrics = *state;
    struct metrics_histogram *histogram = metrics_histogram(metrics, "forge_t_seconds", NULL, "T.");

    metrics_observe(histogram, 1);
    metrics_observe(histogram, nextafter(1, 2));

    struct collected collected = collect(metrics);
    const struct metrics_sample *sample = find(&collected, "forge_t_seconds", "");
    assert_int_equal(collected.buckets[0 - sample->first_index], 1);
    assert_int_equal(collected.buckets[1 - sample->first_index], 1);
}

static void
values_outside_the_range_are_counted_at_its_ends(void **state)
{
    struct metrics *metrics = *state;
    struct metrics_histogram *histogram = metrics_histogram(metrics, "forge_t_seconds", NULL, "T.");

    metrics_observe(histogram, 0);
    metrics_observe(histogram, -1);
    metrics_observe(histogram, 1e-9);
    metrics_observe(histogram, 1e9);
    metrics_observe(histogram, (double)NAN);
    metrics_observe(histogram, (double)INFINITY);

    struct collected collected = collect(metrics);
    const struct metrics_sample *sample = find(&collected, "forge_t_seconds", "");
    assert_int_equal(sample->zero_count, 3);
    assert_int_equal(collected.buckets[METRICS_BUCKETS - 1], 1);
    assert_int_equal(sample->count, 4);
}

static void
sizes_have_a_range_of_their_own(void **state)
{
    struct metrics *metrics = *state;
    struct metrics_histogram *histogram = metrics_histogram(metrics, "forge_t_bytes", NULL, "T.");

    metrics_observe(histogram, 1 << 30);

    struct collected collected = collect(metrics);
    const struct metrics_sample *sample = find(&collected, "forge_t_bytes", "");
    assert_int_equal(sample->first_index, 1);
    assert_int_equal(collected.buckets[METRICS_BUCKETS - 1], 1);
}

enum { THREADS = 4, ROUNDS = 20000 };

static void *
add_and_observe(void *argument)
{
    struct metrics *metrics = argument;
    struct metrics_counter *counter = metrics_counter(metrics, "forge_x_total", NULL, "X.");
    struct metrics_histogram *histogram = metrics_histogram(metrics, "forge_t_seconds", NULL, "T.");
    for (int i = 0; i < ROUNDS; i++) {
        metrics_add(counter, 1);
        metrics_observe(histogram, 0.5);
    }
    return NULL;
}

static void
threads_add_while_another_collects(void **state)
{
    struct metrics *metrics = *state;
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_and_observe, metrics), 0);

    double last = 0;
    for (int i = 0; i < 50; i++) {
        struct collected collected = collect(metrics);
        for (size_t s = 0; s < collected.count; s++)
            if (strcmp(collected.samples[s].name, "forge_x_total") == 0) {
                assert_true(collected.samples[s].value >= last);
                last = collected.samples[s].value;
            }
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    struct collected collected = collect(metrics);
    assert_true(find(&collected, "forge_x_total", "")->value == (double)THREADS * ROUNDS);
    assert_int_equal(find(&collected, "forge_t_seconds", "")->count, THREADS * ROUNDS);
    assert_true(find(&collected, "forge_t_seconds", "")->sum == THREADS * ROUNDS * 0.5);
}

static void
the_process_reports_itself(void **state)
{
    struct metrics *metrics = *state;

    struct collected before = collect(metrics);
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    struct collected after = collect(metrics);

    assert_in_range((uintmax_t)find(&before, "process_resident_memory_bytes", "")->value, 1 << 20,
        (uintmax_t)1 << 36);
    assert_true(find(&after, "process_open_fds", "")->value ==
                find(&before, "process_open_fds", "")->value + 2);
    assert_true(find(&after, "process_cpu_seconds_total", "")->value > 0);
    double started = find(&after, "process_start_time_seconds", "")->value;
    assert_in_range((intmax_t)(time(NULL) - (time_t)started + 2), 0, 60);
    close(fds[0]);
    close(fds[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(equal_series_of_several_owners_are_summed),
        TEST(series_of_a_name_come_together),
        TEST(a_value_falls_into_the_bucket_that_holds_it),
        TEST(a_bound_belongs_to_the_bucket_under_it),
        TEST(values_outside_the_range_are_counted_at_its_ends),
        TEST(sizes_have_a_range_of_their_own),
        TEST(threads_add_while_another_collects),
        TEST(the_process_reports_itself),
    };
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
