#include "common/rpc/worker.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/base/uuid.h"
#include "common/rpc/socket.h"

enum {
    HIGH_WATER = 1000,
    ARENA_BYTES = 16 * 1024 * 1024,
    THREAD_NAME_SIZE = 16,
};

/* What travels in a frame; a note's bytes follow it. */
struct letter {
    enum rpc_worker_event event;
    struct rpc_request *batch;
};

struct rpc_worker {
    const struct rpc_lane *lane;
    unsigned number;
    pthread_t thread;
    zsock_t *router_end;
    zsock_t *worker_end;
    bool idle;
    zmq_msg_t received; /* holds the last note */
    struct arena arena; /* the thread's */
};

static bool
try_letter(zsock_t *socket, struct letter letter, struct text note, int flags)
{
    zmq_msg_t frame;
    int made = zmq_msg_init_size(&frame, sizeof letter + note.length);
    assert(made == 0);
    memcpy(zmq_msg_data(&frame), &letter, sizeof letter);
    if (note.length)
        memcpy((char *)zmq_msg_data(&frame) + sizeof letter, note.data, note.length);
    if (zmq_msg_send(&frame, zsock_resolve(socket), flags) >= 0)
        return true;
    zmq_msg_close(&frame);
    return false;
}

static void
send_letter(zsock_t *socket, struct letter letter, struct text note)
{
    bool sent = try_letter(socket, letter, note, 0);
    assert(sent);
}

void
rpc_worker_note(struct rpc_worker *self, struct text note)
{
    send_letter(self->worker_end, (struct letter){.event = RPC_WORKER_NOTE}, note);
}

/* Lets the staged answers of a batch go, or replaces them. */
static void
commit(struct rpc_worker *self, struct rpc_request *batch, void *state)
{
    struct rpc_request *request = batch;
    while (request && !request->staged)
        request = request->next;
    if (!request || !self->lane->commit)
        return;
    struct problem problem = {"the commit failed"};
    enum rpc_outcome outcome = OUTCOME_UNKNOWN;
    enum status status = self->lane->commit(state, &problem, &outcome);
    int64_t now_us = clock_monotonic_us();
    for (; request; request = request->next) {
        if (!request->staged)
            continue;
        if (status != STATUS_OK)
            rpc_request_uncommit(request, status, outcome, &problem);
        request->reply.work_us = (uint32_t)(now_us - request->started_us);
    }
}

static void
take_note(struct rpc_worker *self, zmq_msg_t *frame, void *state)
{
    if (!self->lane->on_note)
        return;
    const char *bytes = zmq_msg_data(frame);
    self->lane->on_note(state,
        text_from(bytes + sizeof(struct letter), zmq_msg_size(frame) - sizeof(struct letter)));
}

static void
work(struct rpc_worker *self, void *state)
{
    struct letter letter;
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    for (;;) {
        if (zmq_msg_recv(&frame, zsock_resolve(self->worker_end), 0) < 0)
            continue;
        memcpy(&letter, zmq_msg_data(&frame), sizeof letter);
        if (letter.event == RPC_WORKER_STOPPED)
            break;
        if (letter.event == RPC_WORKER_NOTE) {
            take_note(self, &frame, state);
            continue;
        }
        for (struct rpc_request *request = letter.batch; request; request = request->next)
            rpc_request_run(request, &self->arena, state);
        commit(self, letter.batch, state);
        letter.event = RPC_WORKER_DONE;
        send_letter(self->worker_end, letter, TEXT(""));
    }
    zmq_msg_close(&frame);
}

