#include "gateway/admin/push.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/memory.h"

enum { PUSH_MS = 1000 };

struct push {
    struct telemetry *telemetry;
    uv_poll_t polls[RPC_CLIENT_FDS];
    uv_timer_t timer;
    unsigned open_handles;
};

static void
on_readable(uv_poll_t *poll, int status, int events)
{
    struct push *self = poll->data;
    (void)status;
    (void)events;
    rpc_client_turn(telemetry_client(self->telemetry));
}

static void
on_timer(uv_timer_t *timer)
{
    struct push *self = timer->data;
    telemetry_push(self->telemetry);
}

struct push *
push_create(uv_loop_t *loop, struct metrics *metrics, const struct telemetry_options *options)
{
    struct push *self = memory_new(sizeof *self);
    self->telemetry = telemetry_create(options, metrics);
    int fds[RPC_CLIENT_FDS];
    rpc_client_fds(telemetry_client(self->telemetry), fds);
    for (int i = 0; i < RPC_CLIENT_FDS; i++) {
        int failed = uv_poll_init(loop, &self->polls[i], fds[i]);
        assert(!failed);
        self->polls[i].data = self;
        uv_poll_start(&self->polls[i], UV_READABLE, on_readable);
    }
    uv_timer_init(loop, &self->timer);
    self->timer.data = self;
    uv_timer_start(&self->timer, on_timer, 0, PUSH_MS);
    self->open_handles = RPC_CLIENT_FDS + 1;
    return self;
}

static void
on_closed(uv_handle_t *handle)
{
    struct push *self = handle->data;
    if (--self->open_handles == 0)
        free(self);
}

void
push_destroy(struct push **self_p)
{
    struct push *self = *self_p;
    if (!self)
        return;
    *self_p = NULL;
    /* libuv lets go of the descriptors before their owner closes them. */
    for (int i = 0; i < RPC_CLIENT_FDS; i++)
        uv_poll_stop(&self->polls[i]);
    telemetry_destroy(&self->telemetry);
    for (int i = 0; i < RPC_CLIENT_FDS; i++)
        uv_close((uv_handle_t *)&self->polls[i], on_closed);
    uv_close((uv_handle_t *)&self->timer, on_closed);
}
