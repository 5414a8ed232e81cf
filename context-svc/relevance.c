#include "context-svc/relevance.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/base/hash.h"
#include "common/base/memory.h"

enum {
    WAITING_MAX = 512, /* searches that may still be used */
    SLOTS = 16384,     /* results of those; a power of two, at most a third full */
    PERIODS = 144,
};

static const int64_t period_ms = 10LL * 60 * 1000;
static const int64_t use_within_ms = 10LL * 60 * 1000;

/* Searches of ten minutes. */
struct period {
    int64_t number; /* since the clock's zero */
    uint64_t searches;
    double sum;
};

struct waiting {
    int64_t at_ms; /* 0: free */
    uint8_t count;
    uint64_t results[NOTE_RESULTS_MAX]; /* principal and id, hashed */
};

/* The newest search that showed this result to this principal. */
struct slot {
    uint64_t result; /* 0: free */
    uint32_t search; /* its place in the ring */
    uint32_t rank;   /* from 1 */
};

struct context_relevance {
    struct period periods[PERIODS];
    struct waiting ring[WAITING_MAX];
    size_t next; /* the oldest of the ring */
    struct slot slots[SLOTS];
};

struct context_relevance *
context_relevance_create(void)
{
    return memory_new(sizeof(struct context_relevance));
}

void
context_relevance_destroy(struct context_relevance **self_p)
{
    memory_free(self_p);
}

static uint64_t
result_hash(uint64_t principal, const struct uuid *id)
{
    uint64_t parts[3] = {principal};
    memcpy(parts + 1, id->bytes, UUID_SIZE);
    uint64_t hash = hash_fnv1a(text_from(parts, sizeof parts));
    return hash ? hash : 1;
}

/* The slot of this result, or the free one where it would be. */
static size_t
find_slot(const struct context_relevance *self, uint64_t result)
{
    size_t at = result % SLOTS;
    while (self->slots[at].result && self->slots[at].result != result)
        at = (at + 1) % SLOTS;
    return at;
}

/* Removal that leaves no gap in a run of slots: later ones move up. */
static void
clear_slot(struct context_relevance *self, size_t at)
{
    size_t hole = at;
    for (size_t next = (hole + 1) % SLOTS; self->slots[next].result; next = (next + 1) % SLOTS) {
        size_t home = self->slots[next].result % SLOTS;
        bool stays = hole < next ? home > hole && home <= next : home > hole || home <= next;
        if (stays)
            continue;
        self->slots[hole] = self->slots[next];
        hole = next;
    }
    self->slots[hole] = (struct slot){.result = 0};
}

static void
end_waiting(struct context_relevance *self, uint32_t search)
{
    struct waiting *waiting = &self->ring[search];
    for (unsigned i = 0; i < waiting->count; i++) {
        size_t at = find_slot(self, waiting->results[i]);
        if (self->slots[at].result && self->slots[at].search == search)
            clear_slot(self, at);
    }
    *waiting = (struct waiting){.at_ms = 0};
}

static struct period *
period_of(struct context_relevance *self, int64_t at_ms)
{
    int64_t number = at_ms / period_ms;
    struct period *period = &self->periods[number % PERIODS];
    if (period->number != number)
        *period = (struct period){.number = number};
    return period;
}

void
context_relevance_add_search(
    struct context_relevance *self, const struct note_searched *searched, int64_t now_ms)
{
    uint32_t place = (uint32_t)self->next;
    struct waiting *waiting = &self->ring[place];
    if (waiting->at_ms && now_ms - waiting->at_ms < use_within_ms)
        return;
    end_waiting(self, place);
    self->next = (self->next + 1) % WAITING_MAX;
    period_of(self, now_ms)->searches++;
    waiting->at_ms = now_ms;
    waiting->count = searched->count;
    for (unsigned i = 0; i < searched->count; i++) {
        uint64_t result = result_hash(searched->principal, &searched->ids[i]);
        waiting->results[i] = result;
        self->slots[find_slot(self, result)] =
            (struct slot){.result = result, .search = place, .rank = i + 1};
    }
}

void
context_relevance_add_use(
    struct context_relevance *self, uint64_t principal, const struct uuid *id, int64_t now_ms)
{
    const struct slot *slot = &self->slots[find_slot(self, result_hash(principal, id))];
    if (!slot->result)
        return;
    uint32_t search = slot->search;
    int64_t at_ms = self->ring[search].at_ms;
    if (now_ms - at_ms <= use_within_ms)
        period_of(self, at_ms)->sum += 1.0 / slot->rank;
    end_waiting(self, search);
}

double
context_relevance_score(const struct context_relevance *self, int64_t now_ms, uint64_t *searches)
{
    int64_t newest = now_ms / period_ms;
    double sum = 0;
    *searches = 0;
    for (size_t i = 0; i < PERIODS; i++) {
        const struct period *period = &self->periods[i];
        if (period->number <= newest - PERIODS)
            continue;
        sum += period->sum;
        *searches += period->searches;
    }
    return *searches ? sum / (double)*searches : (double)NAN;
}
