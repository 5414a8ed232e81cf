/* The service as a row of functions for rpc_actor. */
#include "common/rpc/actor.h"

#include "context-svc/service.h"

static enum status
create(const void *options, void **self_p, struct problem *problem)
{
    struct context_service *self = NULL;
    enum status status = context_service_create(options, &self, problem);
    *self_p = self;
    return status;
}

static void
destroy(void **self_p)
{
    struct context_service *self = TAKE(*self_p);
    context_service_destroy(&self);
}

static zloop_t *
loop(void *self)
{
    return context_service_loop(self);
}

static const char *
endpoint(const void *self)
{
    return context_service_endpoint(self);
}

static void
drain(void *self)
{
    context_service_drain(self);
}

const struct rpc_actor context_actor = {
    .name = "context-svc",
    .create = create,
    .destroy = destroy,
    .loop = loop,
    .endpoint = endpoint,
    .drain = drain,
};
