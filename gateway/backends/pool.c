#include "gateway/backends/pool.h"

#include <assert.h>
#include <stdlib.h>

#include "backup.pb-c.h"
#include "context.pb-c.h"
#include "metrics.pb-c.h"
#include "session.pb-c.h"

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "gateway/backends/repeat.h"

enum { REPEAT_MS = 20, WORTH_WAITING_MS = 3000 };

struct peer_link {
    struct backends_pool *pool;
    struct rpc_client *client;
    uv_poll_t polls[RPC_CLIENT_FDS];
    bool due; /* something was called or became readable since the last turn */
};

struct backends_pool {
    struct backends backends; /* first: what the rooms hold */
    struct backends_repeat_owner repeats;
    uv_loop_t *loop;
    struct peer_link links[BACKEND_COUNT];
    uv_check_t check;
    uv_prepare_t prepare;
    uv_timer_t timer;
    int64_t timer_ms; /* when the timer is set to; INT64_MAX: it is not */
    int64_t repeat_ms;
    unsigned open_handles;
};

const char *
backend_name(enum backend which)
{
    static const char *const names[] = {"context", "metrics", "backup"};
    assert(which < BACKEND_COUNT);
    return names[which];
}

static enum backend
backend_of(const ProtobufCServiceDescriptor *descriptor)
{
    if (descriptor == &forge__metrics__descriptor)
        return BACKEND_METRICS;
    if (descriptor == &forge__backup__descriptor)
        return BACKEND_BACKUP;
    assert(descriptor == &forge__context__descriptor || descriptor == &forge__session__descriptor);
    return BACKEND_CONTEXT;
}

static struct backends_pool *
pool_of_repeats(struct backends_repeat_owner *owner)
{
    return (
        struct backends_pool *)(void *)((char *)owner - offsetof(struct backends_pool, repeats));
}

ProtobufCService *
backends_pool_bind(struct backends_pool *self, enum backend which,
    const ProtobufCServiceDescriptor *descriptor, struct rpc_call *call)
{
    self->links[which].due = true;
    return rpc_client_bind(self->links[which].client, descriptor, call);
}

static ProtobufCService *
attempt(struct backends_repeat_owner *owner, struct backends_repeat *repeat)
{
    return backends_pool_bind(pool_of_repeats(owner), backends_repeat_backend(repeat),
        backends_repeat_descriptor(repeat), backends_repeat_call(repeat));
}

static bool
worth_waiting(struct backends_repeat_owner *owner, struct backends_repeat *repeat)
{
    const struct rpc_peer *peer =
        rpc_client_peer(pool_of_repeats(owner)->links[backends_repeat_backend(repeat)].client);
    return peer->answered_ms && clock_monotonic_ms() - peer->answered_ms < WORTH_WAITING_MS;
}

static ProtobufCService *
bind_call(
    struct backends *backends, const ProtobufCServiceDescriptor *descriptor, struct rpc_call *call)
{
    struct backends_pool *self = (struct backends_pool *)(void *)backends;
    call->route = backend_of(descriptor);
    return backends_repeat_bind(&self->repeats, call->route, descriptor, call);
}

static void
cancel_call(struct backends *backends, struct rpc_call *call)
{
    struct backends_pool *self = (struct backends_pool *)(void *)backends;
    if (backends_repeat_cancel(&self->repeats, call))
        return;
    self->links[call->route].due = true;
    rpc_client_cancel(self->links[call->route].client, call);
}

/* The earliest moment at which something is due without an event. */
static int64_t
next_due(const struct backends_pool *self)
{
    int64_t due = self->repeats.waiting ? self->repeat_ms : INT64_MAX;
    for (int i = 0; i < BACKEND_COUNT; i++) {
        int64_t client_due = rpc_client_due(self->links[i].client);
        due = client_due < due ? client_due : due;
    }
    return due;
}

static void
turn(struct backends_pool *self)
{
    int64_t now = clock_monotonic_ms();
    if (self->repeats.waiting && now >= self->repeat_ms) {
        self->repeat_ms = now + REPEAT_MS;
        backends_repeat_run(&self->repeats);
    }
    for (int i = 0; i < BACKEND_COUNT; i++) {
        struct peer_link *link = &self->links[i];
        if (link->due || now >= rpc_client_due(link->client)) {
            link->due = false;
            rpc_client_turn(link->client);
        }
    }
}

