/* A service of nothing but a loop, run as an actor and in the test's own thread. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/memory.h"
#include "common/process/program.h"
#include "common/rpc/actor.h"

/* The service tells by this what became of it. */
struct trace {
    enum status create; /* how its creation is to end */
    unsigned lives_ms;  /* 0: until it is told to stop */
    _Atomic int created, drained, destroyed;
};

struct service {
    struct trace *trace;
    zloop_t *loop;
};

static int
on_end_of_life(zloop_t *loop, int timer, void *argument)
{
    (void)loop;
    (void)timer;
    (void)argument;
    return -1;
}

static enum status
service_create(const void *options, void **self_p, struct problem *problem)
{
    struct trace *trace = *(struct trace *const *)options;
    if (trace->create != STATUS_OK) {
        problem_set(problem, "the folder is missing");
        return trace->create;
    }
    struct service *self = memory_new(sizeof *self);
    self->trace = trace;
    self->loop = zloop_new();
    if (trace->lives_ms)
        zloop_timer(self->loop, trace->lives_ms, 1, on_end_of_life, self);
    trace->created++;
    *self_p = self;
    return STATUS_OK;
}

static void
service_destroy(void **self_p)
{
    struct service *self = *self_p;
    self->trace->destroyed++;
    zloop_destroy(&self->loop);
    free(self);
    *self_p = NULL;
}

static zloop_t *
service_loop(void *self)
{
    return ((struct service *)self)->loop;
}

static const char *
service_endpoint(const void *self)
{
    (void)self;
    return "inproc://nothing";
}

static void
service_drain(void *self)
{
    ((struct service *)self)->trace->drained++;
}

static const struct rpc_actor actor = {
    .name = "test-svc",
    .create = service_create,
    .destroy = service_destroy,
    .loop = service_loop,
    .endpoint = service_endpoint,
    .drain = service_drain,
};

static void
an_actor_runs_until_it_is_destroyed(void **state)
{
    (void)state;
    struct trace trace = {0};
    struct trace *options = &trace;
    zactor_t *thread = NULL;
    struct problem problem = {0};

    assert_int_equal(rpc_actor_start(&actor, &options, &thread, &problem), STATUS_OK);
    assert_int_equal(trace.created, 1);
    assert_int_equal(trace.destroyed, 0);
    zactor_destroy(&thread);

    assert_int_equal(trace.drained, 1);
    assert_int_equal(trace.destroyed, 1);
}

static void
a_service_that_cannot_start_says_why(void **state)
{
    (void)state;
    struct trace trace = {.create = STATUS_FAILED_PRECONDITION};
    struct trace *options = &trace;
    zactor_t *thread = NULL;
    struct problem problem = {0};

    assert_int_equal(
        rpc_actor_start(&actor, &options, &thread, &problem), STATUS_FAILED_PRECONDITION);

    assert_null(thread);
    assert_string_equal(problem.text, "test-svc: the folder is missing");
    assert_int_equal(trace.destroyed, 0);
}

static void
an_owner_sees_that_a_loop_ended_by_itself(void **state)
{
    (void)state;
    struct trace trace = {.lives_ms = 10};
    struct trace *options = &trace;
    zactor_t *thread = NULL;
    struct problem problem = {0};
    assert_int_equal(rpc_actor_start(&actor, &options, &thread, &problem), STATUS_OK);

    zpoller_t *poller = zpoller_new(thread, NULL);
    assert_ptr_equal(zpoller_wait(poller, 5000), thread);

    zpoller_destroy(&poller);
    zactor_destroy(&thread);
    assert_int_equal(trace.destroyed, 1);
    assert_int_equal(trace.drained, 0);
}

/* Signals are blocked before any thread starts, as program_run does. */
static int
take_signals(void **state)
{
    static int signal_fd;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    *state = &signal_fd;
    zsys_handler_set(NULL);
    return signal_fd < 0;
}

static int
return_signals(void **state)
{
    close(*(int *)*state);
    zsys_shutdown();
    return 0;
}

static void
a_program_runs_until_a_signal(void **state)
{
    struct trace trace = {0};
    struct trace *options = &trace;
    int signal_fd = *(int *)*state;
    kill(getpid(), SIGHUP);
    kill(getpid(), SIGTERM);

    assert_int_equal(rpc_actor_run_here(&actor, &options, signal_fd), EXIT_OK);

    assert_int_equal(trace.drained, 1);
    assert_int_equal(trace.destroyed, 1);
}

static void
a_program_that_cannot_start_ends_with_its_code(void **state)
{
    (void)state;
    struct trace trace = {.create = STATUS_FAILED_PRECONDITION};
    struct trace *options = &trace;

    assert_int_equal(rpc_actor_run_here(&actor, &options, -1), EXIT_UNAVAILABLE);
    trace.create = STATUS_INVALID_ARGUMENT;
    assert_int_equal(rpc_actor_run_here(&actor, &options, -1), EXIT_CONFIG);
    trace.create = STATUS_INTERNAL;
    assert_int_equal(rpc_actor_run_here(&actor, &options, -1), EXIT_INTERNAL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_actor_runs_until_it_is_destroyed),
        cmocka_unit_test(a_service_that_cannot_start_says_why),
        cmocka_unit_test(an_owner_sees_that_a_loop_ended_by_itself),
        cmocka_unit_test(a_program_runs_until_a_signal),
        cmocka_unit_test(a_program_that_cannot_start_ends_with_its_code),
    };
    return cmocka_run_group_tests_name("actor", tests, take_signals, return_signals);
}
