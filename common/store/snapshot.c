/* Snapshots, what is read through them, and the gate that they pass. */
#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/store/internal.h"

struct store_snapshot {
    struct store *store;
    struct engine_snapshot *snapshot;
    uint64_t sequence;
};

struct store_scan {
    const struct engine_kind *kind;
    struct engine_cursor *cursor;
    char *from_owned, *to_owned;
    struct text from, to; /* to: empty for the end */
    bool backward;
    bool placed; /* the cursor stands on the row that comes next */
};

/* The first key that is not the store's own. */
static const struct text first_key = {"\1", 1};

/* Readers that hold a snapshot for a moment each would, with new ones always coming, never all be
 * gone: so the gate admits none while it waits. */
enum { GATE_WAIT_MS = 20 };

bool
store_gate_close(struct store *self)
{
    atomic_fetch_or(&self->gate, STORE_GATE_CLOSED);
    for (int i = 0; i < GATE_WAIT_MS && atomic_load(&self->gate) != STORE_GATE_CLOSED; i++)
        usleep(1000);
    bool closed = atomic_load(&self->gate) == STORE_GATE_CLOSED;
    if (!closed)
        store_gate_open(self);
    return closed;
}

void
store_gate_open(struct store *self)
{
    atomic_fetch_and(&self->gate, ~STORE_GATE_CLOSED);
}

static bool
gate_enter(struct store *self)
{
    uint32_t living = atomic_load(&self->gate);
    while (!(living & STORE_GATE_CLOSED))
        if (atomic_compare_exchange_weak(&self->gate, &living, living + 1))
            return true;
    return false;
}

/* The sequence is read through the snapshot: the writer may commit at the same moment. */
struct store_snapshot *
store_snapshot_create(struct store *self)
{
    if (!gate_enter(self))
        return NULL;
    CLEANUP(store_snapshot_destroy) struct store_snapshot *snapshot = memory_new(sizeof *snapshot);
    snapshot->store = self;
    snapshot->snapshot = self->kind->snapshot_create(self->engine);
    if (store_meta_read_sequence(
            self->kind, self->engine, snapshot->snapshot, &snapshot->sequence) != STATUS_OK)
        return NULL;
    return TAKE(snapshot);
}

void
store_snapshot_destroy(struct store_snapshot **snapshot_p)
{
    struct store_snapshot *snapshot = TAKE(*snapshot_p);
    if (!snapshot)
        return;
    struct store *store = snapshot->store;
    store->kind->snapshot_destroy(store->engine, &snapshot->snapshot);
    free(snapshot);
    atomic_fetch_sub(&store->gate, 1);
}

uint64_t
store_snapshot_sequence(const struct store_snapshot *snapshot)
{
    return snapshot->sequence;
}

void
store_value_release(struct store_value *value)
{
    free(value->owned);
    *value = (struct store_value){0};
}

enum status
store_get(const struct store_snapshot *snapshot, struct text key, struct store_value *value)
{
    if (key.length == 0 || key.data[0] == '\0')
        return STATUS_NOT_FOUND;
    struct store *store = snapshot->store;
    return store->kind->get(store->engine, snapshot->snapshot, key, &value->bytes, &value->owned);
}

struct store_scan *
store_scan_create(
    const struct store_snapshot *snapshot, struct text from, struct text to, bool backward)
{
    struct store *store = snapshot->store;
    struct store_scan *scan = memory_new(sizeof *scan);
    scan->kind = store->kind;
    if (store_key_compare(from, first_key) < 0)
        from = first_key;
    scan->from_owned = text_copy(from);
    scan->from = text_from(scan->from_owned, from.length);
    scan->to_owned = text_copy(to);
    scan->to = text_from(scan->to_owned, to.length);
    scan->backward = backward;
    scan->cursor = store->kind->cursor_create(store->engine, snapshot->snapshot, to.length == 0);
    store_scan_seek(scan, backward ? scan->to : scan->from);
    return scan;
}

void
store_scan_destroy(struct store_scan **scan_p)
{
    struct store_scan *scan = TAKE(*scan_p);
    if (!scan)
        return;
    scan->kind->cursor_destroy(&scan->cursor);
    free(scan->to_owned);
    free(scan->from_owned);
    free(scan);
}

static bool
in_range(const struct store_scan *scan, struct text key)
{
    return store_key_compare(key, scan->from) >= 0 &&
           (scan->to.length == 0 || store_key_compare(key, scan->to) < 0);
}

static void
seek_forward(struct store_scan *scan, struct text key)
{
    scan->kind->cursor_seek(
        scan->cursor, store_key_compare(key, scan->from) < 0 ? scan->from : key);
}

/* Engines seek to the first key at or after one; the row before it is wanted here. */
static void
seek_backward(struct store_scan *scan, struct text key)
{
    struct text row_key, row_value;
    if (scan->to.length && (key.length == 0 || store_key_compare(key, scan->to) > 0))
        key = scan->to;
    if (key.length) {
        scan->kind->cursor_seek(scan->cursor, key);
        if (scan->kind->cursor_row(scan->cursor, &row_key, &row_value)) {
            scan->kind->cursor_move(scan->cursor, true);
            return;
        }
        if (scan->kind->cursor_status(scan->cursor) != STATUS_OK)
            return;
    }
    scan->kind->cursor_last(scan->cursor);
}

void
store_scan_seek(struct store_scan *scan, struct text key)
{
    if (scan->backward)
        seek_backward(scan, key);
    else
        seek_forward(scan, key);
    scan->placed = true;
}

bool
store_scan_next(struct store_scan *scan, struct text *key, struct text *value)
{
    if (!scan->placed)
        scan->kind->cursor_move(scan->cursor, scan->backward);
    struct text row_key, row_value;
    bool there =
        scan->kind->cursor_row(scan->cursor, &row_key, &row_value) && in_range(scan, row_key);
    scan->placed = !there; /* at the end it stays where it is */
    if (!there)
        return false;
    *key = row_key;
    *value = row_value;
    return true;
}

enum status
store_scan_status(const struct store_scan *scan)
{
    return scan->kind->cursor_status(scan->cursor);
}