static void
on_timer(uv_timer_t *timer)
{
    struct backends_pool *self = timer->data;
    self->timer_ms = INT64_MAX;
    turn(self);
}

static void
on_check(uv_check_t *check)
{
    turn(check->data);
}

/* Before the loop sleeps: calls that timers and earlier closures queued leave, and the timer is
 * set. A closure may queue a call to a client that had its turn already, hence the second look. */
static void
on_prepare(uv_prepare_t *prepare)
{
    struct backends_pool *self = prepare->data;
    turn(self);
    turn(self);
    int64_t due = next_due(self);
    if (due == self->timer_ms)
        return;
    self->timer_ms = due;
    if (due == INT64_MAX) {
        uv_timer_stop(&self->timer);
        return;
    }
    int64_t wait = due - clock_monotonic_ms();
    uv_timer_start(&self->timer, on_timer, wait > 0 ? (uint64_t)wait : 0, 0);
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
    struct peer_link *link = poll->data;
    (void)status;
    (void)events;
    link->due = true;
}

static void
link_open(struct backends_pool *self, enum backend which, const char *endpoint, bool coalescing)
{
    struct peer_link *link = &self->links[which];
    link->pool = self;
    link->due = true;
    link->client = rpc_client_create(&(struct rpc_client_options){.endpoint = endpoint});
    rpc_client_set_coalescing(link->client, coalescing);
    int fds[RPC_CLIENT_FDS];
    rpc_client_fds(link->client, fds);
    for (int i = 0; i < RPC_CLIENT_FDS; i++) {
        int failed = uv_poll_init(self->loop, &link->polls[i], fds[i]);
        assert(!failed);
        link->polls[i].data = link;
        uv_poll_start(&link->polls[i], UV_READABLE, on_readable);
        self->open_handles++;
    }
}

struct backends_pool *
backends_pool_create(const struct backends_pool_options *options)
{
    struct backends_pool *self = memory_new(sizeof *self);
    self->backends = (struct backends){.bind = bind_call, .cancel = cancel_call};
    self->repeats.attempt = attempt;
    self->repeats.worth_waiting = worth_waiting;
    self->loop = options->loop;
    self->timer_ms = INT64_MAX;
    for (enum backend which = 0; which < BACKEND_COUNT; which++)
        link_open(self, which, options->endpoints[which], options->coalescing);
    uv_check_init(self->loop, &self->check);
    uv_prepare_init(self->loop, &self->prepare);
    uv_timer_init(self->loop, &self->timer);
    self->check.data = self->prepare.data = self->timer.data = self;
    uv_check_start(&self->check, on_check);
    uv_prepare_start(&self->prepare, on_prepare);
    self->open_handles += 3;
    return self;
}

struct backends *
backends_pool_backends(struct backends_pool *self)
{
    return &self->backends;
}

const struct rpc_peer *
backends_pool_peer(const struct backends_pool *self, enum backend which)
{
    return rpc_client_peer(self->links[which].client);
}

static void
on_handle_closed(uv_handle_t *handle)
{
    struct backends_pool *self =
        handle->type == UV_POLL ? ((struct peer_link *)handle->data)->pool : handle->data;
    if (--self->open_handles == 0)
        free(self);
}

void
backends_pool_destroy(struct backends_pool **self_p)
{
    struct backends_pool *self = *self_p;
    if (!self)
        return;
    *self_p = NULL;
    /* The descriptors are the clients' own: libuv lets go of them before they are closed. */
    for (int i = 0; i < BACKEND_COUNT; i++) {
        for (int p = 0; p < RPC_CLIENT_FDS; p++)
            uv_poll_stop(&self->links[i].polls[p]);
        rpc_client_destroy(&self->links[i].client);
    }
    backends_repeat_end(&self->repeats);
    for (int i = 0; i < BACKEND_COUNT; i++)
        for (int p = 0; p < RPC_CLIENT_FDS; p++)
            uv_close((uv_handle_t *)&self->links[i].polls[p], on_handle_closed);
    uv_close((uv_handle_t *)&self->check, on_handle_closed);
    uv_close((uv_handle_t *)&self->prepare, on_handle_closed);
    uv_close((uv_handle_t *)&self->timer, on_handle_closed);
}
