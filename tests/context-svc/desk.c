#include "tests/context-svc/desk.h"

#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/clock.h"

enum { PATIENCE_MS = 30000 };

static int
on_pipe(zloop_t *loop, zsock_t *pipe, void *argument)
{
    (void)loop;
    (void)argument;
    char *asked = zstr_recv(pipe);
    zstr_free(&asked);
    return -1;
}

static void
run_service(zsock_t *pipe, void *argument)
{
    struct desk_service *self = argument;
    const struct context_service_options options = {.endpoint = self->endpoint,
        .instance = "context-test",
        .engine = self->path ? STORE_LEVELDB : STORE_MEMORY,
        .store_path = self->path,
        .min_free_bytes = self->min_free_bytes,
        .readers = 2};
    self->status = context_service_create(&options, &self->service, &self->problem);
    zsock_signal(pipe, 0);
    if (self->status != STATUS_OK)
        return;
    zloop_reader(context_service_loop(self->service), pipe, on_pipe, NULL);
    zloop_start(context_service_loop(self->service));
    zloop_reader_end(context_service_loop(self->service), pipe);
    context_service_destroy(&self->service);
}

void
desk_service_start(struct desk_service *self, const char *path)
{
    desk_service_start_with(self, path, 1);
}

void
desk_service_start_with(struct desk_service *self, const char *path, uint64_t min_free_bytes)
{
    static unsigned number;
    *self = (struct desk_service){.path = path, .min_free_bytes = min_free_bytes};
    snprintf(
        self->endpoint, sizeof self->endpoint, "inproc://context-%d-%u", (int)getpid(), number++);
    self->thread = zactor_new(run_service, self);
    if (self->status != STATUS_OK)
        fail_msg("the service did not start: %s", self->problem.text);
}

void
desk_service_stop(struct desk_service *self)
{
    zactor_destroy(&self->thread);
}

void
desk_open(struct desk *self, const char *endpoint)
{
    *self = (struct desk){
        .principal = {TEXT("anna"), TEXT("acme"), ROLE_READER | ROLE_WRITER}, .wait_ms = 10000};
    const struct rpc_client_options options = {.endpoint = endpoint, .connect_wait_ms = 5000};
    self->client = rpc_client_create(&options);
}

void
desk_close(struct desk *self)
{
    question_release(&self->last);
    rpc_client_destroy(&self->client);
}

