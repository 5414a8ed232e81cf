#include "metrics-svc/catalog.h"

#include <stdlib.h>

#include "common/base/hash.h"
#include "common/base/memory.h"

/* Slots of the series table; a power of two, under two thirds full at the limit. */
enum { SLOTS = 1 << 15 };

struct catalog {
    struct catalog_instance *instances[CATALOG_INSTANCES_MAX];
    size_t instance_count;
    uint32_t next_instance_id, next_series_id;
    struct catalog_series **slots; /* open addressing */
    size_t series_count;
};

static struct text
own(struct text text)
{
    return text_from(text_copy(text), text.length);
}

static void
instance_destroy(struct catalog_instance *instance)
{
    free((void *)instance->record.program.data);
    free((void *)instance->record.instance.data);
    free((void *)instance->record.host.data);
    free(instance);
}

static void
series_destroy(struct catalog_series *series)
{
    free((void *)series->record.name.data);
    free((void *)series->record.labels.data);
    free((void *)series->record.help.data);
    free(series);
}

void
catalog_destroy(struct catalog **self_p)
{
    struct catalog *self = TAKE(*self_p);
    if (!self)
        return;
    for (size_t i = 0; i < self->instance_count; i++)
        instance_destroy(self->instances[i]);
    for (size_t i = 0; i < SLOTS; i++)
        if (self->slots[i])
            series_destroy(self->slots[i]);
    free(self->slots);
    free(self);
}

/* The slot where the series is, or would be. */
static struct catalog_series **
find_slot(const struct catalog *self, const struct metrics_series *wanted)
{
    uint64_t hash = hash_fnv1a(wanted->name) ^ (hash_fnv1a(wanted->labels) * 31) ^
                    ((uint64_t)wanted->instance_id << 8 | wanted->kind) * 0x9e3779b97f4a7c15U;
    size_t at = (hash ^ hash >> 32) & (SLOTS - 1);
    for (;; at = (at + 1) & (SLOTS - 1)) {
        const struct catalog_series *series = self->slots[at];
        if (!series || (series->record.instance_id == wanted->instance_id &&
                           series->record.kind == wanted->kind &&
                           text_equals(series->record.name, wanted->name) &&
                           text_equals(series->record.labels, wanted->labels)))
            return &self->slots[at];
    }
}

static struct catalog_instance *
add_instance(struct catalog *self, const struct metrics_instance *record)
{
    struct catalog_instance *fresh = memory_new(sizeof *fresh);
    fresh->record = (struct metrics_instance){
        record->id, own(record->program), own(record->instance), own(record->host)};
    fresh->key_due = true;
    self->instances[self->instance_count++] = fresh;
    if (record->id >= self->next_instance_id)
        self->next_instance_id = record->id + 1;
    return fresh;
}

static struct catalog_series *
add_series(struct catalog *self, struct catalog_series **slot, const struct metrics_series *record)
{
    struct catalog_series *fresh = memory_new(sizeof *fresh);
    fresh->record = *record;
    fresh->record.name = own(record->name);
    fresh->record.labels = own(record->labels);
    fresh->record.help = own(record->help);
    self->series_count++;
    if (record->id >= self->next_series_id)
        self->next_series_id = record->id + 1;
    return *slot = fresh;
}

static void
on_instance(void *argument, const struct metrics_instance *instance)
{
    struct catalog *self = argument;
    if (self->instance_count < CATALOG_INSTANCES_MAX)
        add_instance(self, instance);
}

static void
on_series(void *argument, const struct metrics_series *series)
{
    struct catalog *self = argument;
    struct catalog_series **slot = find_slot(self, series);
    if (!*slot && self->series_count < CATALOG_SERIES_MAX)
        add_series(self, slot, series);
}

