#include "context-svc/reading.h"

#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "context-svc/keys.h"

enum { ARENA_BYTES = 16 * 1024 * 1024, ARENA_KEPT_BYTES = 512 * 1024 };
enum { VIEW_WAIT_MS = 20, ANSWER_MS = 20 };

struct context_reader {
    struct context_view_board *board;
    size_t place;
    struct arena arena;
    struct index_reader *index_reader;
};

struct context_reader *
context_reader_create(struct context_view_board *board, size_t place)
{
    struct context_reader *self = memory_new(sizeof *self);
    self->board = board;
    self->place = place;
    arena_init(&self->arena, ARENA_BYTES);
    self->index_reader = index_reader_create();
    return self;
}

void
context_reader_destroy(struct context_reader **self_p)
{
    struct context_reader *self = TAKE(*self_p);
    if (!self)
        return;
    index_reader_destroy(&self->index_reader);
    arena_release(&self->arena);
    free(self);
}

void
context_reading_begin(struct context_reading *self, struct context_reader *reader,
    struct context_view *view, const struct rpc_principal *principal, struct text project)
{
    *self = (struct context_reading){.reader = reader,
        .view = view,
        .tenant = context_view_tenant(view, principal->tenant),
        .principal = *principal,
        .project = project,
        .now_ms = clock_wall_ms(),
        .arena = &reader->arena,
        .index_reader = reader->index_reader};
    if (reader->arena.used_bytes > ARENA_KEPT_BYTES)
        arena_release(&reader->arena);
    arena_reset(&reader->arena);
    if (self->tenant)
        self->tenant_number = context_tenant_view_number(self->tenant);
}

/* While the store is reopened: the call runs again shortly, if its deadline leaves it the time. */
static bool
can_wait(const struct context_reader *reader, const struct rpc_request *request, int64_t wake_ms)
{
    return context_view_board_expects_view(reader->board) &&
           wake_ms + ANSWER_MS < rpc_request_deadline_ms(request);
}

bool
context_reading_open(
    struct context_reading *self, struct context_reader *reader, struct rpc_request *request)
{
    struct context_view *view = context_view_board_take(reader->board, reader->place);
    int64_t wake_ms = clock_monotonic_ms() + VIEW_WAIT_MS;
    if (!view && can_wait(reader, request, wake_ms)) {
        rpc_request_park_until(request, wake_ms);
        return false;
    }
    if (!view) {
        rpc_request_fail(request, STATUS_UNAVAILABLE,
            "the store cannot be read at this moment: try again shortly");
        return false;
    }
    context_reading_begin(
        self, reader, view, rpc_request_principal(request), rpc_request_project(request));
    return true;
}

void
context_reading_close(struct context_reading *self)
{
    context_view_board_put_back(self->reader->board, self->reader->place, &self->view);
}

bool
context_reading_settle(
    struct context_reading *self, struct rpc_request *request, enum status status)
{
    if (status == STATUS_OK)
        return true;
    rpc_request_fail(request, status, "%s", self->problem.text);
    return false;
}

enum status
context_reading_damaged(struct context_reading *self, const char *what)
{
    problem_set(&self->problem,
        "%s cannot be read from the store: see the service's log, and restore a backup", what);
    return STATUS_DATA_LOSS;
}

enum status
context_reading_card(struct context_reading *self, const struct uuid *id, Forge__Entry **entry,
    struct text *content, struct store_value *value)
{
    struct context_key key = context_key_entry(self->tenant_number, id);
    enum status status =
        store_get(context_view_snapshot(self->view), context_key_text(&key), value);
    if (status == STATUS_NOT_FOUND)
        return status;
    struct context_record_head head;
    struct text packed;
    if (status != STATUS_OK || !context_record_parse(value->bytes, &head, &packed))
        return context_reading_damaged(self, "an entry");
    if (!context_record_is_visible(&head, self->principal.name, self->now_ms))
        return STATUS_NOT_FOUND;
    Forge__Entry *card = context_record_unpack_card(value->bytes, self->arena, content);
    if (!card)
        return context_reading_damaged(self, "an entry");
    *entry = card;
    return STATUS_OK;
}

enum status
context_reading_message(struct context_reading *self, const struct context_key *key,
    const ProtobufCMessageDescriptor *descriptor, ProtobufCMessage **message)
{
    CLEANUP(store_value_release) struct store_value value = {0};
    enum status status =
        store_get(context_view_snapshot(self->view), context_key_text(key), &value);
    if (status == STATUS_NOT_FOUND)
        return status;
    ProtobufCMessage *unpacked = NULL;
    if (status == STATUS_OK)
        unpacked = protobuf_c_message_unpack(descriptor, &self->arena->allocator,
            value.bytes.length, (const uint8_t *)value.bytes.data);
    if (!unpacked)
        return context_reading_damaged(self, "a record");
    *message = unpacked;
    return STATUS_OK;
}
