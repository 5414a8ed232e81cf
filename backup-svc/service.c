#include "backup-svc/service.h"

#include <stdlib.h>
#include <string.h>

#include "backup-svc/service_parts.h"
#include "common/base/memory.h"
#include "common/base/text.h"
#include "common/process/log.h"
#include "common/process/program.h"
#include "common/rpc/server.h"
#include "common/rpc/telemetry.h"

/* One thread for the long work, one for what comes meanwhile. */
enum { LANE_WORK = 1, WORKERS = 2, SERVICES = 2, SUPERVISORS = ROLE_OPERATOR | ROLE_PROGRAM };

struct backup_service {
    struct backup_workshop workshop;
    char *endpoints[WORK_SOURCES_MAX];
    struct rpc_server *server;
    struct telemetry *telemetry;
    Forge__Backup_Service backup;
    Forge__Health_Service health;
};

static const struct rpc_rule rules[] = {
    {&forge__backup__descriptor, "Run", LANE_WORK, ROLE_OPERATOR},
    {&forge__backup__descriptor, "List", LANE_WORK, ROLE_READER | ROLE_OPERATOR},
    {&forge__backup__descriptor, "Verify", LANE_WORK, ROLE_OPERATOR},
    {&forge__backup__descriptor, "Restore", LANE_WORK, ROLE_OPERATOR},
    {&forge__health__descriptor, "Ping", LANE_ROUTER, SUPERVISORS | ROLE_READER},
    {&forge__health__descriptor, "Prove", LANE_WORK, SUPERVISORS},
};

static void
make_instruments(struct backup_workshop *self)
{
    static const char runs[] = "forge_backup_runs_total";
    static const char verifications[] = "forge_backup_verifications_total";
    static const char restores[] = "forge_backup_restores_total";
    static const char good[] = "result=\"good\"", failed[] = "result=\"failed\"";
    self->metrics = metrics_create();
    self->runs_good = metrics_counter(self->metrics, runs, good, "Backups made.");
    self->runs_failed = metrics_counter(self->metrics, runs, failed, "Backups made.");
    self->verifications_good =
        metrics_counter(self->metrics, verifications, good, "Backups verified.");
    self->verifications_failed =
        metrics_counter(self->metrics, verifications, failed, "Backups verified.");
    self->restores_good = metrics_counter(self->metrics, restores, good, "Backups restored.");
    self->restores_failed = metrics_counter(self->metrics, restores, failed, "Backups restored.");
    self->last_success = metrics_gauge(self->metrics, "forge_backup_last_success_timestamp_seconds",
        NULL, "End of the last good backup.");
    self->last_bytes = metrics_gauge(
        self->metrics, "forge_backup_last_bytes", NULL, "Size of the last good backup.");
    self->last_seconds = metrics_gauge(
        self->metrics, "forge_backup_last_duration_seconds", NULL, "Time the last one took.");
}

static enum status
open_archive(struct backup_service *self, const struct backup_service_options *options,
    struct problem *problem)
{
    struct work *work = &self->workshop.work;
    unsigned broken_off = 0;
    enum status status = archive_open(options->folder, &work->archive, &broken_off, problem);
    if (status == STATUS_OK && broken_off)
        log_warn("Unfinished backups removed count=%u folder=%s", broken_off, options->folder);
    work->min_free_bytes = options->min_free_bytes;
    self->endpoints[0] = text_copy(text_of(options->context_endpoint));
    self->endpoints[1] = text_copy(text_of(options->metrics_endpoint));
    work->sources[0] = (struct work_source){"context", self->endpoints[0]};
    work->sources[1] = (struct work_source){"metrics", self->endpoints[1]};
    work->source_count = 2;
    return status;
}

/* A restarted program still knows when the last good backup was. */
static void
recall_last(struct backup_workshop *self)
{
    struct backup_id id;
    CLEANUP(memory_free) struct backup_entry *entry = memory_new(sizeof *entry);
    if (archive_newest(self->work.archive, &id, NULL) != STATUS_OK ||
        archive_find(self->work.archive, id, entry, NULL) != STATUS_OK)
        return;
    metrics_set(self->last_success, (double)entry->manifest.finished_at_ms / 1000);
    metrics_set(self->last_bytes, (double)entry->bytes);
}

/* The workers share one state; what they log is this service's, also beside others. */
static void *
begin_worker(struct rpc_worker *worker, void *workshop)
{
    (void)worker;
    log_component(backup_actor.name);
    return workshop;
}

static enum status
start_server(struct backup_service *self, const struct backup_service_options *options,
    struct problem *problem)
{
    self->backup = backup_handlers;
    self->health = backup_health_handlers;
    ProtobufCService *services[SERVICES] = {&self->backup.base, &self->health.base};
    const struct rpc_lane lanes[] = {
        {
            .name = "backup-work",
            .threads = WORKERS,
            .argument = &self->workshop,
            .worker_create = begin_worker,
        },
    };
    return rpc_server_create(
        &(struct rpc_server_options){
            .endpoint = options->endpoint,
            .instance = options->instance,
            .services = services,
            .service_count = SERVICES,
            .rules = rules,
            .rule_count = sizeof rules / sizeof *rules,
            .lanes = lanes,
            .lane_count = sizeof lanes / sizeof *lanes,
            .router_state = &self->workshop,
        },
        &self->server, problem);
}

static void
start_telemetry(struct backup_service *self, const struct backup_service_options *options)
{
    const struct telemetry_options telemetry = {
        .endpoint = options->metrics_endpoint,
        .program = backup_actor.name,
        .instance = options->instance,
        .version = program_version(),
    };
    self->telemetry = telemetry_create(&telemetry, self->workshop.metrics);
    telemetry_watch(self->telemetry, self->server);
    telemetry_attach(self->telemetry, rpc_server_loop(self->server));
}

enum status
backup_service_create(const struct backup_service_options *options, struct backup_service **self_p,
    struct problem *problem)
{
    CLEANUP(backup_service_destroy) struct backup_service *self = memory_new(sizeof *self);
    make_instruments(&self->workshop);
    enum status status = open_archive(self, options, problem);
    if (status != STATUS_OK)
        return status;
    recall_last(&self->workshop);
    status = start_server(self, options, problem);
    if (status != STATUS_OK)
        return status;
    start_telemetry(self, options);
    *self_p = TAKE(self);
    return STATUS_OK;
}

void
backup_service_destroy(struct backup_service **self_p)
{
    struct backup_service *self = TAKE(*self_p);
    if (!self)
        return;
    atomic_store(&self->workshop.work.stopping, true);
    telemetry_destroy(&self->telemetry);
    rpc_server_destroy(&self->server);
    for (size_t i = 0; i < WORK_SOURCES_MAX; i++)
        free(self->endpoints[i]);
    archive_close(&self->workshop.work.archive);
    metrics_destroy(&self->workshop.metrics);
    free(self);
}

zloop_t *
backup_service_loop(struct backup_service *self)
{
    return rpc_server_loop(self->server);
}

const char *
backup_service_endpoint(const struct backup_service *self)
{
    return rpc_server_endpoint(self->server);
}

struct metrics *
backup_service_metrics(struct backup_service *self)
{
    return self->workshop.metrics;
}

void
backup_service_drain(struct backup_service *self)
{
    rpc_server_drain(self->server);
}
