/* rpc_deadlines: which of many waiting things is due first.
 *
 * A binary heap of entries that are embedded in the waiting things, so adding, moving and removing
 * cost a few compares, and looking at the first costs nothing. Not thread-safe; zeroed is empty.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Zeroed is in no heap. Make it the first member of its owner, and cast back. */
struct rpc_deadline {
    int64_t at_ms;
    size_t position; /* in the heap, from 1; 0: in none */
};

struct rpc_deadlines {
    struct rpc_deadline **entries; /* from 1 */
    size_t count;
    size_t capacity;
};

void rpc_deadlines_release(struct rpc_deadlines *self);

/* Adds the entry, or moves it when it is there already. */
void rpc_deadlines_set(struct rpc_deadlines *self, struct rpc_deadline *entry, int64_t at_ms);

/* Takes the entry out; nothing happens when it is in none. */
void rpc_deadlines_remove(struct rpc_deadlines *self, struct rpc_deadline *entry);

/* The earliest entry, or NULL. */
static inline struct rpc_deadline *
rpc_deadlines_first(const struct rpc_deadlines *self)
{
    return self->count ? self->entries[1] : NULL;
}
