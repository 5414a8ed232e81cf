#include "metrics-svc/store.h"

#include "common/base/buffer.h"
#include "metrics-svc/pack.h"

enum { INSTANCE_RECORD = 1, SERIES_RECORD = 1 };

/* Where the id begins, behind the name and its zero. */
enum { ID_SIZE = 4, ROW_KEY_SIZE = 1 + 4 + 8 };

static const char canary_key[] = "c";

bool
metrics_labels_next(struct text *labels, struct text *name, struct text *value)
{
    struct unpack unpack = {.rest = *labels};
    *name = unpack_text(&unpack);
    *value = unpack_text(&unpack);
    *labels = unpack.rest;
    return !unpack.bad && name->length > 0;
}

static void
add_instance_key(struct buffer *key, uint32_t id)
{
    buffer_add_byte(key, 'i');
    pack_key32(key, id);
}

static void
add_series_key(struct buffer *key, struct text name, uint32_t id)
{
    buffer_add_byte(key, 'n');
    buffer_add_text(key, name);
    buffer_add_byte(key, '\0');
    pack_key32(key, id);
}

static void
add_row_key(struct buffer *key, uint32_t instance_id, int64_t time_ms)
{
    buffer_add_byte(key, 's');
    pack_key32(key, instance_id);
    pack_key64(key, (uint64_t)(time_ms < 0 ? 0 : time_ms));
}

void
metrics_store_put_instance(struct store_batch *batch, const struct metrics_instance *instance)
{
    CLEANUP(buffer_release) struct buffer key = {0};
    CLEANUP(buffer_release) struct buffer value = {0};
    add_instance_key(&key, instance->id);
    pack_unsigned(&value, INSTANCE_RECORD);
    pack_text(&value, instance->program);
    pack_text(&value, instance->instance);
    pack_text(&value, instance->host);
    store_batch_put(batch, buffer_text(&key), buffer_text(&value));
}

void
metrics_store_put_series(struct store_batch *batch, const struct metrics_series *series)
{
    CLEANUP(buffer_release) struct buffer key = {0};
    CLEANUP(buffer_release) struct buffer value = {0};
    add_series_key(&key, series->name, series->id);
    pack_unsigned(&value, SERIES_RECORD);
    pack_unsigned(&value, series->instance_id);
    pack_unsigned(&value, series->kind);
    pack_text(&value, series->labels);
    pack_text(&value, series->help);
    store_batch_put(batch, buffer_text(&key), buffer_text(&value));
}

void
metrics_store_put_row(
    struct store_batch *batch, uint32_t instance_id, int64_t time_ms, struct text row)
{
    CLEANUP(buffer_release) struct buffer key = {0};
    add_row_key(&key, instance_id, time_ms);
    store_batch_put(batch, buffer_text(&key), row);
}

void
metrics_store_delete_instance(struct store_batch *batch, uint32_t instance_id)
{
    CLEANUP(buffer_release) struct buffer key = {0};
    add_instance_key(&key, instance_id);
    store_batch_delete(batch, buffer_text(&key));
}

void
metrics_store_delete_series(struct store_batch *batch, struct text name, uint32_t id)
{
    CLEANUP(buffer_release) struct buffer key = {0};
    add_series_key(&key, name, id);
    store_batch_delete(batch, buffer_text(&key));
}

static bool
read_instance(struct text key, struct text value, struct metrics_instance *instance)
{
    struct unpack id = {.rest = text_from(key.data + 1, key.length - 1)};
    struct unpack record = {.rest = value};
    instance->id = unpack_key32(&id);
    bool known = unpack_unsigned(&record) == INSTANCE_RECORD;
    instance->program = unpack_text(&record);
    instance->instance = unpack_text(&record);
    instance->host = unpack_text(&record);
    return known && !id.bad && !record.bad;
}

static bool
read_series(struct text key, struct text value, struct metrics_series *series)
{
    if (key.length < 1 + 1 + ID_SIZE)
        return false;
    size_t name_length = key.length - 2 - ID_SIZE;
    struct unpack id = {.rest = text_from(key.data + 2 + name_length, ID_SIZE)};
    struct unpack record = {.rest = value};
    series->name = text_from(key.data + 1, name_length);
    series->id = unpack_key32(&id);
    bool known = unpack_unsigned(&record) == SERIES_RECORD;
    series->instance_id = (uint32_t)unpack_unsigned(&record);
    uint64_t kind = unpack_unsigned(&record);
    series->labels = unpack_text(&record);
    series->help = unpack_text(&record);
    series->kind = kind == SERIES_COUNTER ? SERIES_COUNTER
                   : kind == SERIES_GAUGE ? SERIES_GAUGE
                                          : SERIES_HISTOGRAM;
    return known && !record.bad && kind >= SERIES_COUNTER && kind <= SERIES_HISTOGRAM;
}

