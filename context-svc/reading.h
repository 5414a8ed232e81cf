/* reading: one reading call over one view.
 *
 * A thread that reads owns a reader: its place on the board, scratch memory, its index reader.
 * Handlers open a reading on it, run a query, settle. The queries (list.h, search.h, brief.h ...)
 * know neither calls nor threads; the writer runs them too, for the brief of a new session.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "context.pb-c.h"

#include "common/base/arena.h"
#include "common/base/buffer.h"
#include "common/base/problem.h"
#include "common/rpc/server.h"
#include "context-svc/check.h"
#include "context-svc/index/index.h"
#include "context-svc/keys.h"
#include "context-svc/notes.h"
#include "context-svc/record.h"
#include "context-svc/view.h"

struct context_reader;

/* For a thread that takes its views from a place of the board (NULL: from elsewhere). */
struct context_reader *context_reader_create(struct context_view_board *board, size_t place);
void context_reader_destroy(struct context_reader **self_p);

struct context_reading {
    struct context_reader *reader;
    struct context_view *view;
    const struct context_tenant_view *tenant; /* NULL: it has nothing, and every answer is empty */
    uint32_t tenant_number;
    struct rpc_principal principal;
    struct text project; /* of the call */
    int64_t now_ms;
    struct arena *arena;
    struct index_reader *index_reader;
    struct problem problem;
};

/* Over a view that the caller holds until it is done. Empties the reader's arena. */
void context_reading_begin(struct context_reading *self, struct context_reader *reader,
    struct context_view *view, const struct rpc_principal *principal, struct text project);

/* False: no view. The call was parked and runs again, for as long as one is expected; after that it
 * was answered with UNAVAILABLE. */
bool context_reading_open(
    struct context_reading *self, struct context_reader *reader, struct rpc_request *request);
void context_reading_close(struct context_reading *self);
/* True: the closure is to run. */
bool context_reading_settle(
    struct context_reading *self, struct rpc_request *request, enum status status);

/* An entry that the asker may see, without content, which is borrowed from *value. NOT_FOUND when
 * there is none. The value is the caller's to release. */
enum status context_reading_card(struct context_reading *self, const struct uuid *id,
    Forge__Entry **entry, struct text *content, struct store_value *value) MUST_CHECK;
/* For anything that was damaged: fills the problem. */
enum status context_reading_damaged(struct context_reading *self, const char *what) MUST_CHECK;
/* A message under a key, in the arena; NOT_FOUND; DATA_LOSS when it cannot be unpacked. */
enum status context_reading_message(struct context_reading *self, const struct context_key *key,
    const ProtobufCMessageDescriptor *descriptor, ProtobufCMessage **message) MUST_CHECK;
