#include "context-svc/service.h"

#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/process/log.h"
#include "common/process/program.h"
#include "common/rpc/telemetry.h"
#include "context-svc/get.h"
#include "context-svc/handlers.h"
#include "context-svc/lanes.h"

enum {
    TICK_MS = 200,
    TICKS_OF_SECOND = 5,
    READS = ROLE_READER | ROLE_WRITER | ROLE_OPERATOR,
    WRITES = ROLE_WRITER | ROLE_OPERATOR,
    PROGRAMS = ROLE_OPERATOR | ROLE_PROGRAM,
    ANYONE = READS | ROLE_PROGRAM,
};

/* Who may call what, and which thread answers. */
static const struct rpc_rule rules[] = {
    {&forge__context__descriptor, "Save", LANE_WRITER, WRITES},
    {&forge__context__descriptor, "Update", LANE_WRITER, WRITES},
    {&forge__context__descriptor, "Forget", LANE_WRITER, WRITES},
    {&forge__context__descriptor, "Get", LANE_ROUTER, READS},
    {&forge__context__descriptor, "Count", LANE_ROUTER, ANYONE},
    {&forge__context__descriptor, "Projects", LANE_ROUTER, READS},
    {&forge__context__descriptor, "List", LANE_READERS, READS},
    {&forge__context__descriptor, "Search", LANE_READERS, READS},
    {&forge__context__descriptor, "Brief", LANE_READERS, READS},
    {&forge__context__descriptor, "History", LANE_READERS, READS},
    {&forge__context__descriptor, "Changes", LANE_READERS, ANYONE},
    {&forge__session__descriptor, "Start", LANE_WRITER, WRITES},
    {&forge__session__descriptor, "Checkpoint", LANE_WRITER, WRITES},
    {&forge__session__descriptor, "End", LANE_WRITER, WRITES},
    {&forge__session__descriptor, "List", LANE_READERS, READS},
    {&forge__health__descriptor, "Prove", LANE_WRITER, ANYONE},
    {&forge__transfer__descriptor, "Export", LANE_EXPORTS, PROGRAMS},
    {&forge__transfer__descriptor, "Import", LANE_WRITER, PROGRAMS},
};

struct gauges {
    struct metrics_gauge *entries;
    struct metrics_gauge *sessions;
    struct metrics_gauge *store_bytes;
    struct metrics_gauge *writable;
    struct metrics_gauge *relevance;
};

struct context_service {
    struct context_lane_parts parts;
    struct rpc_lane lanes[LANES];
    struct context_router_state router;
    Forge__Context_Service context;
    Forge__Session_Service session;
    Forge__Health_Service health;
    Forge__Transfer_Service transfer;
    struct gauges gauges;
    struct telemetry *telemetry; /* NULL: nothing is pushed */
    int timer;
    uint64_t ticks;
    uint64_t entries; /* of all tenants, as last counted */
    bool ticking;     /* the writer has not answered the last tick */
};

static void
tell(struct context_service *self, enum lane_number lane, enum note_kind kind)
{
    char note = (char)kind;
    rpc_server_tell(self->router.server, (unsigned)lane, text_from(&note, 1));
}

static void
tick_writer(struct context_service *self)
{
    if (context_usage_entries(self->router.usage)) {
        rpc_server_tell(self->router.server, LANE_WRITER, context_usage_note(self->router.usage));
        context_usage_clear(self->router.usage);
    }
    tell(self, LANE_WRITER, NOTE_TICK);
    self->ticking = true;
}

