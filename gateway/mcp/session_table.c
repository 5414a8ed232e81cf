#include "gateway/mcp/session_table.h"

#include <stdlib.h>

#include "common/base/memory.h"

/* Places are numbered from 1; 0 means none. */
struct place {
    uint64_t session;
    int64_t used_ms;
    uint32_t next; /* in its bucket, or in the list of free places */
    uint32_t newer;
    uint32_t older;
};

struct session_table {
    size_t count;
    uint32_t fresh; /* places that were never used begin here */
    uint32_t free;
    uint32_t newest;
    uint32_t oldest;
    uint32_t buckets[SESSION_TABLE_PLACES];
    struct place places[SESSION_TABLE_PLACES + 1];
};

struct session_table *
session_table_create(void)
{
    struct session_table *self = memory_new(sizeof *self);
    self->fresh = 1;
    return self;
}

void
session_table_destroy(struct session_table **self_p)
{
    free(*self_p);
    *self_p = NULL;
}

static uint32_t *
bucket_of(struct session_table *self, uint64_t session)
{
    return &self->buckets[session % SESSION_TABLE_PLACES];
}

static void
leave_order(struct session_table *self, const struct place *place)
{
    *(place->newer ? &self->places[place->newer].older : &self->newest) = place->older;
    *(place->older ? &self->places[place->older].newer : &self->oldest) = place->newer;
}

static void
become_newest(struct session_table *self, uint32_t number)
{
    struct place *place = &self->places[number];
    place->newer = 0;
    place->older = self->newest;
    *(self->newest ? &self->places[self->newest].newer : &self->oldest) = number;
    self->newest = number;
}

static void
drop_oldest(struct session_table *self)
{
    uint32_t number = self->oldest;
    struct place *place = &self->places[number];
    uint32_t *link = bucket_of(self, place->session);
    while (*link != number)
        link = &self->places[*link].next;
    *link = place->next;
    leave_order(self, place);
    place->next = self->free;
    self->free = number;
    self->count--;
}

static uint32_t
free_place(struct session_table *self)
{
    if (!self->free && self->fresh <= SESSION_TABLE_PLACES)
        return self->fresh++;
    if (!self->free)
        drop_oldest(self);
    uint32_t number = self->free;
    self->free = self->places[number].next;
    return number;
}

void
session_table_touch(struct session_table *self, uint64_t session, int64_t now_ms)
{
    uint32_t number = *bucket_of(self, session);
    while (number && self->places[number].session != session)
        number = self->places[number].next;
    if (number) {
        leave_order(self, &self->places[number]);
    } else {
        number = free_place(self);
        self->places[number].session = session;
        self->places[number].next = *bucket_of(self, session);
        *bucket_of(self, session) = number;
        self->count++;
    }
    self->places[number].used_ms = now_ms;
    become_newest(self, number);
}

void
session_table_expire(struct session_table *self, int64_t before_ms)
{
    while (self->oldest && self->places[self->oldest].used_ms <= before_ms)
        drop_oldest(self);
}

size_t
session_table_count(const struct session_table *self)
{
    return self->count;
}

int64_t
session_table_oldest(const struct session_table *self)
{
    return self->oldest ? self->places[self->oldest].used_ms : -1;
}
