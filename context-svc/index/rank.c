#include "context-svc/index/rank.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

void
index_ranking_release(struct index_ranking *self)
{
    free(self->items);
    *self = (struct index_ranking){0};
}

void
index_ranking_begin(struct index_ranking *self, size_t most)
{
    if (most > self->capacity) {
        free(self->items);
        self->items = memory_array(most, sizeof *self->items);
        self->capacity = most;
    }
    self->count = 0;
    self->most = most;
}

static bool
is_better(const struct index_candidate *a, const struct index_candidate *b)
{
    if (a->score > b->score || a->score < b->score)
        return a->score > b->score;
    if (a->created_at_ms != b->created_at_ms)
        return a->created_at_ms > b->created_at_ms;
    return memcmp(a->id.bytes, b->id.bytes, UUID_SIZE) < 0;
}

static void
sift_up(struct index_ranking *self, size_t at)
{
    struct index_candidate moved = self->items[at];
    while (at) {
        size_t parent = (at - 1) / 2;
        if (is_better(&moved, &self->items[parent]))
            break;
        self->items[at] = self->items[parent];
        at = parent;
    }
    self->items[at] = moved;
}

static void
sift_down(struct index_ranking *self)
{
    struct index_candidate moved = self->items[0];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= self->count)
            break;
        if (child + 1 < self->count && is_better(&self->items[child], &self->items[child + 1]))
            child++;
        if (!is_better(&moved, &self->items[child]))
            break;
        self->items[at] = self->items[child];
        at = child;
    }
    self->items[at] = moved;
}

void
index_ranking_offer(struct index_ranking *self, const struct index_candidate *candidate)
{
    if (self->count < self->most) {
        self->items[self->count] = *candidate;
        sift_up(self, self->count++);
    } else if (self->most && is_better(candidate, &self->items[0])) {
        self->items[0] = *candidate;
        sift_down(self);
    }
}

static int
compare(const void *a, const void *b)
{
    if (is_better(a, b))
        return -1;
    return is_better(b, a) ? 1 : 0;
}

void
index_ranking_sort(struct index_ranking *self)
{
    qsort(self->items, self->count, sizeof *self->items, compare);
}