static void
turn_once(struct desk *self, int64_t until_ms)
{
    int fds[RPC_CLIENT_FDS];
    rpc_client_fds(self->client, fds);
    struct pollfd polled[RPC_CLIENT_FDS];
    for (int i = 0; i < RPC_CLIENT_FDS; i++)
        polled[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    int64_t due_ms = rpc_client_due(self->client);
    int64_t wait_ms = (due_ms < until_ms ? due_ms : until_ms) - clock_monotonic_ms();
    if (wait_ms > 0)
        poll(polled, RPC_CLIENT_FDS, (int)wait_ms);
    rpc_client_turn(self->client);
}

void
desk_turn(struct desk *self, int ms)
{
    int64_t until_ms = clock_monotonic_ms() + ms;
    rpc_client_turn(self->client);
    while (clock_monotonic_ms() < until_ms)
        turn_once(self, until_ms);
}

static void
on_answer(const ProtobufCMessage *message, void *data)
{
    struct question *self = data;
    const struct rpc_reply *reply = &self->call.reply;
    self->done = true;
    self->status = reply->status;
    self->outcome = reply->outcome;
    self->commit_sequence = reply->commit_sequence;
    snprintf(self->detail, sizeof self->detail, "%.*s", TEXT_FORMAT(reply->detail));
    if (!message)
        return;
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *packed = malloc(size + 1);
    protobuf_c_message_pack(message, packed);
    self->reply = protobuf_c_message_unpack(message->descriptor, NULL, size, packed);
    free(packed);
}

void
desk_send(struct desk *self, struct question *question, const ProtobufCServiceDescriptor *service,
    const char *method, const void *request)
{
    *question = (struct question){.call = {.deadline_ms = clock_monotonic_ms() + self->wait_ms,
                                      .principal = self->principal,
                                      .project = self->project,
                                      .idempotency_key = self->key}};
    const ProtobufCMethodDescriptor *found =
        protobuf_c_service_descriptor_get_method_by_name(service, method);
    assert_non_null(found);
    ProtobufCService *bound = rpc_client_bind(self->client, service, &question->call);
    bound->invoke(bound, (unsigned)(found - service->methods), request, on_answer, question);
}

void
desk_wait(struct desk *self, struct question *questions, size_t count)
{
    int64_t until_ms = clock_monotonic_ms() + PATIENCE_MS;
    rpc_client_turn(self->client);
    for (size_t i = 0; i < count; i++)
        while (!questions[i].done) {
            if (clock_monotonic_ms() > until_ms)
                fail_msg("a call has no answer");
            turn_once(self, until_ms);
        }
}

void
question_release(struct question *self)
{
    if (self->reply)
        protobuf_c_message_free_unpacked(self->reply, NULL);
    self->reply = NULL;
}

void *
desk_ask(struct desk *self, const ProtobufCServiceDescriptor *service, const char *method,
    const void *request)
{
    question_release(&self->last);
    desk_send(self, &self->last, service, method, request);
    desk_wait(self, &self->last, 1);
    return self->last.reply;
}

void
desk_fail(const struct desk *self, const char *what)
{
    fail_msg("%s: %s", what, self->last.detail);
    abort(); /* cmocka does not declare that a failure never returns */
}

Forge__SaveReply *
desk_save(struct desk *self, const char *project, const char *content)
{
    Forge__SaveRequest request = FORGE__SAVE_REQUEST__INIT;
    request.project = word(project);
    request.content = text_bytes(content);
    Forge__SaveReply *reply = desk_ask(self, &forge__context__descriptor, "Save", &request);
    if (!reply)
        desk_fail(self, "not saved");
    return reply;
}

Forge__Entry *
desk_get(struct desk *self, ProtobufCBinaryData id)
{
    uint8_t copy[16];
    assert_int_equal(id.len, sizeof copy);
    memcpy(copy, id.data, sizeof copy);
    ProtobufCBinaryData ids = {.data = copy, .len = sizeof copy};
    Forge__GetRequest request = FORGE__GET_REQUEST__INIT;
    request.n_ids = 1;
    request.ids = &ids;
    Forge__GetReply *reply = desk_ask(self, &forge__context__descriptor, "Get", &request);
    if (!reply)
        desk_fail(self, "not got");
    assert_int_equal(reply->n_entries + reply->n_missing, 1);
    return reply->n_entries ? reply->entries[0] : NULL;
}

Forge__SearchReply *
desk_search(struct desk *self, const char *query)
{
    Forge__SearchRequest request = FORGE__SEARCH_REQUEST__INIT;
    request.query = text_bytes(query);
    Forge__SearchReply *reply = desk_ask(self, &forge__context__descriptor, "Search", &request);
    if (!reply)
        desk_fail(self, "not searched");
    return reply;
}

Forge__CountReply *
desk_count(struct desk *self)
{
    Forge__CountRequest request = FORGE__COUNT_REQUEST__INIT;
    Forge__CountReply *reply = desk_ask(self, &forge__context__descriptor, "Count", &request);
    if (!reply)
        desk_fail(self, "not counted");
    return reply;
}

struct kept_id
keep_id(ProtobufCBinaryData id)
{
    struct kept_id kept;
    assert_int_equal(id.len, sizeof kept.bytes);
    memcpy(kept.bytes, id.data, sizeof kept.bytes);
    return kept;
}

ProtobufCBinaryData
id_bytes(struct kept_id *id)
{
    return (ProtobufCBinaryData){.data = id->bytes, .len = sizeof id->bytes};
}

ProtobufCBinaryData
text_bytes(const char *text)
{
    return (ProtobufCBinaryData){.data = (uint8_t *)text, .len = strlen(text)};
}

bool
bytes_are(ProtobufCBinaryData bytes, const char *text)
{
    return bytes.len == strlen(text) && memcmp(bytes.data, text, bytes.len) == 0;
}

void
folder_make(char path[64])
{
    const char *base = getenv("TMPDIR");
    snprintf(path, 64, "%.40s/context-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(path));
}

static int
remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

void
folder_remove(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
