/* Where a server's requests wait, and who runs them; see server_parts.h. */
#include <assert.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/rpc/server_parts.h"

enum {
    SPARE_MAX = 256,
    SPARE_BYTES = 16 * 1024, /* of reply memory that a spare request keeps */
};

struct rpc_request *
rpc_server_open(struct rpc_server *self, struct rpc_caller *caller, struct rpc_inbound *inbound)
{
    struct rpc_request *request = TAILQ_FIRST(&self->spare);
    if (request) {
        TAILQ_REMOVE(&self->spare, request, in_line);
        self->spare_count--;
        struct buffer packed = request->packed;
        buffer_clear(&packed);
        *request = (struct rpc_request){.packed = packed};
    } else {
        request = memory_new(sizeof *request);
    }
    request->caller = caller;
    request->inbound = inbound;
    inbound->users++;
    TAILQ_INSERT_TAIL(&caller->requests, request, of_caller);
    return request;
}

void
rpc_server_release(struct rpc_server *self, struct rpc_inbound *inbound)
{
    if (--inbound->users)
        return;
    self->counts.held_bytes -= inbound->size;
    zmq_msg_close(&inbound->message);
    free(inbound);
}

void
rpc_server_forget(struct rpc_server *self, struct rpc_request *request)
{
    TAILQ_REMOVE(&request->caller->requests, request, of_caller);
    rpc_server_release(self, request->inbound);
    if (self->spare_count == SPARE_MAX) {
        buffer_release(&request->packed);
        free(request);
        return;
    }
    if (request->packed.capacity > SPARE_BYTES)
        buffer_release(&request->packed);
    TAILQ_INSERT_HEAD(&self->spare, request, in_line);
    self->spare_count++;
}

void
rpc_server_finish(struct rpc_server *self, struct rpc_request *request)
{
    struct rpc_reply_header header = {.call_id = request->header.call_id, .reply = request->reply};
    header.reply.served_by = text_of(self->instance);
    if (request->started_us)
        header.reply.queue_us = (uint32_t)(request->started_us - request->received_us);
    rpc_callers_reply(self->callers, request->caller, &header, &request->packed);
    rpc_server_forget(self, request);
}

static void
wait_in(struct rpc_server *self, struct rpc_request *request, enum rpc_place place)
{
    request->place = place;
    int64_t at_ms = request->deadline_ms;
    if (place == RPC_PLACE_PARKED) {
        TAILQ_INSERT_TAIL(&self->parked, request, in_line);
        self->counts.parked++;
        if (request->wake_ms && request->wake_ms < at_ms)
            at_ms = request->wake_ms;
    } else {
        TAILQ_INSERT_TAIL(&self->lanes[request->lane].queue, request, in_line);
        self->lanes[request->lane].queued++;
    }
    rpc_deadlines_set(&self->deadlines, &request->deadline, at_ms);
}

bool
rpc_server_withdraw(struct rpc_server *self, struct rpc_request *request)
{
    if (request->place == RPC_PLACE_QUEUED) {
        TAILQ_REMOVE(&self->lanes[request->lane].queue, request, in_line);
        self->lanes[request->lane].queued--;
    } else if (request->place == RPC_PLACE_PARKED) {
        TAILQ_REMOVE(&self->parked, request, in_line);
        self->counts.parked--;
    } else {
        return false;
    }
    rpc_deadlines_remove(&self->deadlines, &request->deadline);
    request->place = RPC_PLACE_RUNNING;
    return true;
}

void
rpc_server_end_waiting(
    struct rpc_server *self, struct rpc_request *request, enum status status, const char *detail)
{
    if (!rpc_server_withdraw(self, request))
        return;
    request->park = false;
    rpc_request_refuse(request, status, detail);
    rpc_server_finish(self, request);
}

/* After a run: the answer goes, or the request waits on. */
static void
settle_one(struct rpc_server *self, struct rpc_request *request)
{
    if (!request->park) {
        rpc_server_finish(self, request);
        return;
    }
    bool missed = request->method->resumes != request->resumes_seen;
    wait_in(self, request, missed ? RPC_PLACE_QUEUED : RPC_PLACE_PARKED);
}

void
rpc_server_settle(struct rpc_server *self, struct rpc_request *batch)
{
    while (batch) {
        struct rpc_request *next = batch->next;
        settle_one(self, batch);
        batch = next;
    }
}

static void
run_here(struct rpc_server *self, struct rpc_request *request)
{
    request->place = RPC_PLACE_RUNNING;
    request->resumes_seen = request->method->resumes;
    rpc_request_run(request, &self->arena, self->router_state);
    settle_one(self, request);
}

