#include "context-svc/walk.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "context-svc/keys.h"

enum { CARD_BYTES = 16 * 1024 };

struct context_walk {
    struct context_reading *reading;
    const struct context_filter *filter;
    struct store_scan *scan;
    bool by_project;
    struct arena scratch; /* one card at a time */
    struct store_value value;
    size_t rows;
    uint8_t place[WALK_PLACE_SIZE];
};

struct context_walk *
context_walk_create(
    struct context_reading *reading, const struct context_filter *filter, struct text before)
{
    struct context_walk *self = memory_new(sizeof *self);
    self->reading = reading;
    self->filter = filter;
    self->by_project = filter->project[0] != '\0';
    arena_init(&self->scratch, CARD_BYTES);
    struct context_key from =
        self->by_project
            ? context_key_table_project('p', reading->tenant_number, text_of(filter->project))
            : context_key_table('a', reading->tenant_number);
    struct context_key to = context_key_end(&from);
    if (before.length == WALK_PLACE_SIZE) {
        to = from;
        memcpy(to.bytes + to.length, before.data, before.length);
        to.length += before.length;
    }
    self->scan = store_scan_create(
        context_view_snapshot(reading->view), context_key_text(&from), context_key_text(&to), true);
    return self;
}

void
context_walk_destroy(struct context_walk **self_p)
{
    struct context_walk *self = TAKE(*self_p);
    if (!self)
        return;
    store_scan_destroy(&self->scan);
    store_value_release(&self->value);
    arena_release(&self->scratch);
    free(self);
}

/* OK: the card passes; NOT_FOUND: it does not. */
static enum status
judge_card(struct context_walk *self, struct text value)
{
    arena_reset(&self->scratch);
    const Context__Card *card =
        context__card__unpack(&self->scratch.allocator, value.length, (const uint8_t *)value.data);
    if (!card)
        return context_reading_damaged(self->reading, "a project's list");
    return context_filter_passes_card(self->filter, card) ? STATUS_OK : STATUS_NOT_FOUND;
}

static enum status
judge_row(struct context_walk *self, struct text value, Forge__Entry **entry, struct text *content)
{
    enum status status = self->by_project ? judge_card(self, value) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    struct uuid id;
    memcpy(id.bytes, self->place + 8, UUID_SIZE);
    store_value_release(&self->value);
    self->value = (struct store_value){.owned = NULL};
    status = context_reading_card(self->reading, &id, entry, content, &self->value);
    if (status == STATUS_OK && !context_filter_passes_entry(self->filter, *entry))
        return STATUS_NOT_FOUND;
    return status;
}

enum status
context_walk_next(
    struct context_walk *self, size_t rows_max, Forge__Entry **entry, struct text *content)
{
    struct text key;
    struct text value;
    while (self->rows < rows_max && store_scan_next(self->scan, &key, &value)) {
        self->rows++;
        memcpy(self->place, key.data + key.length - WALK_PLACE_SIZE, WALK_PLACE_SIZE);
        if ((int64_t)context_number_read64((const char *)self->place) < self->filter->since_ms)
            return STATUS_NOT_FOUND;
        enum status status = judge_row(self, value, entry, content);
        if (status != STATUS_NOT_FOUND)
            return status;
    }
    if (self->rows >= rows_max)
        return STATUS_RESOURCE_EXHAUSTED;
    if (store_scan_status(self->scan) != STATUS_OK)
        return context_reading_damaged(self->reading, "a list");
    return STATUS_NOT_FOUND;
}

void
context_walk_place(const struct context_walk *self, uint8_t place[WALK_PLACE_SIZE])
{
    memcpy(place, self->place, WALK_PLACE_SIZE);
}
