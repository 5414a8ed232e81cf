#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/buffer.h"
#include "common/process/metrics_text.h"

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
samples_of_a_name_share_one_head(void **state)
{
    struct buffer *out = *state;
    struct metrics_text text;
    metrics_text_init(&text, out);

    metrics_text_add(&text,
        &(struct metrics_sample){.name = "forge_x_total",
            .labels = "",
            .help = "X.",
            .type = METRICS_COUNTER,
            .value = 12},
        NULL);
    metrics_text_add(&text,
        &(struct metrics_sample){.name = "forge_x_total",
            .labels = "a=\"1\"",
            .help = "X.",
            .type = METRICS_COUNTER,
            .value = 0.1},
        "program=\"p\"");
    metrics_text_add(&text,
        &(struct metrics_sample){.name = "forge_x",
            .labels = "",
            .help = "Two\nlines \\ \"q\".",
            .type = METRICS_GAUGE,
            .value = -1e300},
        "program=\"p\"");

    assert_string_equal(buffer_string(out), "# HELP forge_x_total X.\n"
                                            "# TYPE forge_x_total counter\n"
                                            "forge_x_total 12\n"
                                            "forge_x_total{program=\"p\",a=\"1\"} 0.1\n"
                                            "# HELP forge_x Two\\nlines \\\\ \"q\".\n"
                                            "# TYPE forge_x gauge\n"
                                            "forge_x{program=\"p\"} -1e+300\n");
}

static void
label_values_are_escaped(void **state)
{
    struct buffer *out = *state;

    metrics_text_label(out, TEXT("a"), TEXT("plain"));
    metrics_text_label(out, TEXT("b"), TEXT("q\" b\\ l\n"));

    assert_string_equal(buffer_string(out), "a=\"plain\",b=\"q\\\" b\\\\ l\\n\"");
}

static void
a_number_reads_back_as_itself(void **state)
{
    struct buffer *out = *state;
    static const double values[] = {
        0, 1, -1, 0.1, 1.0 / 3, 1e21, 4503599627370497.5, 5e-324, 1.7976931348623157e308};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        buffer_clear(out);
        metrics_text_number(out, values[i]);
        assert_true(strtod(buffer_string(out), NULL) == values[i]);
    }
    buffer_clear(out);
    metrics_text_number(out, strtod("nan", NULL));
    metrics_text_number(out, strtod("inf", NULL));
    metrics_text_number(out, strtod("-inf", NULL));
    assert_string_equal(buffer_string(out), "NaN+Inf-Inf");
}

/* 100 values of 1.5 s in the bucket (2^(4/8), 2^(5/8)], one zero, one of 20 s. */
static const uint64_t buckets[] = {100, [30] = 1};

static void
a_histogram_becomes_cumulative_buckets(void **state)
{
    struct buffer *out = *state;
    struct metrics_text text;
    metrics_text_init(&text, out);

    metrics_text_add(&text,
        &(struct metrics_sample){.name = "forge_t_seconds",
            .labels = "a=\"1\"",
            .help = "T.",
            .type = METRICS_HISTOGRAM,
            .schema = 3,
            .first_index = 5,
            .buckets = buckets,
            .bucket_count = sizeof buckets / sizeof *buckets,
            .zero_count = 1,
            .count = 102,
            .sum = 170.5},
        NULL);

    assert_string_equal(buffer_string(out), "# HELP forge_t_seconds T.\n"
                                            "# TYPE forge_t_seconds histogram\n"
                                            "forge_t_seconds_bucket{a=\"1\",le=\"0.0005\"} 1\n"
                                            "forge_t_seconds_bucket{a=\"1\",le=\"0.001\"} 1\n"
                                            "forge_t_seconds_bucket{a=\"1\",le=\"0.0025\"} 1\n"
                                            "forge_t_seconds_bucket{a=\"1\",le=\"0.005\"} 1\n"
                                            "forge_t_seconds_bucket{a=\"1\",le=\"0.01\"} 1\n"
                                            "forge_t_seconds_bucket{a=\"1\",le=\"0.025\"} 1\n"
                                            "forge_t_seconds_bucket{a=\"1\",le=\"0.05\"} 1\n"
                                            "forge_t_seconds_bucket{a=\"1\",le=\"0.1\"} 1\n"
                                            "forge_t_seconds_bucket{a=\"1\",le=\"0.25\"} 1\n"
                                            "forge_t_seconds_bucket{a=\"1\",le=\"0.5\"} 1\n"
                                            "forge_t_seconds_bucket{a=\"1\",le=\"1\"} 1\n"
                                            "forge_t_seconds_bucket{a=\"1\",le=\"2.5\"} 101\n"
                                            "forge_t_seconds_bucket{a=\"1\",le=\"5\"} 101\n"
                                            "forge_t_seconds_bucket{a=\"1\",le=\"10\"} 101\n"
                                            "forge_t_seconds_bucket{a=\"1\",le=\"+Inf\"} 102\n"
                                            "forge_t_seconds_sum{a=\"1\"} 170.5\n"
                                            "forge_t_seconds_count{a=\"1\"} 102\n");
}

