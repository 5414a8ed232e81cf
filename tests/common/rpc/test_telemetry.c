#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "metrics.pb-c.h"

#include "common/base/clock.h"
#include "common/rpc/server.h"
#include "common/rpc/telemetry.h"

enum { PATIENCE_MS = 10000, LOOK_MS = 5 };

/* A metrics-svc that remembers what it got, and a program that pushes to it, on one loop. */
struct fixture {
    Forge__Metrics_Service service;
    struct rpc_server *server;
    struct metrics *metrics;
    struct telemetry *telemetry;
    Forge__PushRequest *last;
    uint32_t roles;
    char principal[32];
    unsigned pushes, wanted;
    bool silent; /* keeps the calls without an answer */
    int64_t deadline_ms;
};

static struct fixture fixture;

static void
fake_push(Forge__Metrics_Service *service, const Forge__PushRequest *input,
    Forge__PushReply_Closure closure, void *closure_data)
{
    (void)service;
    const struct rpc_principal *principal = rpc_request_principal(closure_data);
    fixture.roles = principal->roles;
    snprintf(fixture.principal, sizeof fixture.principal, "%.*s", TEXT_FORMAT(principal->name));
    if (fixture.last)
        forge__push_request__free_unpacked(fixture.last, NULL);
    struct text body = rpc_request_body(closure_data);
    fixture.last = forge__push_request__unpack(NULL, body.length, (const uint8_t *)body.data);
    assert_int_equal(fixture.last->n_samples, input->n_samples);
    fixture.pushes++;
    if (fixture.silent) {
        rpc_request_park(closure_data);
        return;
    }
    Forge__PushReply reply = FORGE__PUSH_REPLY__INIT;
    closure(&reply, closure_data);
}

static void
fake_query(Forge__Metrics_Service *service, const Forge__QueryRequest *input,
    Forge__QueryReply_Closure closure, void *closure_data)
{
    (void)service;
    (void)input;
    (void)closure;
    rpc_request_fail(closure_data, STATUS_UNIMPLEMENTED, "not asked here");
}

static void
fake_expose(Forge__Metrics_Service *service, const Forge__ExposeRequest *input,
    Forge__ExposeReply_Closure closure, void *closure_data)
{
    (void)service;
    (void)input;
    (void)closure;
    rpc_request_fail(closure_data, STATUS_UNIMPLEMENTED, "not asked here");
}

static void
fake_status(Forge__Metrics_Service *service, const Forge__StatusRequest *input,
    Forge__StatusReply_Closure closure, void *closure_data)
{
    (void)service;
    (void)input;
    (void)closure;
    rpc_request_fail(closure_data, STATUS_UNIMPLEMENTED, "not asked here");
}

static void
start_server(const char *endpoint)
{
    static const char *const methods[] = {"Push", "Query", "Expose", "Status"};
    struct rpc_rule rules[4];
    for (size_t i = 0; i < 4; i++)
        rules[i] =
            (struct rpc_rule){&forge__metrics__descriptor, methods[i], LANE_ROUTER, ROLE_PROGRAM};
    ProtobufCService *services[] = {&fixture.service.base};
    const struct rpc_server_options options = {.endpoint = endpoint,
        .instance = "fake",
        .services = services,
        .service_count = 1,
        .rules = rules,
        .rule_count = 4};
    struct problem problem = {{0}};
    if (rpc_server_create(&options, &fixture.server, &problem) != STATUS_OK)
        fail_msg("%s", problem.text);
}

static void
start_telemetry(const char *endpoint)
{
    const struct telemetry_options options = {
        .endpoint = endpoint, .program = "tiny", .instance = "tiny@test", .version = "9"};
    fixture.telemetry = telemetry_create(&options, fixture.metrics);
}

