#include "common/rpc/calls.h"

#include <stdlib.h>

#include "common/base/memory.h"

enum { CHUNK = 64 };

static const uint32_t none = UINT32_MAX;

void
rpc_calls_init(struct rpc_calls *self, uint32_t max)
{
    uint32_t chunks = (max + CHUNK - 1) / CHUNK;
    *self = (struct rpc_calls){.max = max, .first_free = none};
    self->chunks = memory_array(chunks, sizeof(struct rpc_open_call *));
}

void
rpc_calls_release(struct rpc_calls *self)
{
    for (uint32_t i = 0; i < self->capacity / CHUNK; i++)
        free(self->chunks[i]);
    free(self->chunks);
    rpc_deadlines_release(&self->deadlines);
}

static void
grow(struct rpc_calls *self)
{
    struct rpc_open_call *chunk = memory_array(CHUNK, sizeof *chunk);
    self->chunks[self->capacity / CHUNK] = chunk;
    for (uint32_t i = CHUNK; i-- > 0;) {
        chunk[i].slot = self->capacity + i;
        chunk[i].next_free = self->first_free;
        self->first_free = chunk[i].slot;
    }
    self->capacity += CHUNK;
}

static struct rpc_open_call *
slot_at(const struct rpc_calls *self, uint32_t slot)
{
    return &self->chunks[slot / CHUNK][slot % CHUNK];
}

struct rpc_open_call *
rpc_calls_open(struct rpc_calls *self, struct rpc_call *call)
{
    if (self->open == self->max)
        return NULL;
    if (self->first_free == none)
        grow(self);
    struct rpc_open_call *open = slot_at(self, self->first_free);
    self->first_free = open->next_free;
    self->open++;
    open->call = call;
    open->generation++;
    open->sent = false;
    open->cancelled = false;
    call->call_id = open->slot | (uint64_t)open->generation << 32;
    rpc_deadlines_set(&self->deadlines, &open->deadline, call->deadline_ms);
    return open;
}

struct rpc_open_call *
rpc_calls_at(const struct rpc_calls *self, uint32_t slot)
{
    struct rpc_open_call *open = slot < self->capacity ? slot_at(self, slot) : NULL;
    return open && open->call ? open : NULL;
}

struct rpc_open_call *
rpc_calls_find(const struct rpc_calls *self, uint64_t call_id)
{
    struct rpc_open_call *open = rpc_calls_at(self, (uint32_t)call_id);
    return open && open->generation == (uint32_t)(call_id >> 32) ? open : NULL;
}

void
rpc_calls_close(struct rpc_calls *self, struct rpc_open_call *open, struct rpc_open_call *ended)
{
    *ended = *open;
    rpc_deadlines_remove(&self->deadlines, &open->deadline);
    open->call->call_id = 0;
    open->call = NULL;
    open->next_free = self->first_free;
    self->first_free = open->slot;
    self->open--;
}
