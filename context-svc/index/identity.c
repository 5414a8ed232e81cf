#include "context-svc/index/identity.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "context-svc/index/rows.h"

void
index_identity_init(struct index_identity *self, const struct index_table *documents)
{
    *self = (struct index_identity){.documents = documents, .mask = 63};
    self->slots = memory_array(self->mask + 1, sizeof *self->slots);
}

void
index_identity_release(struct index_identity *self)
{
    free(self->slots);
    self->slots = NULL;
}

/* The end of a UUIDv7 is random; an imported id may be anything, so every bit moves every other. */
static uint32_t
slot_of(const struct index_identity *self, const struct uuid *id)
{
    uint64_t halves[2];
    memcpy(halves, id->bytes, sizeof halves);
    uint64_t mixed = halves[0] ^ (halves[1] * 0x9E3779B97F4A7C15u);
    mixed = (mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93u;
    mixed = (mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93u;
    return (uint32_t)(mixed >> 32) & self->mask;
}

static const struct uuid *
id_of(const struct index_identity *self, uint32_t ordinal)
{
    const struct index_document_row *row = index_table_at(self->documents, ordinal);
    return &row->id;
}

/* The slot that holds the id, or the free one where it would go. */
static uint32_t
probe(const struct index_identity *self, const struct uuid *id)
{
    uint32_t at = slot_of(self, id);
    while (self->slots[at] &&
           memcmp(id_of(self, self->slots[at] - 1)->bytes, id->bytes, UUID_SIZE) != 0)
        at = (at + 1) & self->mask;
    return at;
}

uint32_t
index_identity_find(const struct index_identity *self, const struct uuid *id)
{
    uint32_t held = self->slots[probe(self, id)];
    return held ? held - 1 : index_identity_none;
}

static void
widen(struct index_identity *self)
{
    uint32_t *old = self->slots;
    uint32_t old_size = self->mask + 1;
    self->mask = old_size * 2 - 1;
    self->slots = memory_array(self->mask + 1, sizeof *self->slots);
    for (uint32_t i = 0; i < old_size; i++)
        if (old[i])
            self->slots[probe(self, id_of(self, old[i] - 1))] = old[i];
    free(old);
}

void
index_identity_add(struct index_identity *self, uint32_t ordinal)
{
    if ((self->count + 1) * 3 > self->mask * 2)
        widen(self);
    self->slots[probe(self, id_of(self, ordinal))] = ordinal + 1;
    self->count++;
}

void
index_identity_remove(struct index_identity *self, uint32_t ordinal)
{
    uint32_t hole = probe(self, id_of(self, ordinal));
    if (self->slots[hole] != ordinal + 1)
        return;
    self->count--;
    self->slots[hole] = 0;
    /* What follows without a gap moves up when its own place is at or before the hole. */
    for (uint32_t at = (hole + 1) & self->mask; self->slots[at]; at = (at + 1) & self->mask) {
        uint32_t home = slot_of(self, id_of(self, self->slots[at] - 1));
        if (((at - home) & self->mask) < ((at - hole) & self->mask))
            continue;
        self->slots[hole] = self->slots[at];
        self->slots[at] = 0;
        hole = at;
    }
}
