#include "tests/common/rpc/ask.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "session.pb-c.h"

#include "common/base/clock.h"

enum { READY_MS = 10000 };

static unsigned closures;

struct rpc_call
ask_call(void)
{
    return (struct rpc_call){
        .deadline_ms = clock_monotonic_ms() + 5000,
        .principal = {TEXT("anna"), TEXT("acme"), ROLE_READER | ROLE_WRITER},
        .project = TEXT("forge"),
    };
}

static void
note_reply(struct ask *self)
{
    const struct rpc_reply *reply = &self->call.reply;
    self->runs++;
    self->order = ++closures;
    self->status = reply->status;
    self->outcome = reply->outcome;
    self->commit_sequence = reply->commit_sequence;
    self->queue_us = reply->queue_us;
    self->work_us = reply->work_us;
    snprintf(self->detail, sizeof self->detail, "%.*s", TEXT_FORMAT(reply->detail));
}

static void
on_start(const Forge__SessionStartReply *reply, void *data)
{
    struct ask *self = data;
    note_reply(self);
    assert_int_equal(reply != NULL, self->status == STATUS_OK);
    if (reply)
        snprintf(self->text, sizeof self->text, "%s", reply->session->task);
}

static void
on_checkpoint(const Forge__SessionCheckpointReply *reply, void *data)
{
    struct ask *self = data;
    note_reply(self);
    if (reply)
        snprintf(self->text, sizeof self->text, "%llu", (unsigned long long)reply->sequence);
}

static void
on_list(const Forge__SessionListReply *reply, void *data)
{
    struct ask *self = data;
    note_reply(self);
    if (reply)
        snprintf(self->text, sizeof self->text, "%s", reply->sessions[0]->task);
}

static void
on_end(const Forge__SessionEndReply *reply, void *data)
{
    struct ask *self = data;
    note_reply(self);
    if (reply)
        snprintf(self->text, sizeof self->text, "%s", reply->session->task);
}

static ProtobufCService *
bind_ask(struct rpc_client *client, struct ask *ask)
{
    if (!ask->call.deadline_ms)
        ask->call = ask_call();
    return rpc_client_bind(client, &forge__session__descriptor, &ask->call);
}

void
ask_start(struct rpc_client *client, struct ask *ask, const char *task)
{
    Forge__SessionStartRequest request = FORGE__SESSION_START_REQUEST__INIT;
    request.task = (char *)task;
    forge__session__start(bind_ask(client, ask), &request, on_start, ask);
}

void
ask_checkpoint(struct rpc_client *client, struct ask *ask, const char *handle)
{
    Forge__SessionCheckpointRequest request = FORGE__SESSION_CHECKPOINT_REQUEST__INIT;
    request.handle = (char *)handle;
    forge__session__checkpoint(bind_ask(client, ask), &request, on_checkpoint, ask);
}

void
ask_list(struct rpc_client *client, struct ask *ask, const char *project)
{
    Forge__SessionListRequest request = FORGE__SESSION_LIST_REQUEST__INIT;
    request.project = (char *)project;
    forge__session__list(bind_ask(client, ask), &request, on_list, ask);
}

void
ask_end(struct rpc_client *client, struct ask *ask, const char *handle)
{
    Forge__SessionEndRequest request = FORGE__SESSION_END_REQUEST__INIT;
    request.handle = (char *)handle;
    forge__session__end(bind_ask(client, ask), &request, on_end, ask);
}

void
turn_once(struct rpc_client *client, int max_ms)
{
    int fds[RPC_CLIENT_FDS];
    rpc_client_fds(client, fds);
    struct pollfd polls[RPC_CLIENT_FDS];
    for (size_t i = 0; i < RPC_CLIENT_FDS; i++)
        polls[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    int64_t wait_ms = rpc_client_due(client) - clock_monotonic_ms();
    if (wait_ms > max_ms)
        wait_ms = max_ms;
    poll(polls, RPC_CLIENT_FDS, wait_ms > 0 ? (int)wait_ms : 0);
    rpc_client_turn(client);
}

void
turn_until(struct rpc_client *client, const unsigned *runs, unsigned want)
{
    int64_t end_ms = clock_monotonic_ms() + READY_MS;
    while (*runs < want) {
        assert_true(clock_monotonic_ms() < end_ms);
        turn_once(client, 100);
    }
}

void
turn_until_answering(struct rpc_client *client)
{
    int64_t end_ms = clock_monotonic_ms() + READY_MS;
    while (!rpc_client_peer(client)->answering) {
        assert_true(clock_monotonic_ms() < end_ms);
        turn_once(client, 100);
    }
}

void
turn_for(struct rpc_client *client, int ms)
{
    int64_t end_ms = clock_monotonic_ms() + ms;
    for (int64_t left; (left = end_ms - clock_monotonic_ms()) > 0;)
        turn_once(client, (int)left);
}

struct rpc_client *
ask_client(const char *endpoint)
{
    struct rpc_client_options options = {
        .endpoint = endpoint, .ping_ms = 50, .silent_ms = 300, .connect_wait_ms = 1000};
    return rpc_client_create(&options);
}
