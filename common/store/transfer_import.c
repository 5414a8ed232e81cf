#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/uuid.h"
#include "common/store/transfer.h"

struct transfer_import {
    struct store *store;
    uint8_t id[TRANSFER_ID_SIZE];
    bool is_running;
    int64_t asked_ms;
    uint64_t records;
};

struct transfer_import *
transfer_import_create(struct store *store)
{
    struct transfer_import *self = memory_new(sizeof *self);
    self->store = store;
    return self;
}

/* Also when the abort itself fails there is nothing left to do: the store undoes the import when it
 * is reopened. */
static void
undo(struct transfer_import *self)
{
    if (!self->is_running)
        return;
    self->is_running = false;
    enum status status = store_import_abort(self->store, NULL);
    (void)status;
}

void
transfer_import_destroy(struct transfer_import **self_p)
{
    struct transfer_import *self = TAKE(*self_p);
    if (!self)
        return;
    undo(self);
    free(self);
}

void
transfer_import_expire(struct transfer_import *self, int64_t now_ms)
{
    if (self->is_running && now_ms - self->asked_ms >= TRANSFER_IDLE_MS)
        undo(self);
}

bool
transfer_import_is_running(const struct transfer_import *self)
{
    return self->is_running;
}

static enum status
begin(struct transfer_import *self, const struct transfer_import_request *request,
    struct problem *problem)
{
    if (self->is_running) {
        problem_set(problem, "another import is under way; it ends, or is undone after %d s",
            TRANSFER_IDLE_MS / 1000);
        return STATUS_FAILED_PRECONDITION;
    }
    if (request->format != store_format(self->store)) {
        problem_set(problem, "the records have data format %u and this store has %u",
            request->format, store_format(self->store));
        return STATUS_FAILED_PRECONDITION;
    }
    enum status status = store_import_begin(self->store, request->discard, problem);
    if (status != STATUS_OK)
        return status;
    uuid_random(self->id, sizeof self->id);
    self->is_running = true;
    self->records = 0;
    return STATUS_OK;
}

static enum status
check_id(const struct transfer_import *self, struct text id, struct problem *problem)
{
    if (id.length != TRANSFER_ID_SIZE) {
        problem_set(problem, "an import_id has %d bytes", TRANSFER_ID_SIZE);
        return STATUS_INVALID_ARGUMENT;
    }
    if (self->is_running && memcmp(self->id, id.data, id.length) == 0)
        return STATUS_OK;
    problem_set(
        problem, "the import ended, or nothing came for it during %d s", TRANSFER_IDLE_MS / 1000);
    return STATUS_NOT_FOUND;
}

static enum status
take_records(struct transfer_import *self, const struct transfer_import_request *request,
    struct problem *problem)
{
    for (size_t i = 0; i < request->count; i++) {
        const struct transfer_record *record = &request->records[i];
        enum status status = store_import_add(self->store, record->key, record->value, problem);
        if (status != STATUS_OK)
            return status;
        self->records++;
    }
    if (!request->last)
        return STATUS_OK;
    enum status status =
        store_import_finish(self->store, request->sequence, request->record_count, problem);
    if (status == STATUS_OK)
        self->is_running = false;
    return status;
}

enum status
transfer_import(struct transfer_import *self, const struct transfer_import_request *request,
    int64_t now_ms, struct transfer_imported *imported, struct problem *problem)
{
    transfer_import_expire(self, now_ms);
    enum status status = request->import_id.length ? check_id(self, request->import_id, problem)
                                                   : begin(self, request, problem);
    if (status != STATUS_OK)
        return status;
    self->asked_ms = now_ms;
    if (!request->abort)
        status = take_records(self, request, problem);
    if (status != STATUS_OK || request->abort)
        undo(self);
    if (status != STATUS_OK)
        return status;
    *imported = (struct transfer_imported){
        .import_id = text_from(self->id, sizeof self->id),
        .records = self->records,
    };
    return STATUS_OK;
}
