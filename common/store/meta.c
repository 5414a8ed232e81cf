#include "common/store/meta.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "common/base/text.h"

static const struct text id_key = {"\0id", 3};
static const struct text format_key = {"\0format", 7};
static const struct text epoch_key = {"\0epoch", 6};
static const struct text sequence_key = {"\0sequence", 9};
static const struct text import_key = {"\0import", 7};

enum { NUMBER_SIZE = 8 };

static void
put_number(
    const struct engine_kind *kind, struct engine_batch *batch, struct text key, uint64_t number)
{
    char bytes[NUMBER_SIZE];
    for (int i = 0; i < NUMBER_SIZE; i++)
        bytes[i] = (char)(number >> (8 * (NUMBER_SIZE - 1 - i)));
    kind->batch_put(batch, key, text_from(bytes, sizeof bytes));
}

static enum status
get_number(const struct engine_kind *kind, struct engine *engine,
    const struct engine_snapshot *snapshot, struct text key, uint64_t *number)
{
    struct text value = {0};
    CLEANUP(memory_free) void *owned = NULL;
    enum status status = kind->get(engine, snapshot, key, &value, &owned);
    if (status != STATUS_OK)
        return status;
    if (value.length != NUMBER_SIZE)
        return STATUS_DATA_LOSS;
    *number = 0;
    for (int i = 0; i < NUMBER_SIZE; i++)
        *number = *number << 8 | (uint8_t)value.data[i];
    return STATUS_OK;
}

static enum status
get_id(const struct engine_kind *kind, struct engine *engine,
    const struct engine_snapshot *snapshot, uint8_t id[STORE_ID_SIZE])
{
    struct text value = {0};
    CLEANUP(memory_free) void *owned = NULL;
    enum status status = kind->get(engine, snapshot, id_key, &value, &owned);
    if (status == STATUS_OK && value.length != STORE_ID_SIZE)
        status = STATUS_DATA_LOSS;
    if (status == STATUS_OK)
        memcpy(id, value.data, STORE_ID_SIZE);
    return status;
}

enum status
store_meta_read_sequence(const struct engine_kind *kind, struct engine *engine,
    const struct engine_snapshot *snapshot, uint64_t *sequence)
{
    return get_number(kind, engine, snapshot, sequence_key, sequence);
}

enum status
store_meta_read(const struct engine_kind *kind, struct engine *engine, struct store_meta *meta,
    struct problem *problem)
{
    struct engine_snapshot *snapshot = kind->snapshot_create(engine);
    uint64_t format = 0, importing = 0;
    enum status status = get_id(kind, engine, snapshot, meta->id);
    if (status == STATUS_OK)
        status = get_number(kind, engine, snapshot, format_key, &format);
    if (status == STATUS_OK)
        status = get_number(kind, engine, snapshot, epoch_key, &meta->epoch);
    if (status == STATUS_OK)
        status = store_meta_read_sequence(kind, engine, snapshot, &meta->sequence);
    if (status == STATUS_OK)
        status = get_number(kind, engine, snapshot, import_key, &importing);
    kind->snapshot_destroy(engine, &snapshot);
    meta->format = (uint32_t)format;
    meta->importing = importing != 0;
    if (status == STATUS_OK)
        return STATUS_OK;
    problem_set(problem, "the store's own records cannot be read (%s)", status_name(status));
    return status == STATUS_NOT_FOUND ? STATUS_DATA_LOSS : status;
}

void
store_meta_put_all(
    const struct engine_kind *kind, struct engine_batch *batch, const struct store_meta *meta)
{
    kind->batch_put(batch, id_key, text_from(meta->id, sizeof meta->id));
    put_number(kind, batch, format_key, meta->format);
    store_meta_put_epoch(kind, batch, meta->epoch);
    store_meta_put_importing(kind, batch, meta->importing);
    store_meta_put_sequence(kind, batch, meta->sequence);
}

void
store_meta_put_epoch(const struct engine_kind *kind, struct engine_batch *batch, uint64_t epoch)
{
    put_number(kind, batch, epoch_key, epoch);
}

void
store_meta_put_sequence(
    const struct engine_kind *kind, struct engine_batch *batch, uint64_t sequence)
{
    put_number(kind, batch, sequence_key, sequence);
}

void
store_meta_put_importing(const struct engine_kind *kind, struct engine_batch *batch, bool importing)
{
    put_number(kind, batch, import_key, importing);
}
