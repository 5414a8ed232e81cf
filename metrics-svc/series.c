#include "metrics-svc/series.h"

#include <assert.h>
#include <math.h>

#include "metrics-svc/pack.h"

enum { ROW_FORMAT = 1, ROW_KEY = 1 };

/* How a value stands in a row: most counters and gauges are small whole numbers. */
enum { PART_WHOLE = 0, PART_DOUBLE = 1, PART_HISTOGRAM = 2 };

static const double whole_max = 9007199254740992.0; /* 2^53: whole numbers up to here are exact */

static void
pack_histogram(struct buffer *out, const struct series_histogram *histogram)
{
    pack_unsigned(out, (uint64_t)histogram->schema);
    pack_unsigned(out, histogram->zero_count);
    pack_double(out, histogram->sum);
    pack_unsigned(out, histogram->bucket_count);
    int previous = -SERIES_INDEX_MAX - 1;
    for (size_t i = 0; i < histogram->bucket_count; i++) {
        const struct series_bucket *bucket = &histogram->buckets[i];
        assert(bucket->index > previous && bucket->index <= SERIES_INDEX_MAX);
        pack_unsigned(out, (uint64_t)(bucket->index - previous));
        pack_unsigned(out, bucket->count);
        previous = bucket->index;
    }
}

void
series_pack_value(struct buffer *out, const struct series_value *value)
{
    if (value->is_histogram) {
        buffer_add_byte(out, PART_HISTOGRAM);
        pack_histogram(out, &value->histogram);
    } else if (fabs(value->number) <= whole_max && value->number == trunc(value->number)) {
        buffer_add_byte(out, PART_WHOLE);
        pack_signed(out, (int64_t)value->number);
    } else {
        buffer_add_byte(out, PART_DOUBLE);
        pack_double(out, value->number);
    }
}

void
series_row_begin(
    struct series_row_writer *self, struct buffer *out, bool key_row, int64_t started_at_ms)
{
    *self = (struct series_row_writer){.out = out};
    buffer_add_byte(out, ROW_FORMAT);
    buffer_add_byte(out, key_row ? ROW_KEY : 0);
    pack_signed(out, started_at_ms);
}

void
series_row_add(struct series_row_writer *self, uint32_t id, struct text part)
{
    assert(id > self->last_id);
    pack_unsigned(self->out, id - self->last_id);
    buffer_add_text(self->out, part);
    self->last_id = id;
}

enum status
series_row_open(struct series_row_reader *self, struct text row)
{
    if (row.length < 2 || row.data[0] != ROW_FORMAT || (row.data[1] & ~ROW_KEY) != 0)
        return STATUS_DATA_LOSS;
    struct unpack unpack = {.rest = text_from(row.data + 2, row.length - 2)};
    self->key_row = row.data[1] == ROW_KEY;
    self->started_at_ms = unpack_signed(&unpack);
    self->last_id = 0;
    self->rest = unpack.rest;
    return unpack.bad ? STATUS_DATA_LOSS : STATUS_OK;
}

static bool
read_histogram(
    struct series_row_reader *self, struct unpack *unpack, struct series_histogram *histogram)
{
    uint64_t schema = unpack_unsigned(unpack);
    histogram->zero_count = unpack_unsigned(unpack);
    histogram->sum = unpack_double(unpack);
    uint64_t count = unpack_unsigned(unpack);
    if (unpack->bad || schema > SERIES_SCHEMA_MAX || count > SERIES_BUCKETS_MAX)
        return false;
    histogram->schema = (int)schema;
    histogram->bucket_count = (size_t)count;
    histogram->buckets = self->buckets;
    int index = -SERIES_INDEX_MAX - 1;
    for (size_t i = 0; i < histogram->bucket_count; i++) {
        uint64_t gap = unpack_unsigned(unpack);
        if (gap == 0 || gap > (uint64_t)(SERIES_INDEX_MAX - index))
            return false;
        index += (int)gap;
        self->buckets[i] = (struct series_bucket){index, unpack_unsigned(unpack)};
    }
    return !unpack->bad;
}

static bool
read_value(struct series_row_reader *self, struct unpack *unpack, struct series_value *value)
{
    uint64_t gap = unpack_unsigned(unpack);
    uint64_t kind = unpack_unsigned(unpack);
    if (unpack->bad || gap == 0 || gap > UINT32_MAX - self->last_id)
        return false;
    *value = (struct series_value){.id = self->last_id + (uint32_t)gap};
    switch (kind) {
    case PART_WHOLE: value->number = (double)unpack_signed(unpack); return !unpack->bad;
    case PART_DOUBLE: value->number = unpack_double(unpack); return !unpack->bad;
    case PART_HISTOGRAM:
        value->is_histogram = true;
        return read_histogram(self, unpack, &value->histogram);
    default: return false;
    }
}

enum status
series_row_next(struct series_row_reader *self, struct series_value *value)
{
    if (!self->rest.length)
        return STATUS_NOT_FOUND;
    struct unpack unpack = {.rest = self->rest};
    if (!read_value(self, &unpack, value))
        return STATUS_DATA_LOSS;
    self->rest = unpack.rest;
    self->last_id = value->id;
    return STATUS_OK;
}
