#include "setting.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "tests/common/rpc/ask.h"

void
setting_init(struct setting *self)
{
    static unsigned number;
    *self = (struct setting){.folder = "/tmp/forge-metrics-XXXXXX"};
    assert_non_null(mkdtemp(self->folder));
    snprintf(self->store_path, sizeof self->store_path, "%s/metrics", self->folder);
    snprintf(self->endpoint, sizeof self->endpoint, "inproc://metrics-%u", ++number);
    setting_start(self);
}

void
setting_start(struct setting *self)
{
    self->metrics = metrics_create();
    const struct metrics_service_options options = {.endpoint = self->endpoint,
        .instance = "metrics-svc@test",
        .engine = STORE_LEVELDB,
        .store_path = self->store_path,
        .min_free_bytes = self->min_free_bytes,
        .metrics = self->metrics};
    struct problem problem = {{0}};
    if (rpc_actor_start(&metrics_service_actor, &options, &self->thread, &problem) != STATUS_OK)
        fail_msg("%s", problem.text);
    self->client = ask_client(self->endpoint);
}

void
setting_stop(struct setting *self)
{
    rpc_client_destroy(&self->client);
    zactor_destroy(&self->thread);
    metrics_destroy(&self->metrics);
}

void
setting_release(struct setting *self)
{
    setting_stop(self);
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", self->folder);
    /* NOLINTNEXTLINE(cert-env33-c): a folder that mkdtemp named */
    assert_int_equal(system(command), 0);
}

static void
on_reply(const ProtobufCMessage *message, void *argument)
{
    struct asked *self = argument;
    const struct rpc_reply *reply = &self->call.reply;
    self->runs++;
    self->status = reply->status;
    self->outcome = reply->outcome;
    self->commit_sequence = reply->commit_sequence;
    snprintf(self->detail, sizeof self->detail, "%.*s", TEXT_FORMAT(reply->detail));
    if (!message)
        return;
    size_t size = protobuf_c_message_get_packed_size(message);
    protobuf_c_message_pack(message, (uint8_t *)buffer_reserve(&self->reply, size));
    self->reply.length = size;
}

void
setting_ask(struct setting *self, const ProtobufCServiceDescriptor *descriptor, const char *method,
    const ProtobufCMessage *input, uint32_t roles, struct asked *asked)
{
    asked_release(asked);
    asked->call = (struct rpc_call){.deadline_ms = clock_monotonic_ms() + 20000,
        .principal = {TEXT("test"), TEXT("default"), roles}};
    const ProtobufCMethodDescriptor *found =
        protobuf_c_service_descriptor_get_method_by_name(descriptor, method);
    assert_non_null(found);
    ProtobufCService *service = rpc_client_bind(self->client, descriptor, &asked->call);
    service->invoke(service, (unsigned)(found - descriptor->methods), input, on_reply, asked);
    turn_until(self->client, &asked->runs, 1);
}

void
asked_release(struct asked *self)
{
    buffer_release(&self->reply);
    *self = (struct asked){.runs = 0};
}