static void *
run(void *argument)
{
    struct rpc_worker *self = argument;
    const struct rpc_lane *lane = self->lane;
    char name[THREAD_NAME_SIZE];
    if (lane->threads > 1)
        snprintf(name, sizeof name, "%.11s-%u", lane->name, self->number);
    else
        snprintf(name, sizeof name, "%s", lane->name);
    pthread_setname_np(pthread_self(), name);
    void *state = lane->worker_create ? lane->worker_create(self, lane->argument) : lane->argument;
    if (lane->worker_create && !state) {
        send_letter(self->worker_end, (struct letter){.event = RPC_WORKER_FAILED}, TEXT(""));
        return NULL;
    }
    arena_init(&self->arena, ARENA_BYTES);
    send_letter(self->worker_end, (struct letter){.event = RPC_WORKER_READY}, TEXT(""));
    work(self, state);
    arena_release(&self->arena);
    if (lane->worker_destroy)
        lane->worker_destroy(&state);
    send_letter(self->worker_end, (struct letter){.event = RPC_WORKER_STOPPED}, TEXT(""));
    return NULL;
}

/* Between the two ends of a PAIR the sender may wait: the router never has two batches under way,
 * and a worker may wait for the router to read its notes. */
static zsock_t *
pair_end(const char *endpoint, bool binds)
{
    zsock_t *socket = rpc_socket_create(ZMQ_PAIR, HIGH_WATER);
    zsock_set_sndtimeo(socket, -1);
    int rc = binds ? zmq_bind(zsock_resolve(socket), endpoint)
                   : zmq_connect(zsock_resolve(socket), endpoint);
    assert(rc == 0);
    return socket;
}

struct rpc_worker *
rpc_worker_create(const struct rpc_lane *lane, unsigned number)
{
    struct rpc_worker *self = memory_new(sizeof *self);
    self->lane = lane;
    self->number = number;
    zmq_msg_init(&self->received);
    uint64_t id;
    uuid_random(&id, sizeof id);
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "inproc://rpc-worker-%016" PRIx64, id);
    self->router_end = pair_end(endpoint, true);
    self->worker_end = pair_end(endpoint, false);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int started = pthread_create(&self->thread, NULL, run, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    assert(started == 0);
    return self;
}

zsock_t *
rpc_worker_socket(const struct rpc_worker *self)
{
    return self->router_end;
}

bool
rpc_worker_is_idle(const struct rpc_worker *self)
{
    return self->idle;
}

void
rpc_worker_give(struct rpc_worker *self, struct rpc_request *batch)
{
    assert(self->idle);
    self->idle = false;
    send_letter(self->router_end, (struct letter){.batch = batch}, TEXT(""));
}

bool
rpc_worker_tell(struct rpc_worker *self, struct text note)
{
    return try_letter(
        self->router_end, (struct letter){.event = RPC_WORKER_NOTE}, note, ZMQ_DONTWAIT);
}

static struct rpc_worker_message
receive(struct rpc_worker *self, int flags)
{
    struct rpc_worker_message message = {.event = RPC_WORKER_NOTHING};
    struct letter letter;
    if (zmq_msg_recv(&self->received, zsock_resolve(self->router_end), flags) < 0)
        return message;
    const char *bytes = zmq_msg_data(&self->received);
    memcpy(&letter, bytes, sizeof letter);
    message.event = letter.event;
    message.batch = letter.batch;
    message.note = text_from(bytes + sizeof letter, zmq_msg_size(&self->received) - sizeof letter);
    if (message.event == RPC_WORKER_READY || message.event == RPC_WORKER_DONE)
        self->idle = true;
    return message;
}

struct rpc_worker_message
rpc_worker_receive(struct rpc_worker *self)
{
    return receive(self, ZMQ_DONTWAIT);
}

struct rpc_worker_message
rpc_worker_await(struct rpc_worker *self)
{
    return receive(self, 0);
}

void
rpc_worker_stop(struct rpc_worker *self)
{
    send_letter(self->router_end, (struct letter){.event = RPC_WORKER_STOPPED}, TEXT(""));
}

void
rpc_worker_destroy(struct rpc_worker **self_p)
{
    struct rpc_worker *self = *self_p;
    if (!self)
        return;
    pthread_join(self->thread, NULL);
    zmq_msg_close(&self->received);
    zsock_destroy(&self->worker_end);
    zsock_destroy(&self->router_end);
    memory_free(self_p);
}
