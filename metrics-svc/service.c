#include "metrics-svc/service.h"

#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/process/log.h"
#include "common/process/program.h"
#include "metrics-svc/exposition.h"
#include "metrics-svc/lanes.h"
#include "metrics-svc/store.h"

enum { METRICS_SERVICES = 3, TICK_MS = 1000, HOUR_MS = 3600000, RETENTION_HOURS = 48 };

struct metrics_service {
    struct store *store;
    struct metrics *metrics;
    int64_t retention_ms;
    struct router_state router;
    struct rpc_server *server;
    struct telemetry *telemetry;
    Forge__Metrics_Service metrics_calls;
    Forge__Health_Service health_calls;
    Forge__Transfer_Service transfer_calls;
    struct metrics_gauge *store_bytes, *store_writable, *programs;
};

static const uint32_t anyone = ROLE_READER | ROLE_WRITER | ROLE_OPERATOR | ROLE_PROGRAM;
static const uint32_t keepers = ROLE_OPERATOR | ROLE_PROGRAM;

static void *
writer_start(struct rpc_worker *worker, void *argument)
{
    struct metrics_service *self = argument;
    const struct metrics_writer_options options = {
        .store = self->store, .metrics = self->metrics, .retention_ms = self->retention_ms};
    struct writer_state *state = memory_new(sizeof *state);
    log_component(metrics_service_actor.name);
    state->writer = metrics_writer_create(&options);
    state->worker = worker;
    return state;
}

static void
writer_end(void **state_p)
{
    struct writer_state *state = TAKE(*state_p);
    metrics_writer_destroy(&state->writer);
    free(state);
}

static enum status
writer_commit(void *argument, struct problem *problem, enum rpc_outcome *outcome)
{
    struct writer_state *state = argument;
    return metrics_writer_commit(state->writer, problem, outcome);
}

static void *
reader_start(struct rpc_worker *worker, void *argument)
{
    (void)worker;
    struct metrics_service *self = argument;
    struct reader_state *state = memory_new(sizeof *state);
    log_component(metrics_service_actor.name);
    state->store = self->store;
    state->query_seconds = metrics_histogram(
        self->metrics, "forge_metrics_query_seconds", NULL, "Time to answer one query.");
    return state;
}

static void
reader_end(void **state_p)
{
    free(TAKE(*state_p));
}

static void
on_note(void *argument, struct text note)
{
    struct router_state *state = argument;
    if (note.length == sizeof state->known_series)
        memcpy(&state->known_series, note.data, sizeof state->known_series);
}

static int
on_tick(zloop_t *loop, int timer, void *argument)
{
    (void)loop;
    (void)timer;
    struct metrics_service *self = argument;
    presence_expire(self->router.presence, clock_monotonic_ms());
    metrics_set(self->programs, (double)presence_count(self->router.presence));
    metrics_set(self->store_bytes, (double)store_size_bytes(self->store));
    metrics_set(self->store_writable, store_state(self->store) == STORE_WRITABLE);
    return 0;
}

static void
add_instruments(struct metrics_service *self)
{
    struct metrics *metrics = self->metrics;
    self->router.taken = metrics_counter(metrics, "forge_metrics_pushes_total", "outcome=\"taken\"",
        "Pushes of programs, by what became of them.");
    self->router.refused = metrics_counter(metrics, "forge_metrics_pushes_total",
        "outcome=\"refused\"", "Pushes of programs, by what became of them.");
    self->programs =
        metrics_gauge(metrics, "forge_metrics_programs", NULL, "Programs that pushed lately.");
    self->store_bytes = metrics_gauge(
        metrics, "forge_store_bytes", "store=\"metrics\"", "Size of the store on disk");
    self->store_writable = metrics_gauge(
        metrics, "forge_store_writable", "store=\"metrics\"", "1 while the store takes writes");
}

static enum status
open_store(struct metrics_service *self, const struct metrics_service_options *options,
    struct problem *problem)
{
    const struct store_options store = {.engine = options->engine,
        .path = options->store_path,
        .format = METRICS_STORE_FORMAT,
        .require_existing = options->require_existing,
        .cache_bytes = options->cache_bytes,
        .min_free_bytes = options->min_free_bytes};
    return store_open(&store, &self->store, problem);
}

