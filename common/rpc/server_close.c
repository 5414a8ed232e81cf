/* How a server ends; see server_parts.h. */
#include <stdlib.h>

#include "common/base/memory.h"
#include "common/rpc/server_parts.h"

enum { LAST_WORDS_MS = 100 };

static void
end_line(struct rpc_server *self, struct rpc_line *line)
{
    while (!TAILQ_EMPTY(line))
        rpc_server_end_waiting(
            self, TAILQ_FIRST(line), STATUS_UNAVAILABLE, "the service is closing");
}

static void
end_waiting(struct rpc_server *self)
{
    for (unsigned i = 0; i < self->lane_count; i++)
        end_line(self, &self->lanes[i].queue);
    end_line(self, &self->parked);
    rpc_callers_flush(self->callers);
}

/* Lets the worker finish what it has; notes find nobody any more. */
static void
stop_worker(struct rpc_server *self, struct rpc_worker *worker)
{
    rpc_worker_stop(worker);
    struct rpc_worker_message message = rpc_worker_await(worker);
    for (; message.event != RPC_WORKER_STOPPED; message = rpc_worker_await(worker))
        if (message.event == RPC_WORKER_DONE)
            rpc_server_settle(self, message.batch);
}

static void
stop_lanes(struct rpc_server *self)
{
    for (unsigned number = 1; number < self->lane_count; number++) {
        struct rpc_lane_state *lane = &self->lanes[number];
        for (unsigned i = 0; i < lane->worker_count; i++) {
            zloop_reader_end(self->loop, rpc_worker_socket(lane->workers[i]));
            stop_worker(self, lane->workers[i]);
            rpc_worker_destroy(&lane->workers[i]);
        }
        free(lane->workers);
    }
}

static void
release_spare(struct rpc_server *self)
{
    while (!TAILQ_EMPTY(&self->spare)) {
        struct rpc_request *request = TAILQ_FIRST(&self->spare);
        TAILQ_REMOVE(&self->spare, request, in_line);
        buffer_release(&request->packed);
        free(request);
    }
}

/* A DEALER with ZMQ_IMMEDIATE drops what it received and did not read yet when its connection
 * closes (libzmq 4.3.4, socket_base_t::hiccuped). So the last replies get a moment in which they
 * can be read; over inproc nothing is lost. */
static void
let_callers_read(const struct rpc_server *self)
{
    bool is_inproc = text_starts_with(text_of(self->endpoint), TEXT("inproc://"));
    if (!is_inproc && rpc_callers_count(self->callers))
        zclock_sleep(LAST_WORDS_MS);
}

void
rpc_server_destroy(struct rpc_server **self_p)
{
    struct rpc_server *self = *self_p;
    if (!self)
        return;
    self->turning = true;
    end_waiting(self);
    rpc_callers_goodbye_all(self->callers);
    stop_lanes(self);
    end_waiting(self);
    let_callers_read(self);
    zloop_destroy(&self->loop);
    release_spare(self);
    arena_release(&self->arena);
    rpc_deadlines_release(&self->deadlines);
    rpc_callers_destroy(&self->callers);
    zsock_destroy(&self->router);
    rpc_methods_destroy(&self->methods);
    free(self->instance);
    free(self->endpoint);
    memory_free(self_p);
}
