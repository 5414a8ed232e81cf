#include <stdlib.h>
#include <string.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"
#include "common/base/uuid.h"
#include "common/store/transfer.h"

struct held {
    uint8_t id[TRANSFER_ID_SIZE];
    struct store_snapshot *snapshot; /* NULL: free place */
    int64_t asked_ms;
};

struct transfer_exports {
    struct store *store;
    struct held held[TRANSFER_EXPORTS_MAX];
    struct buffer bytes;             /* the page's keys and values */
    struct transfer_record *records; /* into bytes, once the page is whole */
    size_t capacity;
};

struct transfer_exports *
transfer_exports_create(struct store *store)
{
    struct transfer_exports *self = memory_new(sizeof *self);
    self->store = store;
    return self;
}

void
transfer_exports_clear(struct transfer_exports *self)
{
    for (size_t i = 0; i < TRANSFER_EXPORTS_MAX; i++)
        store_snapshot_destroy(&self->held[i].snapshot);
}

void
transfer_exports_destroy(struct transfer_exports **self_p)
{
    struct transfer_exports *self = TAKE(*self_p);
    if (!self)
        return;
    transfer_exports_clear(self);
    buffer_release(&self->bytes);
    free(self->records);
    free(self);
}

void
transfer_exports_expire(struct transfer_exports *self, int64_t now_ms)
{
    for (size_t i = 0; i < TRANSFER_EXPORTS_MAX; i++)
        if (self->held[i].snapshot && now_ms - self->held[i].asked_ms >= TRANSFER_IDLE_MS)
            store_snapshot_destroy(&self->held[i].snapshot);
}

static enum status
begin(struct transfer_exports *self, struct held **held_p, struct problem *problem)
{
    struct held *held = NULL;
    for (size_t i = 0; i < TRANSFER_EXPORTS_MAX && !held; i++)
        if (!self->held[i].snapshot)
            held = &self->held[i];
    if (!held) {
        problem_set(problem, "%d exports are under way; try again when one has ended",
            TRANSFER_EXPORTS_MAX);
        return STATUS_RESOURCE_EXHAUSTED;
    }
    held->snapshot = store_snapshot_create(self->store);
    if (!held->snapshot) {
        problem_set(problem, "the store cannot be read now (%s)",
            store_state_name(store_state(self->store)));
        return STATUS_UNAVAILABLE;
    }
    uuid_random(held->id, sizeof held->id);
    *held_p = held;
    return STATUS_OK;
}

static enum status
find(struct transfer_exports *self, struct text id, struct held **held_p, struct problem *problem)
{
    if (id.length != TRANSFER_ID_SIZE) {
        problem_set(problem, "an export_id has %d bytes", TRANSFER_ID_SIZE);
        return STATUS_INVALID_ARGUMENT;
    }
    for (size_t i = 0; i < TRANSFER_EXPORTS_MAX; i++)
        if (self->held[i].snapshot && memcmp(self->held[i].id, id.data, id.length) == 0) {
            *held_p = &self->held[i];
            return STATUS_OK;
        }
    problem_set(
        problem, "the export ended, or nobody asked for it during %d s", TRANSFER_IDLE_MS / 1000);
    return STATUS_NOT_FOUND;
}

static void
add_record(struct transfer_exports *self, size_t at, struct text key, struct text value)
{
    if (at == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 256;
        self->records = memory_resize(self->records, self->capacity * sizeof *self->records);
    }
    buffer_add_text(&self->bytes, key);
    buffer_add_text(&self->bytes, value);
    self->records[at] = (struct transfer_record){{NULL, key.length}, {NULL, value.length}};
}

/* The buffer moves while it grows, so the records are pointed at it afterwards. */
static void
point_records(struct transfer_exports *self, size_t count)
{
    const char *at = self->bytes.data;
    for (size_t i = 0; i < count; i++) {
        self->records[i].key.data = at;
        at += self->records[i].key.length;
        self->records[i].value.data = at;
        at += self->records[i].value.length;
    }
}

/* Keys after `after_key` while they fit; at least one. */
static enum status
read_page(struct transfer_exports *self, const struct held *held,
    const struct transfer_export_request *request, struct transfer_page *page)
{
    size_t max = request->max_bytes ? request->max_bytes : TRANSFER_PAGE_DEFAULT;
    if (max > TRANSFER_PAGE_MAX)
        max = TRANSFER_PAGE_MAX;
    struct store_scan *scan =
        store_scan_create(held->snapshot, request->after_key, TEXT(""), false);
    struct text key, value;
    size_t count = 0;
    page->last = true;
    buffer_clear(&self->bytes);
    while (store_scan_next(scan, &key, &value)) {
        if (text_equals(key, request->after_key))
            continue;
        size_t bytes = self->bytes.length + key.length + value.length;
        if (count == TRANSFER_PAGE_RECORDS_MAX || (count && bytes > max)) {
            page->last = false;
            break;
        }
        add_record(self, count++, key, value);
    }
    enum status status = store_scan_status(scan);
    store_scan_destroy(&scan);
    point_records(self, count);
    page->records = self->records;
    page->count = count;
    return status;
}

enum status
transfer_export(struct transfer_exports *self, const struct transfer_export_request *request,
    int64_t now_ms, struct transfer_page *page, struct problem *problem)
{
    transfer_exports_expire(self, now_ms);
    struct held *held = NULL;
    enum status status = request->export_id.length ? find(self, request->export_id, &held, problem)
                                                   : begin(self, &held, problem);
    if (status != STATUS_OK)
        return status;
    struct transfer_page read = {
        .export_id = text_from(held->id, sizeof held->id),
        .sequence = store_snapshot_sequence(held->snapshot),
        .format = store_format(self->store),
        .approximate_bytes = store_size_bytes(self->store),
    };
    held->asked_ms = now_ms;
    if (request->finish) {
        store_snapshot_destroy(&held->snapshot);
        *page = read;
        return STATUS_OK;
    }
    status = read_page(self, held, request, &read);
    if (status == STATUS_OK) {
        *page = read;
        return STATUS_OK;
    }
    store_snapshot_destroy(&held->snapshot);
    problem_set(problem, "a record of the store cannot be read");
    return status;
}
