/* A server's beginning and end: what it refuses to start with, and that it never aborts. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "common/base/memory.h"
#include "tests/common/rpc/ask.h"
#include "tests/common/rpc/fake.h"

static const struct rpc_rule all_rules[] = {
    {&forge__session__descriptor, "Start", LANE_ROUTER, ROLE_READER},
    {&forge__session__descriptor, "Checkpoint", LANE_ROUTER, ROLE_READER},
    {&forge__session__descriptor, "List", LANE_ROUTER, ROLE_READER},
    {&forge__session__descriptor, "End", LANE_ROUTER, ROLE_READER},
    {&forge__context__descriptor, "Save", LANE_ROUTER, ROLE_READER},
};

struct attempt {
    const char *endpoint;
    size_t rule_count;
    const struct rpc_rule *rules;
    const struct rpc_lane *lanes;
    size_t lane_count;
};

/* Tries to create a server; its problem, or "" after which it is destroyed. */
static const char *
try_create(struct attempt attempt)
{
    static struct problem problem;
    Forge__Session_Service session = fake_session();
    ProtobufCService *services[] = {&session.base};
    struct rpc_server *server = NULL;
    struct rpc_server_options options = {
        .endpoint = attempt.endpoint ? attempt.endpoint : "inproc://attempt",
        .instance = "attempt",
        .services = services,
        .service_count = 1,
        .rules = attempt.rules ? attempt.rules : all_rules,
        .rule_count = attempt.rule_count ? attempt.rule_count : 4,
        .lanes = attempt.lanes,
        .lane_count = attempt.lane_count,
    };
    problem.text[0] = '\0';
    enum status status = rpc_server_create(&options, &server, &problem);
    assert_int_equal(status == STATUS_OK, server != NULL);
    assert_int_equal(status == STATUS_OK, problem.text[0] == '\0');
    rpc_server_destroy(&server);
    return problem.text;
}

static void
each_method_needs_a_rule_and_each_rule_a_method(void **state)
{
    (void)state;
    const struct rpc_rule wrong_lane[] = {
        {&forge__session__descriptor, "Start", 3, ROLE_READER},
        all_rules[1],
        all_rules[2],
        all_rules[3],
    };

    assert_string_equal(try_create((struct attempt){0}), "");
    assert_string_equal(
        try_create((struct attempt){.rule_count = 3}), "forge.Session/End has no rule");
    assert_string_equal(try_create((struct attempt){.rule_count = 5}),
        "a rule names forge.Context/Save, which no service offers");
    assert_string_equal(try_create((struct attempt){.rules = wrong_lane, .rule_count = 4}),
        "forge.Session/Start belongs to lane 3, which does not exist");
}

static void
an_endpoint_that_cannot_be_had_is_told(void **state)
{
    (void)state;
    struct fake_options options = {.endpoint = fake_endpoint("tcp")};
    struct fake *fake = fake_create(&options);
    char words[700];
    snprintf(words, sizeof words, "cannot listen on %s: Address already in use", fake->endpoint);

    assert_string_equal(try_create((struct attempt){.endpoint = fake->endpoint}), words);
    assert_non_null(strstr(try_create((struct attempt){.endpoint = "nonsense"}), "cannot listen"));
    assert_non_null(
        strstr(try_create((struct attempt){.endpoint = "tcp://256.0.0.1:1"}), "cannot listen"));
    fake_destroy(&fake);
}

static void *
fail_to_create(struct rpc_worker *worker, void *argument)
{
    (void)worker;
    (void)argument;
    return NULL;
}

static unsigned destroyed;

static void *
create_counted(struct rpc_worker *worker, void *argument)
{
    rpc_worker_note(worker, TEXT("I am"));
    return argument;
}

static void
destroy_counted(void **state_p)
{
    destroyed++;
    *state_p = NULL;
}

static void
a_worker_that_cannot_start_stops_the_server(void **state)
{
    (void)state;
    int something = 0;
    const struct rpc_lane lanes[] = {
        {.name = "good",
            .threads = 2,
            .argument = &something,
            .worker_create = create_counted,
            .worker_destroy = destroy_counted},
        {.name = "bad", .threads = 1, .worker_create = fail_to_create},
    };
    destroyed = 0;

    assert_string_equal(try_create((struct attempt){.lanes = lanes, .lane_count = 2}),
        "a worker of lane bad did not start");
    assert_int_equal(destroyed, 2);
    assert_string_equal(try_create((struct attempt){.lanes = lanes, .lane_count = 1}), "");
    assert_int_equal(destroyed, 4);
}

static void
it_can_end_under_load_again_and_again(void **state)
{
    static const char *const transports[] = {"inproc", "ipc", "tcp"};
    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        struct fake_options options = {.endpoint = fake_endpoint(transports[i % 3])};
        struct fake *fake = fake_create(&options);
        struct rpc_client *client = ask_client(fake->endpoint);
        struct ask asks[200] = {0};
        turn_until_answering(client);

        for (unsigned j = 0; j < 50; j++) {
            ask_start(client, &asks[j], "load");
            ask_checkpoint(client, &asks[50 + j], "load");
            ask_list(client, &asks[100 + j], "load");
            ask_end(client, &asks[150 + j], "again");
        }
        rpc_client_turn(client);
        if (i % 2)
            rpc_client_destroy(&client);
        fake_destroy(&fake);
        rpc_client_destroy(&client);

        for (unsigned j = 0; j < 200; j++)
            assert_int_equal(asks[j].runs, 1);
    }
}

static void *
check_signals(struct rpc_worker *worker, void *argument)
{
    (void)worker;
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    char name[16] = "";
    pthread_getname_np(pthread_self(), name, sizeof name);
    bool *good = argument;
    *good = sigismember(&blocked, SIGTERM) && sigismember(&blocked, SIGUSR1) &&
            strcmp(name, "writer") == 0;
    return good;
}

static void
workers_have_names_and_take_no_signals(void **state)
{
    (void)state;
    bool good = false;
    const struct rpc_lane lanes[] = {
        {.name = "writer", .threads = 1, .argument = &good, .worker_create = check_signals}};

    assert_string_equal(try_create((struct attempt){.lanes = lanes, .lane_count = 1}), "");

    assert_true(good);
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    assert_false(sigismember(&blocked, SIGTERM));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_method_needs_a_rule_and_each_rule_a_method),
        cmocka_unit_test(an_endpoint_that_cannot_be_had_is_told),
        cmocka_unit_test(a_worker_that_cannot_start_stops_the_server),
        cmocka_unit_test(it_can_end_under_load_again_and_again),
        cmocka_unit_test(workers_have_names_and_take_no_signals),
    };
    zsys_init();
    zsys_handler_set(NULL);
    return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
