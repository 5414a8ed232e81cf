#include "common/rpc/actor.h"

#include <pthread.h>
#include <signal.h>

#include "common/process/log.h"
#include "common/process/program.h"

/* Long enough for the goodbye and the replies of what was running to leave. */
enum { DRAIN_MS = 200 };

/* One run of a service's loop. */
struct running {
    const struct rpc_actor *actor;
    void *service;
    zloop_t *loop;
    int signal_fd; /* -1 in a thread of its own */
    bool draining;
};

/* What the starting thread and the new one share until the new one is ready. */
struct start {
    const struct rpc_actor *actor;
    const void *options;
    enum status status;
    struct problem problem;
};

static int
on_drained(zloop_t *loop, int timer, void *argument)
{
    (void)loop;
    (void)timer;
    (void)argument;
    return -1;
}

/* -1 ends the loop at once, as zloop wants it. */
static int
stop(struct running *self)
{
    if (self->draining)
        return -1;
    self->draining = true;
    self->actor->drain(self->service);
    zloop_timer(self->loop, DRAIN_MS, 1, on_drained, self);
    return 0;
}

static int
on_signal(zloop_t *loop, zmq_pollitem_t *item, void *argument)
{
    (void)loop;
    (void)item;
    struct running *self = argument;
    int number = program_signal(self->signal_fd);
    if (number != SIGTERM && number != SIGINT)
        return 0;
    log_info("Service stopping signal=%d", number);
    return stop(self);
}

static int
on_pipe(zloop_t *loop, zsock_t *pipe, void *argument)
{
    (void)loop;
    char *word = zstr_recv(pipe);
    bool asked = !word || streq(word, "$TERM");
    zstr_free(&word);
    return asked ? stop(argument) : 0;
}

static void
run(struct running *self)
{
    log_info("Service started endpoint=%s", self->actor->endpoint(self->service));
    zloop_set_nonstop(self->loop, true);
    zloop_start(self->loop);
    log_info("Service ended");
}

static void
actor_thread(zsock_t *pipe, void *argument)
{
    struct start *start = argument;
    struct running self = {.actor = start->actor, .signal_fd = -1};
    pthread_setname_np(pthread_self(), self.actor->name);
    log_component(self.actor->name);
    start->status = self.actor->create(start->options, &self.service, &start->problem);
    bool good = start->status == STATUS_OK;
    /* From here on `start` belongs to the starting thread alone. */
    zsock_signal(pipe, good ? 0 : 1);
    if (!good)
        return;
    self.loop = self.actor->loop(self.service);
    zloop_reader(self.loop, pipe, on_pipe, &self);
    zloop_reader_set_tolerant(self.loop, pipe);
    run(&self);
    zloop_reader_end(self.loop, pipe);
    self.actor->destroy(&self.service);
}

enum status
rpc_actor_start(const struct rpc_actor *actor, const void *options, zactor_t **thread_p,
    struct problem *problem)
{
    struct start start = {.actor = actor, .options = options};
    zactor_t *thread = zactor_new(actor_thread, &start);
    if (start.status == STATUS_OK) {
        *thread_p = thread;
        return STATUS_OK;
    }
    zactor_destroy(&thread);
    problem_set(problem, "%s: %s", actor->name, start.problem.text);
    return start.status;
}

static int
exit_code_of(enum status status)
{
    switch (status) {
    case STATUS_OK: return EXIT_OK;
    case STATUS_INVALID_ARGUMENT: return EXIT_CONFIG;
    case STATUS_INTERNAL: return EXIT_INTERNAL;
    default: return EXIT_UNAVAILABLE;
    }
}

int
rpc_actor_run_here(const struct rpc_actor *actor, const void *options, int signal_fd)
{
    struct running self = {.actor = actor, .signal_fd = signal_fd};
    struct problem problem = {0};
    enum status status = actor->create(options, &self.service, &problem);
    if (status != STATUS_OK) {
        log_error("Service not started reason=\"%s\"", problem.text);
        return exit_code_of(status);
    }
    self.loop = actor->loop(self.service);
    zmq_pollitem_t item = {.fd = signal_fd, .events = ZMQ_POLLIN};
    zloop_poller(self.loop, &item, on_signal, &self);
    zloop_poller_set_tolerant(self.loop, &item);
    run(&self);
    zloop_poller_end(self.loop, &item);
    actor->destroy(&self.service);
    return EXIT_OK;
}