/* So that time goes on from there, also when the clock was set back. */
static enum status
load_last_row(const struct store_snapshot *snapshot, struct catalog_instance *instance)
{
    CLEANUP(store_scan_destroy)
    struct store_scan *scan =
        metrics_store_scan_rows(snapshot, instance->record.id, 0, INT64_MAX, true);
    struct text key, value;
    if (store_scan_next(scan, &key, &value))
        instance->last_row_ms = metrics_store_row_time(key);
    return store_scan_status(scan);
}

enum status
catalog_load(const struct store_snapshot *snapshot, struct catalog **self_p)
{
    CLEANUP(catalog_destroy) struct catalog *self = memory_new(sizeof *self);
    self->slots = memory_array(SLOTS, sizeof(void *));
    self->next_instance_id = self->next_series_id = 1;
    enum status status = metrics_store_each_instance(snapshot, on_instance, self);
    if (status == STATUS_OK)
        status = metrics_store_each_series(snapshot, TEXT(""), on_series, self);
    for (size_t i = 0; i < self->instance_count && status == STATUS_OK; i++)
        status = load_last_row(snapshot, self->instances[i]);
    if (status == STATUS_OK)
        *self_p = TAKE(self);
    return status;
}

struct catalog_instance *
catalog_find_instance(
    struct catalog *self, const struct metrics_instance *wanted, struct store_batch *batch)
{
    struct catalog_instance *found = NULL;
    for (size_t i = 0; i < self->instance_count && !found; i++) {
        struct catalog_instance *each = self->instances[i];
        if (text_equals(each->record.program, wanted->program) &&
            text_equals(each->record.instance, wanted->instance))
            found = each;
    }
    if (found && text_equals(found->record.host, wanted->host))
        return found;
    if (found) {
        free((void *)found->record.host.data);
        found->record.host = own(wanted->host);
    } else if (self->instance_count < CATALOG_INSTANCES_MAX) {
        struct metrics_instance record = *wanted;
        record.id = self->next_instance_id;
        found = add_instance(self, &record);
    } else {
        return NULL;
    }
    metrics_store_put_instance(batch, &found->record);
    return found;
}

struct catalog_series *
catalog_find_series(
    struct catalog *self, const struct metrics_series *wanted, struct store_batch *batch)
{
    struct catalog_series **slot = find_slot(self, wanted);
    struct catalog_series *found = *slot;
    if (found)
        return found;
    if (self->series_count == CATALOG_SERIES_MAX)
        return NULL;
    struct metrics_series record = *wanted;
    record.id = self->next_series_id;
    metrics_store_put_series(batch, &record);
    return add_series(self, slot, &record);
}

/* Open addressing has no simple removal, and this one is rare: the rest moves to a new table. */
static void
remove_series_of(struct catalog *self, uint32_t instance_id, struct store_batch *batch)
{
    struct catalog_series **old = self->slots;
    self->slots = memory_array(SLOTS, sizeof(void *));
    for (size_t i = 0; i < SLOTS; i++) {
        struct catalog_series *series = old[i];
        if (!series)
            continue;
        if (series->record.instance_id == instance_id) {
            metrics_store_delete_series(batch, series->record.name, series->record.id);
            series_destroy(series);
            self->series_count--;
        } else {
            *find_slot(self, &series->record) = series;
        }
    }
    free(old);
}

void
catalog_remove_instance(
    struct catalog *self, struct catalog_instance *instance, struct store_batch *batch)
{
    remove_series_of(self, instance->record.id, batch);
    metrics_store_delete_instance(batch, instance->record.id);
    size_t place = 0;
    while (self->instances[place] != instance)
        place++;
    self->instances[place] = self->instances[--self->instance_count];
    instance_destroy(instance);
}

size_t
catalog_instance_count(const struct catalog *self)
{
    return self->instance_count;
}

struct catalog_instance *
catalog_instance_at(struct catalog *self, size_t place)
{
    return self->instances[place];
}

size_t
catalog_series_count(const struct catalog *self)
{
    return self->series_count;
}
