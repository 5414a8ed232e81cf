#include "common/rpc/deadlines.h"

#include <stdlib.h>

#include "common/base/memory.h"

void
rpc_deadlines_release(struct rpc_deadlines *self)
{
    free(self->entries);
    *self = (struct rpc_deadlines){0};
}

static void
put(struct rpc_deadlines *self, struct rpc_deadline *entry, size_t position)
{
    self->entries[position] = entry;
    entry->position = position;
}

static void
rise(struct rpc_deadlines *self, struct rpc_deadline *entry)
{
    size_t at = entry->position;
    for (; at > 1 && self->entries[at / 2]->at_ms > entry->at_ms; at /= 2)
        put(self, self->entries[at / 2], at);
    put(self, entry, at);
}

static void
sink(struct rpc_deadlines *self, struct rpc_deadline *entry)
{
    size_t at = entry->position;
    for (size_t child; (child = at * 2) <= self->count; at = child) {
        if (child < self->count && self->entries[child + 1]->at_ms < self->entries[child]->at_ms)
            child++;
        if (self->entries[child]->at_ms >= entry->at_ms)
            break;
        put(self, self->entries[child], at);
    }
    put(self, entry, at);
}

void
rpc_deadlines_set(struct rpc_deadlines *self, struct rpc_deadline *entry, int64_t at_ms)
{
    entry->at_ms = at_ms;
    if (!entry->position) {
        if (self->count + 1 >= self->capacity) {
            self->capacity = self->capacity ? self->capacity * 2 : 64;
            self->entries =
                memory_resize(self->entries, self->capacity * sizeof(struct rpc_deadline *));
        }
        self->count++;
        put(self, entry, self->count);
    }
    rise(self, entry);
    sink(self, entry);
}

void
rpc_deadlines_remove(struct rpc_deadlines *self, struct rpc_deadline *entry)
{
    if (!entry->position)
        return;
    struct rpc_deadline *last = self->entries[self->count];
    self->count--;
    if (last != entry) {
        put(self, last, entry->position);
        rise(self, last);
        sink(self, last);
    }
    entry->position = 0;
}
