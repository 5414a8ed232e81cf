#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/nearest.h"

static void
a_changed_dropped_added_or_swapped_letter_counts_one(void **state)
{
    (void)state;

    assert_int_equal(nearest_distance(TEXT("port"), TEXT("port")), 0);
    assert_int_equal(nearest_distance(TEXT("port"), TEXT("part")), 1);
    assert_int_equal(nearest_distance(TEXT("port"), TEXT("pot")), 1);
    assert_int_equal(nearest_distance(TEXT("port"), TEXT("ports")), 1);
    assert_int_equal(nearest_distance(TEXT("port"), TEXT("prot")), 1);
    assert_int_equal(nearest_distance(TEXT("kitten"), TEXT("sitting")), 3);
    assert_int_equal(nearest_distance(TEXT(""), TEXT("abc")), 3);
}

static void
long_texts_compare_by_their_beginning(void **state)
{
    (void)state;
    char long_text[300];
    memset(long_text, 'x', sizeof long_text);

    assert_int_equal(nearest_distance(text_from(long_text, 300), text_from(long_text, 70)), 0);
    assert_int_equal(nearest_distance(text_from(long_text, 300), TEXT("")), 64);
}

static void
the_three_nearest_stay_best_first(void **state)
{
    (void)state;
    struct nearest nearest;
    nearest_init(&nearest, TEXT("log.levle"));

    nearest_offer(&nearest, TEXT("log.lever"));
    nearest_offer(&nearest, TEXT("data_dir"));
    nearest_offer(&nearest, TEXT("log.level"));
    nearest_offer(&nearest, TEXT("log.lemle"));
    nearest_offer(&nearest, TEXT("log.lxxle"));
    nearest_offer(&nearest, TEXT("log.levee"));

    assert_int_equal(nearest.count, NEAREST_MAX);
    assert_true(text_is(nearest.names[0], "log.level"));
    assert_int_equal(nearest.distances[0], 1);
    assert_true(text_is(nearest.names[1], "log.lemle"));
    assert_true(text_is(nearest.names[2], "log.levee"));
}

static void
a_name_that_contains_the_wanted_one_is_near(void **state)
{
    (void)state;
    struct nearest nearest;
    nearest_init(&nearest, TEXT("requests"));

    nearest_offer(&nearest, TEXT("forge_http_requests_total"));
    nearest_offer(&nearest, TEXT("forge_http_connections"));

    assert_int_equal(nearest.count, 1);
    assert_true(text_is(nearest.names[0], "forge_http_requests_total"));
}

static void
nothing_is_near_what_is_far(void **state)
{
    (void)state;
    struct nearest nearest;
    nearest_init(&nearest, TEXT("qqqqq"));

    nearest_offer(&nearest, TEXT("port"));

    assert_int_equal(nearest.count, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_dropped_added_or_swapped_letter_counts_one),
        cmocka_unit_test(long_texts_compare_by_their_beginning),
        cmocka_unit_test(the_three_nearest_stay_best_first),
        cmocka_unit_test(a_name_that_contains_the_wanted_one_is_near),
        cmocka_unit_test(nothing_is_near_what_is_far),
    };
    return cmocka_run_group_tests_name("nearest", tests, NULL, NULL);
}
