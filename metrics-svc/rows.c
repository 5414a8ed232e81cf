#include "metrics-svc/rows.h"

#include <stdlib.h>

#include "common/base/hash.h"
#include "common/base/memory.h"
#include "metrics-svc/push.h"
#include "metrics-svc/scan.h"

struct making {
    struct catalog *catalog;
    struct catalog_instance *instance;
    const Forge__PushRequest *request;
    struct store_batch *batch;
    size_t left_out;
};

/* A series' part of the row that is being made. */
struct part {
    uint32_t id;
    size_t at, length; /* in the parts' buffer */
};

static int
compare(const void *left, const void *right)
{
    uint32_t a = ((const struct part *)left)->id, b = ((const struct part *)right)->id;
    return (a > b) - (a < b);
}

/* What is to stand in the row: all in a key row, else what changed since the row before. */
static size_t
collect_parts(struct making *self, bool key_row, struct buffer *packed, struct part *parts)
{
    struct series_bucket buckets[SERIES_BUCKETS_MAX];
    CLEANUP(buffer_release) struct buffer labels = {0};
    size_t count = 0;
    for (size_t i = 0; i < self->request->n_samples; i++) {
        const Forge__Sample *sample = self->request->samples[i];
        struct metrics_series wanted = push_series(sample, &labels);
        wanted.instance_id = self->instance->record.id;
        struct catalog_series *series = catalog_find_series(self->catalog, &wanted, self->batch);
        if (!series) {
            self->left_out++;
            continue;
        }
        struct series_value value = push_value(sample, buckets);
        struct part part = {.id = series->record.id, .at = packed->length};
        series_pack_value(packed, &value);
        part.length = packed->length - part.at;
        uint64_t hash = hash_fnv1a(text_from(packed->data + part.at, part.length));
        if (key_row || hash != series->part_hash)
            parts[count++] = part;
        series->part_hash = hash;
    }
    return count;
}

size_t
rows_stage(struct catalog *catalog, struct catalog_instance *instance,
    const Forge__PushRequest *request, int64_t time_ms, struct store_batch *batch)
{
    struct making self = {catalog, instance, request, batch, 0};
    bool key_row = instance->key_due || instance->started_at_ms != request->started_at_ms ||
                   instance->rows_since_key + 1 >= SCAN_KEY_ROW_EVERY;
    CLEANUP(buffer_release) struct buffer packed = {0};
    CLEANUP(buffer_release) struct buffer row = {0};
    CLEANUP(memory_free)
    struct part *parts = memory_array(request->n_samples, sizeof *parts);
    size_t count = collect_parts(&self, key_row, &packed, parts);
    qsort(parts, count, sizeof *parts, compare);

    struct series_row_writer writer;
    series_row_begin(&writer, &row, key_row, request->started_at_ms);
    for (size_t i = 0; i < count; i++)
        /* A sample that stands twice in a push counts once. */
        if (parts[i].id > writer.last_id)
            series_row_add(
                &writer, parts[i].id, text_from(packed.data + parts[i].at, parts[i].length));
    metrics_store_put_row(batch, instance->record.id, time_ms, buffer_text(&row));
    instance->last_row_ms = time_ms;
    instance->started_at_ms = request->started_at_ms;
    instance->rows_since_key = key_row ? 0 : instance->rows_since_key + 1;
    instance->key_due = false;
    return self.left_out;
}
