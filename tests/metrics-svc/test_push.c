#include <math.h>
#include <string.h>

#include "metrics-svc/push.h"

#include "pushes.h"

static struct push push;

static int
set_up(void **state)
{
    (void)state;
    static const uint64_t counts[] = {1, 0, 2};
    push = (struct push){.request = {.n_samples = 0}};
    push_begin(&push, "mcp_server", 1000);
    push_counter(&push, "forge_x_total", 3);
    push_label(&push, "route", "/mcp");
    push_label(&push, "code", "200");
    push_histogram(&push, "forge_t_seconds", -5, counts, 3);
    return 0;
}

static void
assert_refused(const char *words)
{
    struct problem problem = {{0}};
    assert_int_equal(push_check(&push.request, &problem), STATUS_INVALID_ARGUMENT);
    if (!strstr(problem.text, words))
        fail_msg("'%s' does not say '%s'", problem.text, words);
}

static void
a_good_push_passes(void **state)
{
    (void)state;
    struct problem problem;

    assert_int_equal(push_check(&push.request, &problem), STATUS_OK);
}

static void
names_must_be_prometheus_names(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "1x", "a b", "a-b", "a{b=\"c\"}", "a\nb", "gr\xc3\xbc"};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        push.samples[0].name = (char *)wrong[i];
        assert_refused("the name is none");
    }
    push.samples[0].name = (char *)"forge_up";
    assert_refused("sample 0 ('forge_up'): the name is reserved");

    char longest[PUSH_NAME_MAX + 2];
    memset(longest, 'a', sizeof longest);
    longest[PUSH_NAME_MAX + 1] = '\0';
    push.samples[0].name = longest;
    assert_refused("the name is none");
    longest[PUSH_NAME_MAX] = '\0';
    assert_int_equal(push_check(&push.request, NULL), STATUS_OK);
}

static void
labels_must_be_labels(void **state)
{
    (void)state;
    Forge__Label *label = push.samples[0].labels[1];

    label->name = (char *)"a:b";
    assert_refused("a label's name is none");
    label->name = (char *)"instance";
    assert_refused("a label's name is reserved");
    label->name = (char *)"route";
    assert_refused("a label stands twice");
    label->name = (char *)"code";
    label->value = (char *)"\xff";
    assert_refused("a label's value is too long or no UTF-8");
    label->value = (char *)"line\n\"quote\"";
    assert_int_equal(push_check(&push.request, NULL), STATUS_OK);
    push.samples[0].n_labels = PUSH_LABELS_MAX + 1;
    assert_refused("more than 16 labels");
}

static void
histograms_must_fit(void **state)
{
    (void)state;
    Forge__Histogram *histogram = push.samples[1].histogram;

    histogram->schema = 4;
    assert_refused("schema");
    histogram->schema = 3;
    histogram->first_index = SERIES_INDEX_MAX - 1;
    assert_refused("buckets lie outside");
    histogram->first_index = SERIES_INDEX_MAX - 2;
    assert_int_equal(push_check(&push.request, NULL), STATUS_OK);
    histogram->first_index = -SERIES_INDEX_MAX - 1;
    assert_refused("buckets lie outside");
    histogram->first_index = INT32_MIN;
    assert_refused("buckets lie outside");
    histogram->first_index = 0;
    histogram->sum = (double)NAN;
    assert_refused("sum");
    push.samples[1].histogram = NULL;
    assert_refused("the histogram is missing");
}

static void
types_helps_and_programs_are_checked(void **state)
{
    (void)state;

    push.samples[0].type = FORGE__METRIC_TYPE__METRIC_UNSET;
    assert_refused("the type is none");
    push.samples[0].type = (Forge__MetricType)77;
    assert_refused("the type is none");
    push.samples[0].type = FORGE__METRIC_TYPE__COUNTER;
    push.samples[0].help = (char *)"\xc0\xaf";
    assert_refused("the help");
    push.samples[0].help = (char *)"";
    push.request.program = (char *)"";
    assert_refused("program and instance need");
    push.request.program = (char *)"mcp_server";
    push.request.n_samples = PUSH_SAMPLES_MAX + 1;
    assert_refused("4097 samples");
}

static void
labels_are_packed_in_order_of_their_names(void **state)
{
    (void)state;
    struct buffer labels = {0};

    struct metrics_series series = push_series(&push.samples[0], &labels);

    struct text rest = series.labels, name, value;
    assert_int_equal(series.kind, SERIES_COUNTER);
    assert_true(text_is(series.name, "forge_x_total"));
    assert_true(metrics_labels_next(&rest, &name, &value));
    assert_true(text_is(name, "code") && text_is(value, "200"));
    assert_true(metrics_labels_next(&rest, &name, &value));
    assert_true(text_is(name, "route") && text_is(value, "/mcp"));
    assert_false(metrics_labels_next(&rest, &name, &value));
    buffer_release(&labels);
}

static void
a_histogram_keeps_what_it_holds(void **state)
{
    (void)state;
    struct series_bucket buckets[SERIES_BUCKETS_MAX];

    struct series_value value = push_value(&push.samples[1], buckets);

    assert_true(value.is_histogram);
    assert_int_equal(value.histogram.bucket_count, 2);
    assert_int_equal(value.histogram.buckets[1].index, -3);
    assert_int_equal(value.histogram.buckets[1].count, 2);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_good_push_passes),
        TEST(names_must_be_prometheus_names),
        TEST(labels_must_be_labels),
        TEST(histograms_must_fit),
        TEST(types_helps_and_programs_are_checked),
        TEST(labels_are_packed_in_order_of_their_names),
        TEST(a_histogram_keeps_what_it_holds),
    };
    return cmocka_run_group_tests_name("metrics push", tests, NULL, NULL);
}