static void
take_note(struct context_service *self, struct text note)
{
    switch ((enum note_kind)note.data[0]) {
    case NOTE_COMMITTED:
        rpc_server_resume(self->router.server, "forge.Context/Changes", LANE_READERS);
        break;
    case NOTE_TICKED: {
        struct note_ticked ticked;
        memcpy(&ticked, note.data, sizeof ticked);
        self->ticking = false;
        if (ticked.more)
            tick_writer(self);
        break;
    }
    case NOTE_LET_GO: tell(self, LANE_EXPORTS, NOTE_LET_GO); break;
    case NOTE_SEARCHED: {
        struct note_searched searched;
        memcpy(&searched, note.data, sizeof searched);
        context_relevance_add_search(self->router.relevance, &searched, clock_monotonic_ms());
        break;
    }
    case NOTE_USED: {
        struct note_used used;
        memcpy(&used, note.data, sizeof used);
        context_relevance_add_use(
            self->router.relevance, used.principal, &used.id, clock_monotonic_ms());
        break;
    }
    case NOTE_TICK:
    case NOTE_USES: break; /* the router's own */
    }
}

static void
on_note(void *router_state, struct text note)
{
    struct context_router_state *router = router_state;
    take_note(router->owner, note);
}

/* Sums over all tenants, as a program of the cluster is told them. */
static void
set_gauges(struct context_service *self)
{
    const struct store *store = self->parts.store;
    metrics_set(self->gauges.store_bytes, (double)store_size_bytes(store));
    metrics_set(self->gauges.writable, store_state(store) == STORE_WRITABLE ? 1 : 0);
    uint64_t searches;
    metrics_set(self->gauges.relevance,
        context_relevance_score(self->router.relevance, clock_monotonic_ms(), &searches));

    struct context_view *view = context_view_board_take(self->parts.board, PLACE_ROUTER);
    if (!view)
        return;
    const struct rpc_principal program = {.roles = ROLE_PROGRAM};
    struct context_reading reading;
    context_reading_begin(&reading, self->router.reader, view, &program, TEXT(""));
    Forge__CountReply reply = FORGE__COUNT_REPLY__INIT;
    if (context_get_counts(&reading, &reply) == STATUS_OK) {
        self->entries = reply.entries;
        metrics_set(self->gauges.entries, (double)reply.entries);
        metrics_set(self->gauges.sessions, (double)reply.sessions_open);
    }
    context_view_board_put_back(self->parts.board, PLACE_ROUTER, &view);
}

static void
tick(struct context_service *self)
{
    if (!self->ticking)
        tick_writer(self);
    if (self->ticks++ % TICKS_OF_SECOND != 0)
        return;
    tell(self, LANE_EXPORTS, NOTE_TICK);
    set_gauges(self);
}

static int
on_tick(zloop_t *loop, int timer, void *argument)
{
    (void)loop;
    (void)timer;
    tick(argument);
    return 0;
}

static struct gauges
register_gauges(struct metrics *metrics)
{
    return (struct gauges){
        .entries = metrics_gauge(metrics, "forge_context_entries", NULL, "Entries of all tenants"),
        .sessions = metrics_gauge(
            metrics, "forge_context_sessions_open", NULL, "Work sessions that have not ended"),
        .store_bytes = metrics_gauge(
            metrics, "forge_store_bytes", "store=\"context\"", "Size of the store on disk"),
        .writable = metrics_gauge(
            metrics, "forge_store_writable", "store=\"context\"", "1 while the store takes writes"),
        .relevance = metrics_gauge(metrics, "forge_context_relevance_ratio", NULL,
            "Mean reciprocal rank of used results of the last 24 hours"),
    };
}

static enum status
open_parts(struct context_service *self, const struct context_service_options *options,
    unsigned readers, struct problem *problem)
{
    const struct store_options store = {.engine = options->engine,
        .path = options->store_path,
        .format = CONTEXT_STORE_FORMAT,
        .require_existing = options->require_existing,
        .cache_bytes = options->cache_bytes,
        .min_free_bytes = options->min_free_bytes};
    enum status status = store_open(&store, &self->parts.store, problem);
    if (status != STATUS_OK)
        return status;
    self->parts.board = context_view_board_create(PLACE_READERS + readers);
    const struct context_writer_options writer = {
        .store = self->parts.store, .board = self->parts.board, .metrics = self->parts.metrics};
    return context_writer_create(&writer, &self->parts.writer, problem);
}