static void
a_bucket_that_a_bound_cuts_is_shared_out(void **state)
{
    struct buffer *out = *state;
    struct metrics_text text;
    metrics_text_init(&text, out);
    /* 2.5 = 2^1.3219 lies 0.5754 of the way through (2^(10/8), 2^(11/8)]. */
    static const uint64_t cut[] = {1000};

    metrics_text_add(&text,
        &(struct metrics_sample){.name = "forge_t_seconds",
            .labels = "",
            .help = "T.",
            .type = METRICS_HISTOGRAM,
            .schema = 3,
            .first_index = 11,
            .buckets = cut,
            .bucket_count = 1,
            .count = 1000,
            .sum = 2400},
        NULL);

    assert_non_null(strstr(buffer_string(out), "forge_t_seconds_bucket{le=\"1\"} 0\n"));
    assert_non_null(strstr(buffer_string(out), "forge_t_seconds_bucket{le=\"2.5\"} 575\n"));
    assert_non_null(strstr(buffer_string(out), "forge_t_seconds_bucket{le=\"5\"} 1000\n"));
}

static void
a_power_of_two_is_a_whole_bucket(void **state)
{
    struct buffer *out = *state;
    struct metrics *metrics = metrics_create();
    struct metrics_histogram *histogram = metrics_histogram(metrics, "forge_t_bytes", NULL, "T.");

    metrics_observe(histogram, 64);
    metrics_observe(histogram, 1024);
    metrics_text_render(metrics, "program=\"p\"", out);

    const char *rendered = buffer_string(out);
    assert_non_null(strstr(rendered, "forge_t_bytes_bucket{program=\"p\",le=\"64\"} 1\n"));
    assert_non_null(strstr(rendered, "forge_t_bytes_bucket{program=\"p\",le=\"256\"} 1\n"));
    assert_non_null(strstr(rendered, "forge_t_bytes_bucket{program=\"p\",le=\"1024\"} 2\n"));
    assert_non_null(strstr(rendered, "process_open_fds{program=\"p\"} "));
    metrics_destroy(&metrics);
}

/* Prometheus' own judge, where it is installed. */
static void
promtool_accepts_what_a_registry_renders(void **state)
{
    struct buffer *out = *state;
    /* NOLINTNEXTLINE(cert-env33-c): fixed words, in a test */
    if (system("command -v promtool >/dev/null 2>&1") != 0)
        skip();
    struct metrics *metrics = metrics_create();
    metrics_add(metrics_counter(metrics, "forge_x_total", "route=\"/mcp\"", "Requests."), 3);
    metrics_set(metrics_gauge(metrics, "forge_entries", NULL, "Entries \\ here."), 0.25);
    metrics_observe(metrics_histogram(metrics, "forge_t_seconds", NULL, "Time."), 0.02);
    metrics_observe(metrics_histogram(metrics, "forge_t_bytes", "op=\"get\"", "Size."), 4711);

    metrics_text_render(metrics, "program=\"mcp_server\"", out);

    /* NOLINTNEXTLINE(cert-env33-c): fixed words, in a test */
    FILE *judge = popen("promtool check metrics", "w");
    assert_non_null(judge);
    assert_int_equal(fwrite(out->data, 1, out->length, judge), out->length);
    assert_int_equal(pclose(judge), 0);
    metrics_destroy(&metrics);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(samples_of_a_name_share_one_head),
        TEST(label_values_are_escaped),
        TEST(a_number_reads_back_as_itself),
        TEST(a_histogram_becomes_cumulative_buckets),
        TEST(a_bucket_that_a_bound_cuts_is_shared_out),
        TEST(a_power_of_two_is_a_whole_bucket),
        TEST(promtool_accepts_what_a_registry_renders),
    };
    return cmocka_run_group_tests_name("metrics_text", tests, NULL, NULL);
}