static int
set_up(void **state)
{
    (void)state;
    static unsigned number;
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "inproc://telemetry-%u", ++number);
    fixture = (struct fixture){.service = FORGE__METRICS__INIT(fake_)};
    fixture.metrics = metrics_create();
    start_server(endpoint);
    start_telemetry(endpoint);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    telemetry_destroy(&fixture.telemetry);
    rpc_server_destroy(&fixture.server);
    metrics_destroy(&fixture.metrics);
    if (fixture.last)
        forge__push_request__free_unpacked(fixture.last, NULL);
    return 0;
}

static int
on_look(zloop_t *loop, int timer, void *argument)
{
    (void)loop;
    (void)timer;
    (void)argument;
    bool enough = fixture.pushes >= fixture.wanted;
    return enough || clock_monotonic_ms() > fixture.deadline_ms ? -1 : 0;
}

/* Turns the loop until so many pushes came, or the time is over. */
static void
run_until(unsigned pushes, int64_t patience_ms)
{
    zloop_t *loop = rpc_server_loop(fixture.server);
    fixture.wanted = pushes;
    fixture.deadline_ms = clock_monotonic_ms() + patience_ms;
    int timer = zloop_timer(loop, LOOK_MS, 0, on_look, NULL);
    zloop_start(loop);
    zloop_timer_end(loop, timer);
}

static const Forge__Sample *
sample(const char *name)
{
    for (size_t i = 0; i < fixture.last->n_samples; i++)
        if (strcmp(fixture.last->samples[i]->name, name) == 0)
            return fixture.last->samples[i];
    fail_msg("no %s was pushed", name);
    return NULL;
}

struct wanted {
    const char *name;
    double value;
};

static void
on_sample(void *argument, const struct metrics_sample *collected)
{
    struct wanted *wanted = argument;
    if (strcmp(collected->name, wanted->name) == 0)
        wanted->value = collected->value;
}

static double
counted(const char *name)
{
    struct wanted wanted = {name, -1};
    metrics_collect(fixture.metrics, on_sample, &wanted);
    return wanted.value;
}

static void
a_program_pushes_at_once_and_every_second(void **state)
{
    (void)state;
    telemetry_attach(fixture.telemetry, rpc_server_loop(fixture.server));

    int64_t started_ms = clock_monotonic_ms();
    run_until(1, PATIENCE_MS);
    assert_int_equal(fixture.pushes, 1);
    run_until(2, PATIENCE_MS);

    assert_int_equal(fixture.pushes, 2);
    assert_true(clock_monotonic_ms() - started_ms >= 900);
    assert_string_equal(fixture.last->program, "tiny");
    assert_string_equal(fixture.last->instance, "tiny@test");
    assert_string_equal(fixture.last->version, "9");
    assert_true(strlen(fixture.last->host) > 0);
    assert_int_equal(fixture.roles, ROLE_PROGRAM);
    assert_string_equal(fixture.principal, "tiny");
}

static void
a_push_holds_the_whole_registry(void **state)
{
    (void)state;
    metrics_add(metrics_counter(fixture.metrics, "forge_x_total",
                    "route=\"/a \\\"b\\\" \\\\ c\\nd\",code=\"200\"", "X."),
        7);
    metrics_observe(metrics_histogram(fixture.metrics, "forge_t_seconds", NULL, "T."), 1.0);
    metrics_set(metrics_gauge(fixture.metrics, "forge_g", NULL, "G."), -0.5);

    telemetry_attach(fixture.telemetry, rpc_server_loop(fixture.server));
    run_until(1, PATIENCE_MS);

    const Forge__Sample *counter = sample("forge_x_total");
    assert_true(counter->value == 7);
    assert_int_equal(counter->type, FORGE__METRIC_TYPE__COUNTER);
    assert_string_equal(counter->help, "X.");
    assert_int_equal(counter->n_labels, 2);
    assert_string_equal(counter->labels[0]->name, "route");
    assert_string_equal(counter->labels[0]->value, "/a \"b\" \\ c\nd");
    assert_string_equal(counter->labels[1]->value, "200");
    const Forge__Histogram *histogram = sample("forge_t_seconds")->histogram;
    assert_non_null(histogram);
    assert_int_equal(histogram->schema, 3);
    assert_int_equal(histogram->first_index, 0);
    assert_int_equal(histogram->n_buckets, 1);
    assert_int_equal(histogram->buckets[0], 1);
    assert_true(sample("forge_g")->value == -0.5);
    assert_true(sample("process_resident_memory_bytes")->value > 0);
}

