#include "common/rpc/server.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/rpc/server_parts.h"
#include "common/rpc/socket.h"

enum {
    HIGH_WATER = 16384, /* more than a caller can have open */
    LINGER_MS = 2000,   /* for the last replies */
    MESSAGES_A_TURN = 256,
    SWEEP_MS = 10000,
    ROUTING_ID_MAX = 255,
    ARENA_BYTES = 16 * 1024 * 1024,
    DEFAULT_QUEUE = 1024,
    DEFAULT_COMMIT_BATCH = 256,
    DEFAULT_HELD_BYTES = 64 * 1024 * 1024,
};

/* Takes what came in; the rest stays for the next turn, so that workers are not kept waiting. */
static void
receive(struct rpc_server *self)
{
    zmq_msg_t id;
    zmq_msg_t message;
    zmq_msg_init(&id);
    zmq_msg_init(&message);
    for (unsigned i = 0; i < MESSAGES_A_TURN; i++) {
        if (zmq_msg_recv(&id, self->router_handle, ZMQ_DONTWAIT) < 0)
            break;
        if (!zmq_msg_more(&id) || zmq_msg_recv(&message, self->router_handle, ZMQ_DONTWAIT) < 0) {
            rpc_server_complain(self, "it had no frame");
        } else if (zmq_msg_more(&message)) {
            rpc_socket_drop_rest(self->router_handle, &message);
            rpc_server_complain(self, "it had more than one frame");
        } else {
            rpc_server_take(self, zmq_msg_data(&id), zmq_msg_size(&id), &message);
        }
    }
    zmq_msg_close(&message);
    zmq_msg_close(&id);
}

static int on_timer(zloop_t *loop, int timer, void *argument);

/* One timer runs at a time, for the earliest deadline; it is left alone when that one is met early,
 * so that the usual call arms nothing. */
static void
arm(struct rpc_server *self)
{
    const struct rpc_deadline *first = rpc_deadlines_first(&self->deadlines);
    int64_t now_ms = clock_monotonic_ms();
    int64_t at_ms = self->lanes[LANE_ROUTER].queued ? now_ms : first ? first->at_ms : 0;
    if (!at_ms || (self->armed_ms && self->armed_ms <= at_ms))
        return;
    if (self->armed_ms)
        zloop_timer_end(self->loop, self->timer);
    size_t delay_ms = at_ms > now_ms ? (size_t)(at_ms - now_ms) : 0;
    self->timer = zloop_timer(self->loop, delay_ms, 1, on_timer, self);
    self->armed_ms = at_ms;
}

static void
finish_turn(struct rpc_server *self)
{
    rpc_server_expire(self, clock_monotonic_ms());
    rpc_server_dispatch(self);
    rpc_callers_flush(self->callers);
    arm(self);
    self->turning = false;
}

void
rpc_server_turn(struct rpc_server *self)
{
    if (self->turning)
        return;
    self->turning = true;
    finish_turn(self);
}

static int
on_timer(zloop_t *loop, int timer, void *argument)
{
    (void)loop;
    (void)timer;
    struct rpc_server *self = argument;
    self->armed_ms = 0;
    rpc_server_turn(self);
    return 0;
}

static int
on_readable(zloop_t *loop, zsock_t *socket, void *argument)
{
    (void)loop;
    struct rpc_server *self = argument;
    self->turning = true;
    rpc_server_collect(self, socket);
    receive(self);
    finish_turn(self);
    return 0;
}

static int
on_sweep(zloop_t *loop, int timer, void *argument)
{
    (void)loop;
    (void)timer;
    struct rpc_server *self = argument;
    rpc_callers_sweep(self->callers, clock_monotonic_ms());
    return 0;
}

static void
watch(struct rpc_server *self, zsock_t *socket)
{
    int added = zloop_reader(self->loop, socket, on_readable, self);
    assert(added == 0);
    /* Without this zloop drops a reader silently after an error. */
    zloop_reader_set_tolerant(self->loop, socket);
}

static enum status
start_worker(struct rpc_server *self, struct rpc_lane_state *lane, struct problem *problem)
{
    struct rpc_worker *worker = rpc_worker_create(&lane->lane, lane->worker_count);
    struct rpc_worker_message message = rpc_worker_await(worker);
    for (; message.event == RPC_WORKER_NOTE; message = rpc_worker_await(worker))
        if (self->on_note)
            self->on_note(self->router_state, message.note);
    if (message.event != RPC_WORKER_READY) {
        problem_set(problem, "a worker of lane %s did not start", lane->lane.name);
        rpc_worker_destroy(&worker);
        return STATUS_UNAVAILABLE;
    }
    lane->workers[lane->worker_count++] = worker;
    watch(self, rpc_worker_socket(worker));
    return STATUS_OK;
}

