#include "gateway/embedded.h"

#include <stdlib.h>

#include "common/base/memory.h"

struct embedded {
    struct metrics *metrics; /* of metrics-svc, which borrows its registry */
    zactor_t *services[BACKEND_COUNT];
};

static const char *const inproc[BACKEND_COUNT] = {
    [BACKEND_CONTEXT] = "inproc://context-svc",
    [BACKEND_METRICS] = "inproc://metrics-svc",
    [BACKEND_BACKUP] = "inproc://backup-svc",
};

static enum status
start_metrics(struct embedded *self, const struct config *config, struct problem *problem)
{
    struct metrics_service_options options = metrics_settings_read(config);
    options.endpoint = inproc[BACKEND_METRICS];
    options.instance = metrics_service_actor.name;
    options.metrics = self->metrics;
    return rpc_actor_start(
        &metrics_service_actor, &options, &self->services[BACKEND_METRICS], problem);
}

static enum status
start_context(struct embedded *self, const struct config *config, struct problem *problem)
{
    struct context_service_options options = context_settings_read(config);
    options.endpoint = inproc[BACKEND_CONTEXT];
    options.instance = context_actor.name;
    options.metrics_endpoint = inproc[BACKEND_METRICS];
    return rpc_actor_start(&context_actor, &options, &self->services[BACKEND_CONTEXT], problem);
}

static enum status
start_backup(struct embedded *self, const struct config *config, struct problem *problem)
{
    struct backup_service_options options = backup_settings_read(config);
    options.endpoint = inproc[BACKEND_BACKUP];
    options.instance = backup_actor.name;
    options.context_endpoint = inproc[BACKEND_CONTEXT];
    options.metrics_endpoint = inproc[BACKEND_METRICS];
    return rpc_actor_start(&backup_actor, &options, &self->services[BACKEND_BACKUP], problem);
}

enum status
embedded_start(const struct config *config, const char *endpoints[BACKEND_COUNT],
    struct embedded **self_p, struct problem *problem)
{
    struct embedded *self = memory_new(sizeof *self);
    self->metrics = metrics_create();
    enum status status = start_metrics(self, config, problem);
    if (status == STATUS_OK)
        status = start_context(self, config, problem);
    if (status == STATUS_OK)
        status = start_backup(self, config, problem);
    if (status != STATUS_OK) {
        embedded_stop(&self);
        return status;
    }
    for (int i = 0; i < BACKEND_COUNT; i++)
        endpoints[i] = inproc[i];
    *self_p = self;
    return STATUS_OK;
}

void
embedded_stop(struct embedded **self_p)
{
    struct embedded *self = *self_p;
    if (!self)
        return;
    *self_p = NULL;
    zactor_destroy(&self->services[BACKEND_BACKUP]);
    zactor_destroy(&self->services[BACKEND_CONTEXT]);
    zactor_destroy(&self->services[BACKEND_METRICS]);
    metrics_destroy(&self->metrics);
    free(self);
}
