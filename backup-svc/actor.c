/* The service as a row of functions for rpc_actor. */
#include "common/rpc/actor.h"

#include "backup-svc/service.h"

static enum status
create(const void *options, void **self_p, struct problem *problem)
{
    struct backup_service *self = NULL;
    enum status status = backup_service_create(options, &self, problem);
    *self_p = self;
    return status;
}

static void
destroy(void **self_p)
{
    struct backup_service *self = TAKE(*self_p);
    backup_service_destroy(&self);
}

static zloop_t *
loop(void *self)
{
    return backup_service_loop(self);
}

static const char *
endpoint(const void *self)
{
    return backup_service_endpoint(self);
}

static void
drain(void *self)
{
    backup_service_drain(self);
}

const struct rpc_actor backup_actor = {
    .name = "backup-svc",
    .create = create,
    .destroy = destroy,
    .loop = loop,
    .endpoint = endpoint,
    .drain = drain,
};