static enum status
serve(struct context_service *self, const struct context_service_options *options, unsigned readers,
    struct problem *problem)
{
    self->context = (Forge__Context_Service)FORGE__CONTEXT__INIT(context_on_);
    self->session = (Forge__Session_Service)FORGE__SESSION__INIT(context_session_on_);
    /* Ping is the server's own. */
    self->health =
        (Forge__Health_Service){.base = FORGE__HEALTH__BASE_INIT, .prove = context_health_on_prove};
    self->transfer = (Forge__Transfer_Service)FORGE__TRANSFER__INIT(context_transfer_on_);
    ProtobufCService *const services[] = {
        &self->context.base, &self->session.base, &self->health.base, &self->transfer.base};
    context_lanes_fill(self->lanes, readers, &self->parts);
    const struct rpc_server_options server = {.endpoint = options->endpoint,
        .instance = options->instance,
        .services = services,
        .service_count = sizeof services / sizeof services[0],
        .rules = rules,
        .rule_count = sizeof rules / sizeof rules[0],
        .lanes = self->lanes,
        .lane_count = LANES,
        .router_state = &self->router,
        .on_note = on_note};
    return rpc_server_create(&server, &self->router.server, problem);
}

static void
report(struct context_service *self, const struct context_service_options *options)
{
    if (!options->metrics_endpoint || !options->metrics_endpoint[0])
        return;
    const struct telemetry_options telemetry = {.endpoint = options->metrics_endpoint,
        .program = "context-svc",
        .instance = options->instance,
        .version = program_version()};
    self->telemetry = telemetry_create(&telemetry, self->parts.metrics);
    telemetry_watch(self->telemetry, self->router.server);
    telemetry_attach(self->telemetry, rpc_server_loop(self->router.server));
}

enum status
context_service_create(const struct context_service_options *options,
    struct context_service **self_p, struct problem *problem)
{
    CLEANUP(context_service_destroy) struct context_service *self = memory_new(sizeof *self);
    unsigned readers = options->readers ? options->readers : 1;
    self->parts.metrics = metrics_create();
    enum status status = open_parts(self, options, readers, problem);
    if (status != STATUS_OK)
        return status;
    self->router.owner = self;
    self->router.store = self->parts.store;
    self->router.reader = context_reader_create(self->parts.board, PLACE_ROUTER);
    self->router.usage = context_usage_create();
    self->router.relevance = context_relevance_create();
    self->gauges = register_gauges(self->parts.metrics);
    status = serve(self, options, readers, problem);
    if (status != STATUS_OK)
        return status;
    self->timer = zloop_timer(rpc_server_loop(self->router.server), TICK_MS, 0, on_tick, self);
    tick(self);
    report(self, options);
    log_info("Context store opened entries=%llu sequence=%llu path=%s",
        (unsigned long long)self->entries, (unsigned long long)store_sequence(self->parts.store),
        options->store_path ? options->store_path : "memory");
    *self_p = TAKE(self);
    return STATUS_OK;
}

void
context_service_destroy(struct context_service **self_p)
{
    struct context_service *self = TAKE(*self_p);
    if (!self)
        return;
    if (self->timer)
        zloop_timer_end(rpc_server_loop(self->router.server), self->timer);
    telemetry_destroy(&self->telemetry);
    rpc_server_destroy(&self->router.server);
    context_writer_destroy(&self->parts.writer);
    context_reader_destroy(&self->router.reader);
    context_usage_destroy(&self->router.usage);
    context_relevance_destroy(&self->router.relevance);
    buffer_release(&self->router.reply);
    context_view_board_destroy(&self->parts.board);
    store_close(&self->parts.store);
    metrics_destroy(&self->parts.metrics);
    free(self);
}

zloop_t *
context_service_loop(struct context_service *self)
{
    return rpc_server_loop(self->router.server);
}

const char *
context_service_endpoint(const struct context_service *self)
{
    return rpc_server_endpoint(self->router.server);
}

struct metrics *
context_service_metrics(struct context_service *self)
{
    return self->parts.metrics;
}

void
context_service_drain(struct context_service *self)
{
    rpc_server_drain(self->router.server);
}