static void
pushes_are_counted_when_they_are_answered(void **state)
{
    (void)state;
    telemetry_attach(fixture.telemetry, rpc_server_loop(fixture.server));

    run_until(3, PATIENCE_MS);

    assert_in_range((uintmax_t)counted("forge_telemetry_pushed_total"), 2, 3);
    assert_true(counted("forge_telemetry_dropped_total") == 0);
}

static void
without_a_peer_pushes_are_dropped_and_nothing_waits(void **state)
{
    (void)state;
    telemetry_destroy(&fixture.telemetry);
    start_telemetry("inproc://telemetry-nobody");
    int64_t started_ms = clock_monotonic_ms();
    int64_t longest_ms = 0;

    while (counted("forge_telemetry_dropped_total") < 3 &&
           clock_monotonic_ms() < started_ms + PATIENCE_MS) {
        int64_t before_ms = clock_monotonic_ms();
        telemetry_push(fixture.telemetry);
        int64_t took_ms = clock_monotonic_ms() - before_ms;
        longest_ms = took_ms > longest_ms ? took_ms : longest_ms;
    }

    assert_true(counted("forge_telemetry_dropped_total") >= 3);
    /* Far less than a push's own patience of 3 s, however busy the machine is. */
    assert_true(longest_ms < 2000);
}

static void
while_a_push_is_open_the_next_is_left_out(void **state)
{
    (void)state;
    fixture.silent = true;
    telemetry_attach(fixture.telemetry, rpc_server_loop(fixture.server));
    run_until(1, PATIENCE_MS);

    for (int i = 0; i < 5; i++)
        telemetry_push(fixture.telemetry);
    run_until(2, 100);

    assert_int_equal(fixture.pushes, 1);
    assert_in_range((uintmax_t)counted("forge_telemetry_dropped_total"), 5, 20);
}

static void
a_detached_telemetry_is_silent(void **state)
{
    (void)state;
    telemetry_attach(fixture.telemetry, rpc_server_loop(fixture.server));
    run_until(1, PATIENCE_MS);

    telemetry_detach(fixture.telemetry);
    run_until(2, 1300);

    assert_int_equal(fixture.pushes, 1);
}

static void
a_watched_server_is_counted(void **state)
{
    (void)state;
    telemetry_watch(fixture.telemetry, fixture.server);
    telemetry_attach(fixture.telemetry, rpc_server_loop(fixture.server));

    run_until(2, PATIENCE_MS);

    assert_in_range((uintmax_t)sample("forge_rpc_calls_total")->value, 1, 100);
    assert_true(sample("forge_rpc_refused_total")->value == 0);
    assert_true(sample("forge_rpc_parked")->value == 0);
    assert_string_equal(sample("forge_rpc_queued")->labels[0]->value, "1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    zsys_handler_set(NULL);
    const struct CMUnitTest tests[] = {
        TEST(a_program_pushes_at_once_and_every_second),
        TEST(a_push_holds_the_whole_registry),
        TEST(pushes_are_counted_when_they_are_answered),
        TEST(without_a_peer_pushes_are_dropped_and_nothing_waits),
        TEST(while_a_push_is_open_the_next_is_left_out),
        TEST(a_detached_telemetry_is_silent),
        TEST(a_watched_server_is_counted),
    };
    return cmocka_run_group_tests_name("telemetry", tests, NULL, NULL);
}
