#include "context-svc/usage.h"

#include "common/base/memory.h"

enum { SLOTS = NOTE_USES_MAX * 2 };

struct context_usage {
    uint16_t slots[SLOTS]; /* place in the note plus one; 0: free */
    struct note_uses note;
};

struct context_usage *
context_usage_create(void)
{
    return memory_new(sizeof(struct context_usage));
}

void
context_usage_destroy(struct context_usage **self_p)
{
    memory_free(self_p);
}

void
context_usage_count(
    struct context_usage *self, uint32_t tenant, const struct uuid *id, int64_t wall_ms)
{
    uint32_t random; /* the last bytes of an id */
    memcpy(&random, id->bytes + UUID_SIZE - sizeof random, sizeof random);
    size_t at = random % SLOTS;
    for (; self->slots[at]; at = (at + 1) % SLOTS) {
        struct use *use = &self->note.items[self->slots[at] - 1];
        if (use->tenant != tenant || memcmp(use->id.bytes, id->bytes, UUID_SIZE) != 0)
            continue;
        use->count++;
        use->last_ms = wall_ms;
        return;
    }
    if (self->note.count == NOTE_USES_MAX)
        return;
    self->note.items[self->note.count++] =
        (struct use){.tenant = tenant, .count = 1, .id = *id, .last_ms = wall_ms};
    self->slots[at] = (uint16_t)self->note.count;
}

struct text
context_usage_note(struct context_usage *self)
{
    self->note.kind = NOTE_USES;
    return text_from(&self->note,
        offsetof(struct note_uses, items) + self->note.count * sizeof self->note.items[0]);
}

void
context_usage_clear(struct context_usage *self)
{
    memset(self->slots, 0, sizeof self->slots);
    self->note.count = 0;
}

size_t
context_usage_entries(const struct context_usage *self)
{
    return self->note.count;
}