void
rpc_server_start(struct rpc_server *self, struct rpc_request *request, unsigned lane)
{
    request->lane = lane;
    request->commits = self->lanes[lane].lane.commit != NULL;
    if (lane == LANE_ROUTER)
        run_here(self, request);
    else
        wait_in(self, request, RPC_PLACE_QUEUED);
}

static void
collect_from(struct rpc_server *self, struct rpc_worker *worker)
{
    struct rpc_worker_message message = rpc_worker_receive(worker);
    for (; message.event != RPC_WORKER_NOTHING; message = rpc_worker_receive(worker))
        if (message.event == RPC_WORKER_DONE)
            rpc_server_settle(self, message.batch);
        else if (message.event == RPC_WORKER_NOTE && self->on_note)
            self->on_note(self->router_state, message.note);
}

void
rpc_server_collect(struct rpc_server *self, const zsock_t *readable)
{
    for (unsigned lane = 1; lane < self->lane_count; lane++)
        for (unsigned i = 0; i < self->lanes[lane].worker_count; i++) {
            struct rpc_worker *worker = self->lanes[lane].workers[i];
            /* Looking costs a system call, so idle ones are asked only when they have something. */
            if (!rpc_worker_is_idle(worker) || rpc_worker_socket(worker) == readable)
                collect_from(self, worker);
        }
}

void
rpc_server_expire(struct rpc_server *self, int64_t now_ms)
{
    struct rpc_deadline *first;
    while ((first = rpc_deadlines_first(&self->deadlines)) && first->at_ms <= now_ms) {
        struct rpc_request *request = (struct rpc_request *)first;
        if (now_ms >= request->deadline_ms) {
            self->counts.expired++;
            rpc_server_end_waiting(
                self, request, STATUS_DEADLINE_EXCEEDED, "the time ended in the queue");
        } else {
            rpc_server_withdraw(self, request);
            request->wake_ms = 0;
            rpc_server_start(self, request, request->method->lane);
        }
    }
}

void
rpc_server_resume(struct rpc_server *self, const char *method, unsigned lane)
{
    struct rpc_method *resumed = rpc_methods_find(self->methods, text_of(method));
    if (!resumed || lane >= self->lane_count)
        return;
    resumed->resumes++;
    struct rpc_request *request = TAILQ_FIRST(&self->parked);
    while (request) {
        struct rpc_request *next = TAILQ_NEXT(request, in_line);
        if (request->method == resumed && rpc_server_withdraw(self, request)) {
            /* Queued on the router's lane too: a handler may be running here right now. */
            request->lane = lane;
            request->commits = self->lanes[lane].lane.commit != NULL;
            wait_in(self, request, RPC_PLACE_QUEUED);
        }
        request = next;
    }
    rpc_server_turn(self);
}

/* Up to `max` requests from the front of the queue, linked by next. */
static struct rpc_request *
take_batch(struct rpc_server *self, struct rpc_lane_state *lane, uint32_t max)
{
    struct rpc_request *batch = NULL;
    struct rpc_request **end = &batch;
    for (uint32_t i = 0; i < max; i++) {
        struct rpc_request *request = TAILQ_FIRST(&lane->queue);
        rpc_server_withdraw(self, request);
        request->resumes_seen = request->method->resumes;
        request->next = NULL;
        *end = request;
        end = &request->next;
    }
    return batch;
}

static uint32_t
share_of(const struct rpc_lane_state *lane)
{
    uint32_t idle = 0;
    for (unsigned i = 0; i < lane->worker_count; i++)
        idle += rpc_worker_is_idle(lane->workers[i]);
    uint32_t share = idle ? (lane->queued + idle - 1) / idle : 0;
    return share < lane->lane.batch_max ? share : lane->lane.batch_max;
}

void
rpc_server_dispatch(struct rpc_server *self)
{
    struct rpc_lane_state *own = &self->lanes[LANE_ROUTER];
    for (uint32_t left = own->queued; left > 0 && own->queued; left--) {
        struct rpc_request *request = TAILQ_FIRST(&own->queue);
        rpc_server_withdraw(self, request);
        run_here(self, request);
    }
    for (unsigned number = 1; number < self->lane_count; number++) {
        struct rpc_lane_state *lane = &self->lanes[number];
        for (unsigned i = 0; lane->queued && i < lane->worker_count; i++)
            if (rpc_worker_is_idle(lane->workers[i]))
                rpc_worker_give(lane->workers[i], take_batch(self, lane, share_of(lane)));
    }
}

void
rpc_server_tell(struct rpc_server *self, unsigned lane, struct text note)
{
    assert(lane != LANE_ROUTER && lane < self->lane_count);
    for (unsigned i = 0; i < self->lanes[lane].worker_count; i++)
        (void)rpc_worker_tell(self->lanes[lane].workers[i], note);
}