static enum status
start_lanes(
    struct rpc_server *self, const struct rpc_server_options *options, struct problem *problem)
{
    for (size_t i = 0; i < options->lane_count; i++) {
        struct rpc_lane_state *state = &self->lanes[i + 1];
        struct rpc_lane *lane = &state->lane;
        *lane = options->lanes[i];
        assert(lane->threads > 0 && (!lane->commit || lane->threads == 1));
        lane->queue_max = lane->queue_max ? lane->queue_max : DEFAULT_QUEUE;
        if (!lane->batch_max)
            lane->batch_max = lane->commit ? DEFAULT_COMMIT_BATCH : 1;
        state->workers = memory_array(lane->threads, sizeof(struct rpc_worker *));
        while (state->worker_count < lane->threads) {
            enum status status = start_worker(self, state, problem);
            if (status != STATUS_OK)
                return status;
        }
    }
    return STATUS_OK;
}

static enum status
bind_endpoint(struct rpc_server *self, const char *endpoint, struct problem *problem)
{
    rpc_socket_make_folder(endpoint);
    if (zmq_bind(self->router_handle, endpoint) != 0) {
        problem_set(problem, "cannot listen on %s: %s", endpoint, zmq_strerror(zmq_errno()));
        return STATUS_UNAVAILABLE;
    }
    char bound[512] = "";
    size_t size = sizeof bound;
    zmq_getsockopt(self->router_handle, ZMQ_LAST_ENDPOINT, bound, &size);
    self->endpoint = text_copy(text_of(bound));
    watch(self, self->router);
    return STATUS_OK;
}

static struct rpc_server *
build(const struct rpc_server_options *options)
{
    struct rpc_server *self = memory_new(sizeof *self);
    self->router = rpc_socket_create(ZMQ_ROUTER, HIGH_WATER);
    self->router_handle = zsock_resolve(self->router);
    zsock_set_router_mandatory(self->router, 1);
    zsock_set_linger(self->router, LINGER_MS);
    self->callers = rpc_callers_create(self->router_handle);
    self->loop = zloop_new();
    zloop_set_nonstop(self->loop, true);
    zloop_timer(self->loop, SWEEP_MS, 0, on_sweep, self);
    self->instance = text_copy(text_of(options->instance));
    self->router_state = options->router_state;
    self->on_note = options->on_note;
    self->lane_count = (unsigned)options->lane_count + 1;
    self->held_max_bytes = options->queue_max_bytes ? options->queue_max_bytes : DEFAULT_HELD_BYTES;
    self->started_at_ms = clock_wall_ms();
    arena_init(&self->arena, ARENA_BYTES);
    TAILQ_INIT(&self->parked);
    TAILQ_INIT(&self->spare);
    for (unsigned i = 0; i <= RPC_LANES_MAX; i++)
        TAILQ_INIT(&self->lanes[i].queue);
    return self;
}

enum status
rpc_server_create(
    const struct rpc_server_options *options, struct rpc_server **self_p, struct problem *problem)
{
    assert(options->lane_count <= RPC_LANES_MAX);
    CLEANUP(rpc_methods_destroy) struct rpc_methods *methods = NULL;
    enum status status = rpc_methods_create(options, &methods, problem);
    if (status != STATUS_OK)
        return status;
    CLEANUP(rpc_server_destroy) struct rpc_server *self = build(options);
    self->methods = TAKE(methods);
    status = start_lanes(self, options, problem);
    if (status == STATUS_OK)
        status = bind_endpoint(self, options->endpoint, problem);
    if (status == STATUS_OK)
        *self_p = TAKE(self);
    return status;
}

zloop_t *
rpc_server_loop(struct rpc_server *self)
{
    return self->loop;
}

const char *
rpc_server_endpoint(const struct rpc_server *self)
{
    return self->endpoint;
}

void
rpc_server_drain(struct rpc_server *self)
{
    if (!self->draining)
        rpc_callers_goodbye_all(self->callers);
    self->draining = true;
}

void
rpc_server_count(const struct rpc_server *self, struct rpc_server_counts *counts)
{
    *counts = self->counts;
    counts->dropped_replies = rpc_callers_dropped(self->callers);
    for (unsigned i = 0; i < self->lane_count; i++)
        counts->queued[i] = self->lanes[i].queued;
}
