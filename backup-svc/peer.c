#include "backup-svc/peer.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/rpc/client.h"

enum {
    CALL_MS = 55000, /* a large import's last page makes the service read its store */
    CONNECT_WAIT_MS = 2000,
    LOOK_MS = 100, /* how often `stopping` is looked at */
    ATTEMPTS = 5,
    ATTEMPT_PAUSE_MS = 500,
};

struct peer {
    const char *service;
    const char *endpoint;
    const _Atomic bool *stopping;
    struct rpc_client *client;

    /* Of the call that is open. */
    struct rpc_call call;
    bool done;
    enum status status;
    struct problem *problem;
    peer_page_function *on_page;
    void *argument;
    struct peer_import_id *id;
};

struct peer *
peer_create(const char *service, const char *endpoint, const _Atomic bool *stopping)
{
    struct peer *self = memory_new(sizeof *self);
    self->service = service;
    self->endpoint = endpoint;
    self->stopping = stopping;
    self->client = rpc_client_create(&(struct rpc_client_options){
        .endpoint = endpoint,
        .connect_wait_ms = CONNECT_WAIT_MS,
    });
    return self;
}

void
peer_destroy(struct peer **self_p)
{
    struct peer *self = TAKE(*self_p);
    if (!self)
        return;
    rpc_client_destroy(&self->client);
    free(self);
}

static ProtobufCService *
bind_call(struct peer *self, struct problem *problem)
{
    self->call = (struct rpc_call){
        .deadline_ms = clock_monotonic_ms() + CALL_MS,
        .principal =
            {
                .name = TEXT("backup-svc"),
                .tenant = TEXT("default"),
                .roles = ROLE_PROGRAM | ROLE_OPERATOR,
            },
    };
    self->done = false;
    self->problem = problem;
    return rpc_client_bind(self->client, &forge__transfer__descriptor, &self->call);
}

/* Keeps what the reply says beside its message; true when there is one to look at. */
static bool
take_reply(struct peer *self, const void *message)
{
    self->done = true;
    self->status = self->call.reply.status;
    if (self->status == STATUS_OK && message)
        return true;
    bool lost = self->status == STATUS_UNAVAILABLE || self->status == STATUS_DEADLINE_EXCEEDED;
    problem_set(self->problem, "%s-svc%s%s: %.*s", self->service, lost ? " at " : "",
        lost ? self->endpoint : "", TEXT_FORMAT(self->call.reply.detail));
    return false;
}

static void
wait_for_events(struct peer *self)
{
    int fds[RPC_CLIENT_FDS];
    struct pollfd polled[RPC_CLIENT_FDS];
    rpc_client_fds(self->client, fds);
    for (int i = 0; i < RPC_CLIENT_FDS; i++)
        polled[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    int64_t wait_ms = rpc_client_due(self->client) - clock_monotonic_ms();
    wait_ms = wait_ms < 0 ? 0 : wait_ms > LOOK_MS ? LOOK_MS : wait_ms;
    poll(polled, RPC_CLIENT_FDS, (int)wait_ms);
}

/* The call is the client's until its closure ran, so it is waited for in any case; a cancelled one
 * ends at once, by the client's end. */
static enum status
wait_for_reply(struct peer *self)
{
    rpc_client_turn(self->client);
    while (!self->done) {
        if (atomic_load(self->stopping)) {
            rpc_client_destroy(&self->client);
            problem_set(self->problem, "the program is ending");
            return STATUS_CANCELLED;
        }
        wait_for_events(self);
        rpc_client_turn(self->client);
    }
    return self->status;
}

static void
on_exported(const Forge__ExportReply *reply, void *argument)
{
    struct peer *self = argument;
    if (take_reply(self, reply))
        self->status = self->on_page(self->argument, reply, self->problem);
}

static enum status
export_once(struct peer *self, const Forge__ExportRequest *request, struct problem *problem)
{
    if (!self->client) {
        problem_set(problem, "the program is ending");
        return STATUS_CANCELLED;
    }
    forge__transfer__export(bind_call(self, problem), request, on_exported, self);
    return wait_for_reply(self);
}

enum status
peer_export(struct peer *self, const Forge__ExportRequest *request, peer_page_function *on_page,
    void *argument, struct problem *problem)
{
    self->on_page = on_page;
    self->argument = argument;
    enum status status = export_once(self, request, problem);
    for (int i = 1; i < ATTEMPTS && status == STATUS_UNAVAILABLE && self->call.reply.status; i++) {
        usleep(ATTEMPT_PAUSE_MS * 1000);
        status = export_once(self, request, problem);
    }
    return status;
}

static void
on_imported(const Forge__ImportReply *reply, void *argument)
{
    struct peer *self = argument;
    if (!take_reply(self, reply) || !self->id)
        return;
    self->id->length = reply->import_id.len < PEER_IMPORT_ID_MAX ? reply->import_id.len : 0;
    if (self->id->length)
        memcpy(self->id->bytes, reply->import_id.data, self->id->length);
}

enum status
peer_import(struct peer *self, const Forge__ImportRequest *request, struct peer_import_id *id,
    struct problem *problem)
{
    if (!self->client) {
        problem_set(problem, "the program is ending");
        return STATUS_CANCELLED;
    }
    self->id = id;
    forge__transfer__import(bind_call(self, problem), request, on_imported, self);
    return wait_for_reply(self);
}
