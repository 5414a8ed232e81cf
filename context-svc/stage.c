#include "context-svc/stage.h"

#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/hash.h"
#include "common/base/memory.h"

enum { FIRST_SLOTS = 1024, BYTES_MAX = 64 * 1024 * 1024 };

struct staged {
    uint64_t hash; /* 0: a free slot */
    struct text key;
    struct text value;
    bool deleted;
};

struct context_stage {
    struct store_batch *batch;
    struct arena arena; /* keys and values of the slots */
    struct staged *slots;
    size_t slot_count; /* a power of two */
    size_t used;
};

struct context_stage *
context_stage_create(struct store *store)
{
    struct context_stage *self = memory_new(sizeof *self);
    self->batch = store_batch_create(store);
    self->slot_count = FIRST_SLOTS;
    self->slots = memory_array(FIRST_SLOTS, sizeof *self->slots);
    arena_init(&self->arena, BYTES_MAX);
    return self;
}

void
context_stage_destroy(struct context_stage **self_p)
{
    struct context_stage *self = TAKE(*self_p);
    if (!self)
        return;
    store_batch_destroy(&self->batch);
    arena_release(&self->arena);
    free(self->slots);
    free(self);
}

void
context_stage_clear(struct context_stage *self)
{
    store_batch_clear(self->batch);
    arena_reset(&self->arena);
    memset(self->slots, 0, self->slot_count * sizeof *self->slots);
    self->used = 0;
}

static uint64_t
key_hash(struct text key)
{
    uint64_t hash = hash_fnv1a(key);
    return hash ? hash : 1;
}

static struct staged *
slot_of(const struct context_stage *self, uint64_t hash, struct text key)
{
    size_t mask = self->slot_count - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
        struct staged *slot = &self->slots[at];
        if (!slot->hash || (slot->hash == hash && text_equals(slot->key, key)))
            return slot;
    }
}

static void
grow(struct context_stage *self)
{
    struct staged *old = self->slots;
    size_t old_count = self->slot_count;
    self->slot_count = old_count * 2;
    self->slots = memory_array(self->slot_count, sizeof *self->slots);
    for (size_t i = 0; i < old_count; i++)
        if (old[i].hash)
            *slot_of(self, old[i].hash, old[i].key) = old[i];
    free(old);
}

static void
remember(struct context_stage *self, struct text key, struct text value, bool deleted)
{
    if (self->used * 2 >= self->slot_count)
        grow(self);
    uint64_t hash = key_hash(key);
    struct staged *slot = slot_of(self, hash, key);
    if (!slot->hash) {
        slot->hash = hash;
        slot->key = text_from(arena_copy(&self->arena, key), key.length);
        self->used++;
    }
    slot->value =
        deleted ? (struct text){NULL, 0} : text_from(arena_copy(&self->arena, value), value.length);
    slot->deleted = deleted;
}

void
context_stage_put(struct context_stage *self, const struct context_key *key, struct text value)
{
    store_batch_put(self->batch, context_key_text(key), value);
    remember(self, context_key_text(key), value, false);
}

void
context_stage_delete(struct context_stage *self, const struct context_key *key)
{
    store_batch_delete(self->batch, context_key_text(key));
    remember(self, context_key_text(key), (struct text){NULL, 0}, true);
}

struct store_batch *
context_stage_batch(struct context_stage *self)
{
    return self->batch;
}

bool
context_stage_is_empty(const struct context_stage *self)
{
    return self->used == 0;
}

bool
context_stage_find(
    const struct context_stage *self, struct text key, struct text *value, bool *deleted)
{
    struct staged *slot = slot_of(self, key_hash(key), key);
    if (!slot->hash)
        return false;
    *value = slot->value;
    *deleted = slot->deleted;
    return true;
}

enum status
context_source_get(
    struct context_source source, const struct context_key *key, struct store_value *value)
{
    struct text staged;
    bool deleted;
    if (source.stage &&
        context_stage_find(source.stage, context_key_text(key), &staged, &deleted)) {
        if (deleted)
            return STATUS_NOT_FOUND;
        *value = (struct store_value){.bytes = staged};
        return STATUS_OK;
    }
    return store_get(source.snapshot, context_key_text(key), value);
}
