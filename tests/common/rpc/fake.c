#include "tests/common/rpc/fake.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/memory.h"

static void
on_note(void *argument, struct text note)
{
    struct fake *self = argument;
    if (text_is(note, "committed"))
        self->notes++;
}

static const struct rpc_rule rules[] = {
    {&forge__session__descriptor, "Start", LANE_ROUTER, ROLE_READER},
    {&forge__session__descriptor, "Checkpoint", 1, ROLE_WRITER},
    {&forge__session__descriptor, "List", 2, ROLE_READER},
    {&forge__session__descriptor, "End", LANE_ROUTER, ROLE_READER},
};

static int
on_control(zloop_t *loop, zsock_t *socket, void *argument)
{
    (void)loop;
    struct fake *self = argument;
    char order[2] = "";
    zmq_recv(zsock_resolve(socket), order, sizeof order, 0);
    if (order[0] == 'd')
        rpc_server_drain(self->server);
    if (order[0] == 'r')
        rpc_server_resume(self->server, "forge.Session/End", (unsigned)order[1]);
    if (order[0] == 't')
        rpc_server_tell(self->server, (unsigned)order[1], TEXT("news"));
    rpc_server_count(self->server, &self->counts);
    zmq_send(zsock_resolve(socket), "", 0, 0);
    return order[0] == 'q' ? -1 : 0;
}

static void
build(struct fake *self)
{
    const struct rpc_lane lanes[] = {
        {.name = "writer",
            .threads = 1,
            .argument = self,
            .worker_create = fake_worker_create,
            .worker_destroy = fake_worker_destroy,
            .commit = fake_commit},
        {.name = "reader",
            .threads = 2,
            .queue_max = self->options.reader_queue_max,
            .argument = self,
            .worker_create = fake_worker_create,
            .worker_destroy = fake_worker_destroy,
            .on_note = fake_worker_note},
    };
    struct rpc_server_options options = {
        .endpoint = self->options.endpoint,
        .instance = "fake@test",
        .services = self->services,
        .service_count = 1,
        .rules = rules,
        .rule_count = sizeof rules / sizeof rules[0],
        .lanes = lanes,
        .lane_count = 2,
        .router_state = self,
        .on_note = on_note,
    };
    struct problem problem;
    if (rpc_server_create(&options, &self->server, &problem) != STATUS_OK) {
        fprintf(stderr, "%s\n", problem.text);
        abort();
    }
}

static struct fake *
prepare(const struct fake_options *options)
{
    struct fake *self = memory_new(sizeof *self);
    self->session = fake_session();
    self->services[0] = &self->session.base;
    self->options = *options;
    sem_init(&self->gate, 0, 0);
    sem_init(&self->started, 0, 0);
    return self;
}

static void *
serve(void *argument)
{
    struct fake *self = argument;
    build(self);
    snprintf(self->endpoint, sizeof self->endpoint, "%s", rpc_server_endpoint(self->server));
    zloop_reader(rpc_server_loop(self->server), self->router_end, on_control, self);
    sem_post(&self->started);
    zloop_start(rpc_server_loop(self->server));
    rpc_server_destroy(&self->server);
    return NULL;
}

struct fake *
fake_create(const struct fake_options *options)
{
    struct fake *self = prepare(options);
    char name[64];
    snprintf(name, sizeof name, "inproc://fake-control-%p", (void *)self);
    self->control = zsock_new(ZMQ_PAIR);
    zsock_bind(self->control, "%s", name);
    self->router_end = zsock_new(ZMQ_PAIR);
    zsock_connect(self->router_end, "%s", name);
    pthread_create(&self->thread, NULL, serve, self);
    while (sem_wait(&self->started) != 0) {
    }
    return self;
}

static void
order(struct fake *self, char what, unsigned lane)
{
    char bytes[2] = {what, (char)lane};
    zmq_send(zsock_resolve(self->control), bytes, sizeof bytes, 0);
    zmq_recv(zsock_resolve(self->control), bytes, sizeof bytes, 0);
}

void
fake_drain(struct fake *self)
{
    order(self, 'd', 0);
}

void
fake_resume(struct fake *self, unsigned lane)
{
    order(self, 'r', lane);
}

void
fake_tell(struct fake *self, unsigned lane)
{
    order(self, 't', lane);
}

void
fake_count(struct fake *self)
{
    order(self, 'c', 0);
}

void
fake_open_gate(struct fake *self, unsigned passes)
{
    for (unsigned i = 0; i < passes; i++)
        sem_post(&self->gate);
}

void
fake_destroy(struct fake **self_p)
{
    struct fake *self = *self_p;
    if (!self)
        return;
    fake_open_gate(self, 1000);
    order(self, 'q', 0);
    pthread_join(self->thread, NULL);
    zsock_destroy(&self->control);
    zsock_destroy(&self->router_end);
    sem_destroy(&self->gate);
    sem_destroy(&self->started);
    memory_free(self_p);
}

static int
on_stop(zloop_t *loop, zmq_pollitem_t *item, void *argument)
{
    (void)loop;
    (void)item;
    (void)argument;
    return -1;
}

int
fake_serve(const char *endpoint, int stop_fd)
{
    struct fake_options options = {.endpoint = endpoint};
    struct fake *self = prepare(&options);
    build(self);
    printf("%s\n", rpc_server_endpoint(self->server));
    fflush(stdout);
    zmq_pollitem_t item = {.fd = stop_fd, .events = ZMQ_POLLIN};
    zloop_poller(rpc_server_loop(self->server), &item, on_stop, NULL);
    zloop_start(rpc_server_loop(self->server));
    rpc_server_destroy(&self->server);
    memory_free(&self);
    return EXIT_SUCCESS;
}

static char folder[64];

static void
remove_folder(void)
{
    char path[128];
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(path, sizeof path, "%s/%u", folder, i);
        unlink(path);
    }
    rmdir(folder);
}

const char *
fake_endpoint(const char *transport)
{
    static char endpoint[128];
    static unsigned count;
    if (strcmp(transport, "tcp") == 0)
        return "tcp://127.0.0.1:*";
    if (strcmp(transport, "inproc") == 0) {
        snprintf(endpoint, sizeof endpoint, "inproc://fake-%u", count++);
        return endpoint;
    }
    if (!folder[0]) {
        snprintf(folder, sizeof folder, "/tmp/rpc-test-XXXXXX");
        assert_non_null(mkdtemp(folder));
        atexit(remove_folder);
    }
    snprintf(endpoint, sizeof endpoint, "ipc://%s/%u", folder, count++);
    return endpoint;
}
