#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "metrics-svc/presence.h"

#include "pushes.h"

static int
set_up(void **state)
{
    *state = presence_create();
    return 0;
}

static int
tear_down(void **state)
{
    presence_destroy((struct presence **)state);
    return 0;
}

/* Answers whether a row is due. */
static bool
take(struct presence *presence, const char *program, int64_t at_ms, int64_t run_ms, double cpu)
{
    struct push push = {.request = {.n_samples = 0}};
    push_begin(&push, program, run_ms);
    push_counter(&push, "process_cpu_seconds_total", cpu);
    push_gauge(&push, "process_resident_memory_bytes", 4096);
    struct text packed = push_pack(&push);
    const struct presence_now now = {.wall_ms = at_ms, .clock_ms = at_ms};
    bool due = false;
    struct problem problem = {{0}};
    assert_int_equal(
        presence_take(presence, &push.request, packed, &now, &due, &problem), STATUS_OK);
    free((void *)packed.data);
    return due;
}

static void
one_push_of_each_quarter_minute_is_a_row(void **state)
{
    struct presence *presence = *state;

    int rows = 0;
    for (int64_t at = 15000; at < 75000; at += 1000)
        rows += take(presence, "a", at, 1, 0);

    assert_int_equal(rows, 4);
    assert_true(take(presence, "b", 74000, 1, 0));
    assert_int_equal(presence_count(presence), 2);
}

static void
a_program_is_known_by_its_newest_push(void **state)
{
    struct presence *presence = *state;

    take(presence, "a", 1000, 500, 0);
    take(presence, "a", 2000, 500, 0.25);

    const struct presence_program *program = presence_at(presence, 0);
    assert_string_equal(program->program, "a");
    assert_string_equal(program->version, "1");
    assert_int_equal(program->pushed_at_ms, 2000);
    assert_int_equal(program->started_at_ms, 500);
    assert_true(program->resident_bytes == 4096);
}

static void
cpu_is_measured_over_a_quarter_minute(void **state)
{
    struct presence *presence = *state;

    take(presence, "a", 0, 1, 100);
    assert_true(presence_cpu_ratio(presence_at(presence, 0)) == 0);
    for (int64_t at = 1000; at <= 60000; at += 1000)
        take(presence, "a", at, 1, 100 + (at <= 45000 ? 0 : (double)(at - 45000) / 2000.0));

    assert_true(fabs(presence_cpu_ratio(presence_at(presence, 0)) - 0.5) < 1e-9);
}

static void
a_restart_begins_a_new_measurement(void **state)
{
    struct presence *presence = *state;

    take(presence, "a", 1000, 1, 100);
    take(presence, "a", 2000, 2, 0.5);
    assert_true(presence_cpu_ratio(presence_at(presence, 0)) == 0);
    take(presence, "a", 3000, 2, 0.75);

    assert_true(presence_cpu_ratio(presence_at(presence, 0)) == 0.25);
}

static void
silence_is_down_and_long_silence_forgotten(void **state)
{
    struct presence *presence = *state;
    take(presence, "a", 1000, 1, 0);
    take(presence, "b", 500000, 1, 0);

    const struct presence_program *program = presence_at(presence, 0);
    assert_true(presence_is_up(program, 1000 + PRESENCE_SILENT_MS));
    assert_false(presence_is_up(program, 1001 + PRESENCE_SILENT_MS));

    presence_expire(presence, 1000 + PRESENCE_FORGET_MS);
    assert_int_equal(presence_count(presence), 2);
    presence_expire(presence, 1001 + PRESENCE_FORGET_MS);
    assert_int_equal(presence_count(presence), 1);
    assert_string_equal(presence_at(presence, 0)->program, "b");
}

static void
programs_are_bounded(void **state)
{
    struct presence *presence = *state;
    struct push push = {.request = {.n_samples = 0}};
    const struct presence_now now = {.wall_ms = 1, .clock_ms = 1};
    bool due = false;
    struct problem problem = {{0}};
    char name[32];
    for (int i = 0; i < PRESENCE_PROGRAMS_MAX; i++) {
        snprintf(name, sizeof name, "p%d", i);
        take(presence, name, 1, 1, 0);
    }

    push_begin(&push, "one more", 1);
    assert_int_equal(presence_take(presence, &push.request, TEXT("x"), &now, &due, &problem),
        STATUS_RESOURCE_EXHAUSTED);
    push_begin(&push, "p0", 1);
    struct text large = {"", PRESENCE_BYTES_MAX};
    assert_int_equal(presence_take(presence, &push.request, large, &now, &due, &problem),
        STATUS_RESOURCE_EXHAUSTED);
    assert_int_equal(
        presence_take(presence, &push.request, TEXT("x"), &now, &due, &problem), STATUS_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_push_of_each_quarter_minute_is_a_row),
        TEST(a_program_is_known_by_its_newest_push),
        TEST(cpu_is_measured_over_a_quarter_minute),
        TEST(a_restart_begins_a_new_measurement),
        TEST(silence_is_down_and_long_silence_forgotten),
        TEST(programs_are_bounded),
    };
    return cmocka_run_group_tests_name("metrics presence", tests, NULL, NULL);
}