enum status
metrics_store_each_instance(
    const struct store_snapshot *snapshot, metrics_instance_visit visit, void *argument)
{
    CLEANUP(store_scan_destroy)
    struct store_scan *scan = store_scan_create(snapshot, TEXT("i"), TEXT("j"), false);
    struct text key, value;
    while (store_scan_next(scan, &key, &value)) {
        struct metrics_instance instance;
        if (!read_instance(key, value, &instance))
            return STATUS_DATA_LOSS;
        visit(argument, &instance);
    }
    return store_scan_status(scan);
}

enum status
metrics_store_each_series(const struct store_snapshot *snapshot, struct text name,
    metrics_series_visit visit, void *argument)
{
    CLEANUP(buffer_release) struct buffer from = {0};
    CLEANUP(buffer_release) struct buffer to = {0};
    buffer_format(&from, "n%.*s", TEXT_FORMAT(name));
    if (name.length) {
        buffer_add_text(&to, buffer_text(&from));
        buffer_add_byte(&from, '\0');
        buffer_add_byte(&to, '\1');
    } else {
        buffer_add_byte(&to, 'o');
    }
    CLEANUP(store_scan_destroy)
    struct store_scan *scan =
        store_scan_create(snapshot, buffer_text(&from), buffer_text(&to), false);
    struct text key, value;
    while (store_scan_next(scan, &key, &value)) {
        struct metrics_series series;
        if (!read_series(key, value, &series))
            return STATUS_DATA_LOSS;
        visit(argument, &series);
    }
    return store_scan_status(scan);
}

enum status
metrics_store_each_name(
    const struct store_snapshot *snapshot, metrics_name_visit visit, void *argument)
{
    CLEANUP(store_scan_destroy)
    struct store_scan *scan = store_scan_create(snapshot, TEXT("n"), TEXT("o"), false);
    CLEANUP(buffer_release) struct buffer next = {0};
    struct text key, value;
    while (store_scan_next(scan, &key, &value)) {
        struct metrics_series series;
        if (!read_series(key, value, &series))
            return STATUS_DATA_LOSS;
        visit(argument, series.name);
        buffer_clear(&next);
        buffer_add_byte(&next, 'n');
        buffer_add_text(&next, series.name);
        buffer_add_byte(&next, '\1');
        store_scan_seek(scan, buffer_text(&next));
    }
    return store_scan_status(scan);
}

struct store_scan *
metrics_store_scan_rows(const struct store_snapshot *snapshot, uint32_t instance_id,
    int64_t from_ms, int64_t to_ms, bool backward)
{
    CLEANUP(buffer_release) struct buffer from = {0};
    CLEANUP(buffer_release) struct buffer to = {0};
    add_row_key(&from, instance_id, from_ms);
    add_row_key(&to, instance_id, to_ms);
    return store_scan_create(snapshot, buffer_text(&from), buffer_text(&to), backward);
}

int64_t
metrics_store_row_time(struct text key)
{
    if (key.length != ROW_KEY_SIZE)
        return 0;
    struct unpack time = {.rest = text_from(key.data + 5, 8)};
    return (int64_t)unpack_key64(&time);
}

enum status
metrics_store_trim(const struct store_snapshot *snapshot, struct store_batch *batch,
    uint32_t instance_id, int64_t before_ms, size_t *max)
{
    CLEANUP(store_scan_destroy)
    struct store_scan *scan = metrics_store_scan_rows(snapshot, instance_id, 0, before_ms, false);
    struct text key, value;
    while (*max > 0 && store_scan_next(scan, &key, &value)) {
        store_batch_delete(batch, key);
        --*max;
    }
    return store_scan_status(scan);
}

void
metrics_store_put_canary(struct store_batch *batch, struct text value)
{
    store_batch_put(batch, text_of(canary_key), value);
}

enum status
metrics_store_get_canary(const struct store_snapshot *snapshot, struct store_value *value)
{
    return store_get(snapshot, text_of(canary_key), value);
}
