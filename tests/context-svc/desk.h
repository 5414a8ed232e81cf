/* desk: one who calls a context service from a test, and waits for the answers.
 *
 * A service may run in a thread of this process (desk_service) or in another process; the desk only
 * knows its endpoint. Who asks, under which key, is set in the desk before a call.
 */
#pragma once

#include "context.pb-c.h"
#include "health.pb-c.h"
#include "session.pb-c.h"
#include "transfer.pb-c.h"

#include "common/rpc/client.h"
#include "context-svc/service.h"

/* A service in a thread of its own; ends with desk_service_stop. */
struct desk_service {
    zactor_t *thread;
    struct context_service *service; /* the thread's; its metrics are for all */
    enum status status;
    struct problem problem;
    const char *path;
    uint64_t min_free_bytes;
    char endpoint[160];
};

/* Over inproc, with two readers; fails the test when it does not start. path NULL: in memory. */
void desk_service_start(struct desk_service *self, const char *path);
/* The same for a disk of which so much must stay free. */
void desk_service_start_with(struct desk_service *self, const char *path, uint64_t min_free_bytes);
void desk_service_stop(struct desk_service *self);

/* One call and how it ended. */
struct question {
    struct rpc_call call;
    bool done;
    enum status status;
    enum rpc_outcome outcome;
    uint64_t commit_sequence;
    char detail[520];
    ProtobufCMessage *reply; /* owned; NULL unless OK */
};

struct desk {
    struct rpc_client *client;
    struct rpc_principal principal; /* anna of acme, reader and writer, to begin with */
    struct text project;
    const uint8_t *key;   /* NULL: none */
    int wait_ms;          /* deadline of a call; 10 s to begin with */
    struct question last; /* of desk_ask */
};

void desk_open(struct desk *self, const char *endpoint);
void desk_close(struct desk *self);

/* Calls and waits. The reply is the desk's and lives until its next desk_ask; NULL when it was not
 * OK, and desk->last tells. */
void *desk_ask(struct desk *self, const ProtobufCServiceDescriptor *service, const char *method,
    const void *request);

/* Ends the test: what went wrong, and what the service said of the last desk_ask. */
void desk_fail(const struct desk *self, const char *what) __attribute__((noreturn));

/* Several at a time: send, then wait for all of them; release each. */
void desk_send(struct desk *self, struct question *question,
    const ProtobufCServiceDescriptor *service, const char *method, const void *request);
void desk_wait(struct desk *self, struct question *questions, size_t count);
/* Turns the client for so long. */
void desk_turn(struct desk *self, int ms);
void question_release(struct question *self);

/* What tests do all the time. Texts are C strings. */
Forge__SaveReply *desk_save(struct desk *self, const char *project, const char *content);
Forge__Entry *desk_get(struct desk *self, ProtobufCBinaryData id); /* NULL: missing */
Forge__SearchReply *desk_search(struct desk *self, const char *query);
Forge__CountReply *desk_count(struct desk *self);

/* A literal, for the fields of messages, which are not const. */
static inline char *
word(const char *text)
{
    return (char *)text;
}

/* An id that outlives its reply. */
struct kept_id {
    uint8_t bytes[16];
};
struct kept_id keep_id(ProtobufCBinaryData id);
ProtobufCBinaryData id_bytes(struct kept_id *id);
ProtobufCBinaryData text_bytes(const char *text);
bool bytes_are(ProtobufCBinaryData bytes, const char *text);

/* A folder of the test's own under TMPDIR or /tmp, removed with all it holds. */
void folder_make(char path[64]);
void folder_remove(const char *path);