static enum status
start_server(struct metrics_service *self, const struct metrics_service_options *options,
    struct problem *problem)
{
    const struct rpc_rule rules[] = {
        {&forge__metrics__descriptor, "Push", LANE_ROUTER, ROLE_PROGRAM},
        {&forge__metrics__descriptor, "Expose", LANE_ROUTER, anyone},
        {&forge__metrics__descriptor, "Status", LANE_ROUTER, anyone},
        {&forge__metrics__descriptor, "Query", LANE_READER, anyone},
        {&forge__health__descriptor, "Ping", LANE_ROUTER, anyone},
        {&forge__health__descriptor, "Prove", LANE_WRITER, keepers},
        {&forge__transfer__descriptor, "Export", LANE_WRITER, keepers},
        {&forge__transfer__descriptor, "Import", LANE_WRITER, keepers},
    };
    const struct rpc_lane lanes[METRICS_LANES] = {
        {.name = "metrics-writer",
            .threads = 1,
            .argument = self,
            .worker_create = writer_start,
            .worker_destroy = writer_end,
            .commit = writer_commit},
        {.name = "metrics-reader",
            .threads = 1,
            .argument = self,
            .worker_create = reader_start,
            .worker_destroy = reader_end},
    };
    ProtobufCService *const services[METRICS_SERVICES] = {
        &self->metrics_calls.base, &self->health_calls.base, &self->transfer_calls.base};
    const struct rpc_server_options server = {.endpoint = options->endpoint,
        .instance = options->instance,
        .services = services,
        .service_count = METRICS_SERVICES,
        .rules = rules,
        .rule_count = sizeof rules / sizeof *rules,
        .lanes = lanes,
        .lane_count = METRICS_LANES,
        .router_state = &self->router,
        .on_note = on_note};
    enum status status = rpc_server_create(&server, &self->server, problem);
    self->router.server = self->server;
    return status;
}

/* metrics-svc is a program among the others: it pushes to its own endpoint. */
static void
start_timers(struct metrics_service *self, const struct metrics_service_options *options)
{
    const struct telemetry_options telemetry = {.endpoint = rpc_server_endpoint(self->server),
        .program = metrics_service_actor.name,
        .instance = options->instance,
        .version = program_version()};
    zloop_t *loop = rpc_server_loop(self->server);
    self->telemetry = telemetry_create(&telemetry, self->metrics);
    telemetry_watch(self->telemetry, self->server);
    telemetry_attach(self->telemetry, loop);
    zloop_timer(loop, TICK_MS, 0, on_tick, self);
}

enum status
metrics_service_create(const struct metrics_service_options *options,
    struct metrics_service **self_p, struct problem *problem)
{
    CLEANUP(metrics_service_destroy) struct metrics_service *self = memory_new(sizeof *self);
    uint32_t hours = options->retention_hours ? options->retention_hours : RETENTION_HOURS;
    self->metrics = options->metrics;
    self->retention_ms = (int64_t)hours * HOUR_MS;
    self->metrics_calls = (Forge__Metrics_Service)FORGE__METRICS__INIT(metrics_on_);
    self->health_calls = (Forge__Health_Service)FORGE__HEALTH__INIT(metrics_on_);
    self->transfer_calls = (Forge__Transfer_Service)FORGE__TRANSFER__INIT(metrics_on_);
    add_instruments(self);
    arena_init(&self->router.arena, EXPOSITION_ARENA_BYTES);
    self->router.presence = presence_create();
    enum status status = open_store(self, options, problem);
    self->router.store = self->store;
    if (status == STATUS_OK)
        status = start_server(self, options, problem);
    if (status != STATUS_OK)
        return status;
    start_timers(self, options);
    *self_p = TAKE(self);
    return STATUS_OK;
}

void
metrics_service_destroy(struct metrics_service **self_p)
{
    struct metrics_service *self = TAKE(*self_p);
    if (!self)
        return;
    telemetry_destroy(&self->telemetry);
    if (self->server)
        rpc_server_destroy(&self->server);
    if (self->store)
        store_close(&self->store);
    presence_destroy(&self->router.presence);
    arena_release(&self->router.arena);
    free(self);
}

zloop_t *
metrics_service_loop(struct metrics_service *self)
{
    return rpc_server_loop(self->server);
}

const char *
metrics_service_endpoint(const struct metrics_service *self)
{
    return rpc_server_endpoint(self->server);
}

void
metrics_service_drain(struct metrics_service *self)
{
    rpc_server_drain(self->server);
}

static enum status
actor_create(const void *options, void **self_p, struct problem *problem)
{
    struct metrics_service *self = NULL;
    enum status status = metrics_service_create(options, &self, problem);
    *self_p = self;
    return status;
}

static void
actor_destroy(void **self_p)
{
    struct metrics_service *self = TAKE(*self_p);
    metrics_service_destroy(&self);
}

static zloop_t *
actor_loop(void *self)
{
    return metrics_service_loop(self);
}

static const char *
actor_endpoint(const void *self)
{
    return metrics_service_endpoint(self);
}

static void
actor_drain(void *self)
{
    metrics_service_drain(self);
}

const struct rpc_actor metrics_service_actor = {
    "metrics-svc", actor_create, actor_destroy, actor_loop, actor_endpoint, actor_drain};
