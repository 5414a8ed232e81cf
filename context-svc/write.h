/* write: one writing call, from its request to its staged reply.
 *
 * A handler opens it (who asks, known key, room in the batch), runs an operation on it, and settles
 * it: the dedupe record goes into the batch and the reply waits for the commit. An operation first
 * reads and checks, and only then stages; so a refused call leaves nothing in the group's batch.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "context.pb-c.h"

#include "common/rpc/server.h"
#include "context-svc/check.h"
#include "context-svc/record.h"
#include "context-svc/writer.h"

struct context_write {
    struct context_writer *writer;
    struct rpc_principal principal;
    struct text project; /* of the call; for requests that name none */
    struct context_tenant *tenant;
    uint32_t tenant_number;
    int64_t now_ms;
    struct arena *arena;
    uint64_t sequence; /* newest one that this write depends on */
    struct problem problem;

    const uint8_t *key; /* idempotency key, or NULL */
    uint8_t request_hash[KEY_HASH_SIZE];
};

/* Answers a call whose key is known from the stored reply, where that holds no texts. */
typedef void context_write_replay(
    struct context_write *self, struct rpc_request *request, struct text reply);

/* The first half of context_write_open, without a call. */
enum status context_write_begin(struct context_write *self, struct context_writer *writer,
    const struct rpc_principal *principal, struct text project) MUST_CHECK;
/* For the service's own housekeeping, in nobody's name. */
enum status context_write_begin_for(struct context_write *self, struct context_writer *writer,
    struct context_tenant *tenant) MUST_CHECK;

/* False: the call was answered (refused, or replayed; `replay` NULL sends the stored reply). */
bool context_write_open(struct context_write *self, struct context_writer *writer,
    struct rpc_request *request, context_write_replay *replay);
/* True: the closure is to run with the reply. `stored` is what a replay gets. */
bool context_write_settle(struct context_write *self, struct rpc_request *request,
    enum status status, const ProtobufCMessage *stored);

/* Staging. Reads see what the group staged. */
enum status context_write_get(struct context_write *self, const struct context_key *key,
    struct store_value *value) MUST_CHECK;
void context_write_put(
    struct context_write *self, const struct context_key *key, struct text value);
void context_write_put_message(
    struct context_write *self, const struct context_key *key, const ProtobufCMessage *message);
void context_write_delete(struct context_write *self, const struct context_key *key);
/* A commit sequence and its row in the change log. */
uint64_t context_write_change(
    struct context_write *self, Forge__ChangeKind kind, const Forge__Entry *entry);

/* The project that a request means: its own, else the call's, else "default". */
enum status context_write_project(
    struct context_write *self, const char *wanted, char **project) MUST_CHECK;

/* An entry in the arena. NOT_FOUND with words. */
enum status context_write_load_any(struct context_write *self, const struct uuid *id,
    Forge__Entry **entry, uint8_t *flags) MUST_CHECK;
/* The same, when this principal may see it. */
enum status context_write_load(struct context_write *self, const struct uuid *id,
    Forge__Entry **entry, uint8_t *flags) MUST_CHECK;
