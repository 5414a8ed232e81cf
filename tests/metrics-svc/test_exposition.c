#include <stdio.h>
#include <stdlib.h>

#include "metrics-svc/exposition.h"

#include "pushes.h"

struct fixture {
    struct presence *presence;
    struct arena arena;
    struct buffer out;
};

static int
set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.presence = presence_create()};
    arena_init(&fixture.arena, EXPOSITION_ARENA_BYTES);
    *state = &fixture;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;
    presence_destroy(&fixture->presence);
    arena_release(&fixture->arena);
    buffer_release(&fixture->out);
    return 0;
}

static void
take(struct fixture *fixture, const struct push *push, int64_t at_ms)
{
    struct text packed = push_pack(push);
    const struct presence_now now = {.wall_ms = at_ms, .clock_ms = at_ms};
    bool due = false;
    assert_int_equal(
        presence_take(fixture->presence, &push->request, packed, &now, &due, NULL), STATUS_OK);
    free((void *)packed.data);
}

static const char *
render(struct fixture *fixture, int64_t at_ms)
{
    buffer_clear(&fixture->out);
    arena_reset(&fixture->arena);
    assert_int_equal(
        exposition_render(fixture->presence, at_ms, &fixture->arena, &fixture->out), STATUS_OK);
    return buffer_string(&fixture->out);
}

static void
programs_share_the_head_of_a_name(void **state)
{
    struct fixture *fixture = *state;
    struct push left = {.request = {.n_samples = 0}}, right = {.request = {.n_samples = 0}};
    push_begin(&left, "b", 1);
    push_counter(&left, "forge_x_total", 3);
    push_label(&left, "route", "/\"mcp\"\n");
    push_begin(&right, "a", 1);
    push_gauge(&right, "forge_g", 0.5);
    push_counter(&right, "forge_x_total", 4);
    take(fixture, &left, 1000);
    take(fixture, &right, 1000);

    assert_string_equal(render(fixture, 2000),
        "# HELP forge_build_info 1, with the program's version as label.\n"
        "# TYPE forge_build_info gauge\n"
        "forge_build_info{program=\"a\",instance=\"a@test\",host=\"test\",version=\"1\"} 1\n"
        "forge_build_info{program=\"b\",instance=\"b@test\",host=\"test\",version=\"1\"} 1\n"
        "# HELP forge_g Help.\n"
        "# TYPE forge_g gauge\n"
        "forge_g{program=\"a\",instance=\"a@test\",host=\"test\"} 0.5\n"
        "# HELP forge_up 1 while the program pushes its numbers, else 0.\n"
        "# TYPE forge_up gauge\n"
        "forge_up{program=\"a\",instance=\"a@test\",host=\"test\"} 1\n"
        "forge_up{program=\"b\",instance=\"b@test\",host=\"test\"} 1\n"
        "# HELP forge_x_total Help.\n"
        "# TYPE forge_x_total counter\n"
        "forge_x_total{program=\"a\",instance=\"a@test\",host=\"test\"} 4\n"
        "forge_x_total{program=\"b\",instance=\"b@test\",host=\"test\","
        "route=\"/\\\"mcp\\\"\\n\"} 3\n");
}

static void
a_silent_program_is_down_and_shows_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    struct push push = {.request = {.n_samples = 0}};
    push_begin(&push, "a", 1);
    push_gauge(&push, "forge_g", 0.5);
    take(fixture, &push, 1000);

    assert_non_null(strstr(render(fixture, 6000), "forge_g{"));
    const char *later = render(fixture, 6001);

    assert_null(strstr(later, "forge_g"));
    assert_non_null(strstr(later, "forge_up{program=\"a\",instance=\"a@test\",host=\"test\"} 0\n"));
}

static void
what_would_spoil_the_text_is_left_out(void **state)
{
    struct fixture *fixture = *state;
    struct push left = {.request = {.n_samples = 0}}, right = {.request = {.n_samples = 0}};
    push_begin(&left, "a", 1);
    push_counter(&left, "forge_x", 1);
    push_counter(&left, "forge_x", 1);
    push_begin(&right, "b", 1);
    push_gauge(&right, "forge_x", 2);
    take(fixture, &left, 1000);
    take(fixture, &right, 1000);

    const char *text = render(fixture, 1000);

    const char *first = strstr(text, "\nforge_x{");
    assert_non_null(first);
    assert_null(strstr(first + 1, "\nforge_x{"));
    assert_non_null(strstr(text, "# TYPE forge_x counter\n"));
}

static void
a_histogram_has_its_buckets(void **state)
{
    struct fixture *fixture = *state;
    static const uint64_t counts[] = {5, 0, 1};
    struct push push = {.request = {.n_samples = 0}};
    push_begin(&push, "a", 1);
    push_histogram(&push, "forge_t_seconds", 0, counts, 3)->histogram->zero_count = 2;
    take(fixture, &push, 1000);

    const char *text = render(fixture, 1000);

    assert_non_null(strstr(text, "host=\"test\",le=\"0.5\"} 2\n"));
    assert_non_null(strstr(text, "host=\"test\",le=\"1\"} 7\n"));
    assert_non_null(strstr(text, "host=\"test\",le=\"+Inf\"} 8\n"));
    assert_non_null(strstr(text, "forge_t_seconds_count{"));
}

static void
promtool_accepts_the_cluster(void **state)
{
    struct fixture *fixture = *state;
    /* NOLINTNEXTLINE(cert-env33-c): fixed words, in a test */
    if (system("command -v promtool >/dev/null 2>&1") != 0)
        skip();
    static const uint64_t counts[] = {5, 0, 1};
    static const char *const programs[] = {"mcp_server", "context-svc", "backup-svc"};
    for (size_t i = 0; i < 3; i++) {
        struct push push = {.request = {.n_samples = 0}};
        push_begin(&push, programs[i], 1);
        push_counter(&push, "forge_x_total", 3);
        push_label(&push, "route", "/mcp");
        push_histogram(&push, "forge_t_seconds", -40, counts, 3);
        push_gauge(&push, "process_open_fds", 9);
        take(fixture, &push, 1000);
    }

    render(fixture, 1000);

    /* NOLINTNEXTLINE(cert-env33-c): fixed words, in a test */
    FILE *judge = popen("promtool check metrics", "w");
    assert_non_null(judge);
    assert_int_equal(fwrite(fixture->out.data, 1, fixture->out.length, judge), fixture->out.length);
    assert_int_equal(pclose(judge), 0);
}

static void
nobody_there_is_an_empty_text(void **state)
{
    assert_string_equal(render(*state, 1), "");
}

static void
pushes_that_do_not_fit_are_told(void **state)
{
    struct fixture *fixture = *state;
    struct push push = {.request = {.n_samples = 0}};
    push_begin(&push, "a", 1);
    push_gauge(&push, "forge_g", 0.5);
    take(fixture, &push, 1000);
    arena_release(&fixture->arena);
    arena_init(&fixture->arena, 100);

    assert_int_equal(exposition_render(fixture->presence, 1000, &fixture->arena, &fixture->out),
        STATUS_RESOURCE_EXHAUSTED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(programs_share_the_head_of_a_name),
        TEST(a_silent_program_is_down_and_shows_nothing_else),
        TEST(what_would_spoil_the_text_is_left_out),
        TEST(a_histogram_has_its_buckets),
        TEST(promtool_accepts_the_cluster),
        TEST(nobody_there_is_an_empty_text),
        TEST(pushes_that_do_not_fit_are_told),
    };
    return cmocka_run_group_tests_name("metrics exposition", tests, NULL, NULL);
}
