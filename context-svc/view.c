#include "context-svc/view.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/memory.h"

enum { CACHE_LINE = 64, NEXT_VIEW_MS = 3000 };

struct context_tenant_view {
    atomic_size_t references;
    uint32_t number;
    struct index_view *index;
    uint64_t last_change;
    struct text name;
    char name_bytes[];
};

struct context_view {
    atomic_size_t references;
    atomic_bool withdrawn;
    struct store_snapshot *snapshot;
    size_t tenant_count;
    struct context_tenant_view *tenants[];
};

struct place {
    alignas(CACHE_LINE) _Atomic(struct context_view *) view;
};

struct context_view_board {
    _Atomic int64_t withdrawn_ms; /* when a view was last asked back; clock_monotonic_ms */
    size_t count;
    struct place *places;
};

struct context_tenant_view *
context_tenant_view_create(
    struct text name, uint32_t number, struct index_view **index_p, uint64_t last_change)
{
    struct context_tenant_view *self = memory_new(sizeof *self + name.length + 1);
    atomic_init(&self->references, 1);
    self->number = number;
    self->index = TAKE(*index_p);
    self->last_change = last_change;
    if (name.length)
        memcpy(self->name_bytes, name.data, name.length);
    self->name = text_from(self->name_bytes, name.length);
    return self;
}

struct context_tenant_view *
context_tenant_view_ref(struct context_tenant_view *self)
{
    atomic_fetch_add_explicit(&self->references, 1, memory_order_relaxed);
    return self;
}

void
context_tenant_view_unref(struct context_tenant_view **self_p)
{
    struct context_tenant_view *self = TAKE(*self_p);
    if (!self || atomic_fetch_sub_explicit(&self->references, 1, memory_order_acq_rel) != 1)
        return;
    index_view_unref(&self->index);
    free(self);
}

uint32_t
context_tenant_view_number(const struct context_tenant_view *self)
{
    return self->number;
}

struct text
context_tenant_view_name(const struct context_tenant_view *self)
{
    return self->name;
}

struct index_view *
context_tenant_view_index(const struct context_tenant_view *self)
{
    return self->index;
}

uint64_t
context_tenant_view_last_change(const struct context_tenant_view *self)
{
    return self->last_change;
}

struct context_view *
context_view_create(
    struct store_snapshot **snapshot_p, struct context_tenant_view **tenants, size_t tenant_count)
{
    struct context_view *self =
        memory_new(sizeof *self + tenant_count * sizeof(struct context_tenant_view *));
    atomic_init(&self->references, 1);
    atomic_init(&self->withdrawn, false);
    self->snapshot = TAKE(*snapshot_p);
    self->tenant_count = tenant_count;
    for (size_t i = 0; i < tenant_count; i++)
        self->tenants[i] = TAKE(tenants[i]);
    return self;
}

struct context_view *
context_view_ref(struct context_view *self)
{
    atomic_fetch_add_explicit(&self->references, 1, memory_order_relaxed);
    return self;
}

void
context_view_unref(struct context_view **self_p)
{
    struct context_view *self = TAKE(*self_p);
    if (!self || atomic_fetch_sub_explicit(&self->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < self->tenant_count; i++)
        context_tenant_view_unref(&self->tenants[i]);
    store_snapshot_destroy(&self->snapshot);
    free(self);
}

const struct store_snapshot *
context_view_snapshot(const struct context_view *self)
{
    return self->snapshot;
}

uint64_t
context_view_sequence(const struct context_view *self)
{
    return store_snapshot_sequence(self->snapshot);
}

size_t
context_view_tenant_count(const struct context_view *self)
{
    return self->tenant_count;
}

const struct context_tenant_view *
context_view_tenant_at(const struct context_view *self, size_t at)
{
    assert(at < self->tenant_count);
    return self->tenants[at];
}

const struct context_tenant_view *
context_view_tenant(const struct context_view *self, struct text name)
{
    for (size_t i = 0; i < self->tenant_count; i++)
        if (text_equals(self->tenants[i]->name, name))
            return self->tenants[i];
    return NULL;
}

bool
context_view_is_withdrawn(const struct context_view *self)
{
    return atomic_load_explicit(&self->withdrawn, memory_order_acquire);
}

bool
context_view_is_only_mine(const struct context_view *self)
{
    return atomic_load_explicit(&self->references, memory_order_acquire) == 1;
}

struct context_view_board *
context_view_board_create(size_t places)
{
    struct context_view_board *self = memory_new(sizeof *self);
    self->count = places;
    self->places = aligned_alloc(CACHE_LINE, places * sizeof *self->places);
    assert(self->places);
    for (size_t i = 0; i < places; i++)
        atomic_init(&self->places[i].view, NULL);
    return self;
}

static void
hang(struct context_view_board *self, size_t place, struct context_view *view)
{
    struct context_view *old =
        atomic_exchange_explicit(&self->places[place].view, view, memory_order_acq_rel);
    context_view_unref(&old);
}

void
context_view_board_destroy(struct context_view_board **self_p)
{
    struct context_view_board *self = TAKE(*self_p);
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++)
        hang(self, i, NULL);
    free(self->places);
    free(self);
}

void
context_view_board_publish(struct context_view_board *self, struct context_view *view)
{
    for (size_t i = 0; i < self->count; i++)
        hang(self, i, context_view_ref(view));
}

void
context_view_board_withdraw(struct context_view_board *self, struct context_view *view)
{
    if (!context_view_is_withdrawn(view))
        atomic_store_explicit(&self->withdrawn_ms, clock_monotonic_ms(), memory_order_release);
    atomic_store_explicit(&view->withdrawn, true, memory_order_release);
    for (size_t i = 0; i < self->count; i++)
        hang(self, i, NULL);
}

bool
context_view_board_expects_view(const struct context_view_board *self)
{
    int64_t withdrawn_ms = atomic_load_explicit(&self->withdrawn_ms, memory_order_acquire);
    return withdrawn_ms != 0 && clock_monotonic_ms() - withdrawn_ms < NEXT_VIEW_MS;
}

struct context_view *
context_view_board_take(struct context_view_board *self, size_t place)
{
    assert(place < self->count);
    struct context_view *view =
        atomic_exchange_explicit(&self->places[place].view, NULL, memory_order_acq_rel);
    if (view && context_view_is_withdrawn(view))
        context_view_unref(&view);
    return view;
}

void
context_view_board_put_back(
    struct context_view_board *self, size_t place, struct context_view **view_p)
{
    struct context_view *view = TAKE(*view_p);
    if (!view)
        return;
    struct context_view *none = NULL;
    /* A newer one hangs there, or this one was withdrawn meanwhile: ours is let go. */
    if (context_view_is_withdrawn(view) ||
        !atomic_compare_exchange_strong_explicit(
            &self->places[place].view, &none, view, memory_order_acq_rel, memory_order_acquire))
        context_view_unref(&view);
}
