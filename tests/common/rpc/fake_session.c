#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "tests/common/rpc/fake.h"

/* What a worker's thread has. */
struct fake_worker {
    struct fake *fake;
    struct rpc_worker *worker;
    unsigned staged;
    uint64_t sequence;
};

static void
wait_in_gate(struct fake *self)
{
    if (!self->options.gated)
        return;
    self->in_gate++;
    while (sem_wait(&self->gate) != 0) {
    }
    self->in_gate--;
}

void *
fake_worker_create(struct rpc_worker *worker, void *argument)
{
    struct fake_worker *state = memory_new(sizeof *state);
    state->fake = argument;
    state->worker = worker;
    state->fake->workers_alive++;
    return state;
}

void
fake_worker_destroy(void **state_p)
{
    struct fake_worker *state = *state_p;
    state->fake->workers_alive--;
    memory_free(state_p);
}

enum status
fake_commit(void *argument, struct problem *problem, enum rpc_outcome *outcome)
{
    (void)outcome;
    struct fake_worker *state = argument;
    struct fake *self = state->fake;
    wait_in_gate(self);
    if (self->batch_count < FAKE_BATCHES)
        self->batches[self->batch_count] = state->staged;
    self->batch_count++;
    state->staged = 0;
    rpc_worker_note(state->worker, TEXT("committed"));
    problem_set(problem, "the disk is gone");
    return (enum status)atomic_load(&self->commit_fails);
}

void
fake_worker_note(void *argument, struct text note)
{
    const struct fake_worker *state = argument;
    if (text_is(note, "news"))
        state->fake->told++;
}

static struct fake *
fake_of(const Forge__Session_Service *service)
{
    return (struct fake *)((char *)service - offsetof(struct fake, session));
}

static void
reply_with_task(const char *task, Forge__SessionStartReply_Closure closure, void *data)
{
    Forge__WorkSession session = FORGE__WORK_SESSION__INIT;
    Forge__SessionStartReply reply = FORGE__SESSION_START_REPLY__INIT;
    session.task = (char *)task;
    reply.session = &session;
    closure(&reply, data);
}

/* "silent": no answer. "missing": NOT_FOUND. "whoami": what came beside the body. "large N": a
 * reply of N bytes. Else the task comes back. */
static void
session_start(Forge__Session_Service *service, const Forge__SessionStartRequest *input,
    Forge__SessionStartReply_Closure closure, void *data)
{
    fake_of(service)->handled++;
    struct rpc_request *request = data;
    const struct rpc_principal *who = rpc_request_principal(request);
    if (strcmp(input->task, "silent") == 0)
        return;
    if (strcmp(input->task, "missing") == 0) {
        rpc_request_fail(request, STATUS_NOT_FOUND, "no %s here", "session");
    } else if (strncmp(input->task, "large ", 6) == 0) {
        size_t size = (size_t)strtoul(input->task + 6, NULL, 10);
        char *task = memory_new(size + 1);
        memset(task, 'x', size);
        reply_with_task(task, closure, data);
        free(task);
    } else if (strcmp(input->task, "whoami") == 0) {
        char words[256];
        snprintf(words, sizeof words, "%.*s %.*s %u %.*s %.*s %.*s %s", TEXT_FORMAT(who->name),
            TEXT_FORMAT(who->tenant), (unsigned)who->roles,
            TEXT_FORMAT(rpc_request_project(request)), TEXT_FORMAT(rpc_request_method(request)),
            TEXT_FORMAT(rpc_request_traceparent(request)),
            rpc_request_key(request) ? "key" : "no-key");
        reply_with_task(words, closure, data);
    } else {
        reply_with_task(input->task, closure, data);
    }
}

/* "refused": fails without staging. "replayed": answers stored bytes. Else it stages. */
static void
session_checkpoint(Forge__Session_Service *service, const Forge__SessionCheckpointRequest *input,
    Forge__SessionCheckpointReply_Closure closure, void *data)
{
    fake_of(service)->handled++;
    struct rpc_request *request = data;
    struct fake_worker *state = rpc_request_state(request);
    Forge__SessionCheckpointReply reply = FORGE__SESSION_CHECKPOINT_REPLY__INIT;
    if (strcmp(input->handle, "refused") == 0) {
        rpc_request_fail(request, STATUS_ABORTED, "another version");
    } else if (strcmp(input->handle, "replayed") == 0) {
        rpc_request_set_outcome(request, OUTCOME_COMMITTED, 7);
        rpc_request_reply_packed(request, TEXT("\x10\x07"));
    } else {
        rpc_request_stage(request, ++state->sequence);
        state->staged++;
        reply.sequence = state->sequence;
        closure(&reply, data);
        assert_int_equal(rpc_request_packed(request).length,
            forge__session_checkpoint_reply__get_packed_size(&reply));
    }
}

/* "slow": waits in the gate. Else at once. */
static void
session_list(Forge__Session_Service *service, const Forge__SessionListRequest *input,
    Forge__SessionListReply_Closure closure, void *data)
{
    fake_of(service)->handled++;
    if (strcmp(input->project, "slow") == 0)
        wait_in_gate(fake_of(service));
    Forge__WorkSession session = FORGE__WORK_SESSION__INIT;
    Forge__WorkSession *sessions[] = {&session};
    Forge__SessionListReply reply = FORGE__SESSION_LIST_REPLY__INIT;
    session.task = input->project;
    reply.sessions = sessions;
    reply.n_sessions = 1;
    closure(&reply, data);
}

/* Parks first. "again" parks until it ran three times, "wait" answers after 50 ms. */
static void
session_end(Forge__Session_Service *service, const Forge__SessionEndRequest *input,
    Forge__SessionEndReply_Closure closure, void *data)
{
    struct fake *self = fake_of(service);
    struct rpc_request *request = data;
    int64_t wake_ms = rpc_request_received_ms(request) + 50;
    unsigned runs = ++self->handled;
    if (strcmp(input->handle, "wait") == 0 && clock_monotonic_ms() < wake_ms) {
        rpc_request_park_until(request, wake_ms);
        return;
    }
    if (strcmp(input->handle, "wait") != 0 &&
        (runs == 1 || (strcmp(input->handle, "again") == 0 && runs < 3))) {
        rpc_request_park(request);
        return;
    }
    Forge__WorkSession session = FORGE__WORK_SESSION__INIT;
    Forge__SessionEndReply reply = FORGE__SESSION_END_REPLY__INIT;
    char words[64];
    snprintf(words, sizeof words, "ended in lane %u", rpc_request_lane(request));
    session.task = words;
    reply.session = &session;
    closure(&reply, data);
}

Forge__Session_Service
fake_session(void)
{
    return (Forge__Session_Service)FORGE__SESSION__INIT(session_);
}
