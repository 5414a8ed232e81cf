#include "common/rpc/telemetry.h"

#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/process/log.h"
#include "common/process/program.h"
#include "common/rpc/telemetry_request.h"
#include "common/rpc/telemetry_server.h"

enum {
    PERIOD_MS = 1000,
    PATIENCE_MS = 3000,
};

struct telemetry {
    struct rpc_client *client;
    struct metrics *metrics;
    char *program, *instance, *version;
    char host[PROGRAM_NAME_SIZE];
    int64_t started_at_ms;

    /* The one push under way. */
    struct rpc_call call;
    bool open;

    struct metrics_counter *pushed, *dropped, *log_errors;
    uint64_t log_errors_seen;

    const struct rpc_server *server;
    struct telemetry_server *server_numbers;

    zloop_t *loop;
    int timer;
};

struct telemetry *
telemetry_create(const struct telemetry_options *options, struct metrics *metrics)
{
    struct telemetry *self = memory_new(sizeof *self);
    const struct rpc_client_options client = {.endpoint = options->endpoint,
        .max_open_calls = 4,
        .ping_ms = PERIOD_MS,
        .silent_ms = PATIENCE_MS};
    self->client = rpc_client_create(&client);
    self->metrics = metrics;
    self->program = text_copy(text_of(options->program));
    self->instance = text_copy(text_of(options->instance));
    self->version = text_copy(text_of(options->version));
    self->started_at_ms = clock_wall_ms();
    program_host(self->host);
    self->pushed = metrics_counter(
        metrics, "forge_telemetry_pushed_total", NULL, "Pushes that metrics-svc took.");
    self->dropped = metrics_counter(metrics, "forge_telemetry_dropped_total", NULL,
        "Pushes that were left out or not answered.");
    self->log_errors = metrics_counter(metrics, "forge_log_write_errors_total", NULL,
        "Log lines of this process that could not be written.");
    return self;
}

void
telemetry_destroy(struct telemetry **self_p)
{
    struct telemetry *self = TAKE(*self_p);
    if (!self)
        return;
    telemetry_detach(self);
    rpc_client_destroy(&self->client);
    telemetry_server_destroy(&self->server_numbers);
    free(self->program);
    free(self->instance);
    free(self->version);
    free(self);
}

void
telemetry_watch(struct telemetry *self, const struct rpc_server *server)
{
    telemetry_server_destroy(&self->server_numbers);
    self->server = server;
    self->server_numbers = telemetry_server_create(self->metrics);
}

struct rpc_client *
telemetry_client(struct telemetry *self)
{
    return self->client;
}

static void
on_pushed(const ProtobufCMessage *message, void *argument)
{
    struct telemetry *self = argument;
    self->open = false;
    metrics_add(message ? self->pushed : self->dropped, 1);
}

static void
push_request(struct telemetry *self, const Forge__PushRequest *request)
{
    struct text name = text_of(self->program);
    self->call = (struct rpc_call){.deadline_ms = clock_monotonic_ms() + PATIENCE_MS,
        .principal = {name, TEXT("default"), ROLE_PROGRAM},
        .criticality = CRITICALITY_SHEDDABLE};
    self->open = true;
    ProtobufCService *service =
        rpc_client_bind(self->client, &forge__metrics__descriptor, &self->call);
    forge__metrics__push(service, request, (Forge__PushReply_Closure)on_pushed, self);
}

void
telemetry_push(struct telemetry *self)
{
    rpc_client_turn(self->client);
    uint64_t log_errors = log_write_errors();
    metrics_add(self->log_errors, log_errors - self->log_errors_seen);
    self->log_errors_seen = log_errors;
    if (self->server)
        telemetry_server_update(self->server, self->server_numbers);
    if (self->open) {
        metrics_add(self->dropped, 1);
        return;
    }
    struct telemetry_request *request = telemetry_request_create(self->metrics);
    Forge__PushRequest *message = telemetry_request_message(request);
    message->program = self->program;
    message->instance = self->instance;
    message->host = self->host;
    message->version = self->version;
    message->started_at_ms = self->started_at_ms;
    message->at_ms = clock_wall_ms();
    push_request(self, message);
    telemetry_request_destroy(&request);
    rpc_client_turn(self->client);
}

static int
on_second(zloop_t *loop, int timer, void *argument)
{
    (void)loop;
    (void)timer;
    telemetry_push(argument);
    return 0;
}

static int
on_readable(zloop_t *loop, zmq_pollitem_t *item, void *argument)
{
    (void)loop;
    (void)item;
    struct telemetry *self = argument;
    rpc_client_turn(self->client);
    return 0;
}

static void
each_descriptor(struct telemetry *self, bool watch)
{
    int fds[RPC_CLIENT_FDS];
    rpc_client_fds(self->client, fds);
    for (size_t i = 0; i < RPC_CLIENT_FDS; i++) {
        zmq_pollitem_t item = {.fd = fds[i], .events = ZMQ_POLLIN};
        if (!watch) {
            zloop_poller_end(self->loop, &item);
            continue;
        }
        if (zloop_poller(self->loop, &item, on_readable, self) == 0)
            zloop_poller_set_tolerant(self->loop, &item);
    }
}

void
telemetry_attach(struct telemetry *self, zloop_t *loop)
{
    self->loop = loop;
    each_descriptor(self, true);
    self->timer = zloop_timer(loop, PERIOD_MS, 0, on_second, self);
    telemetry_push(self);
}

void
telemetry_detach(struct telemetry *self)
{
    if (!self->loop)
        return;
    zloop_timer_end(self->loop, self->timer);
    each_descriptor(self, false);
    self->loop = NULL;
}
