/* series: the samples of one program at one moment ⇄ one packed row.
 *
 * A row names its program's start and holds values by series id, ids ascending. A key row holds
 * every series of the program; a row between holds only those that changed since the row before, so
 * an idle program costs some twenty bytes. A reader therefore begins at a key row and carries the
 * values on; a series that a key row does not name has ended.
 *
 * Counters and histograms stand as they came, since the program's start; rates and quantiles are
 * made from the differences of rows (aggregate.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/status.h"
#include "common/base/text.h"

enum {
    SERIES_SCHEMA_MAX = 3,
    /* Bucket numbers that are kept: at schema 3 from 2^-64 to 2^64. */
    SERIES_INDEX_MAX = 512,
    SERIES_BUCKETS_MAX = 2 * SERIES_INDEX_MAX + 1,
};

enum series_kind { SERIES_COUNTER = 1, SERIES_GAUGE = 2, SERIES_HISTOGRAM = 3 };

struct series_bucket {
    int index;
    uint64_t count;
};

struct series_histogram {
    int schema;
    uint64_t zero_count;
    double sum;
    size_t bucket_count;
    const struct series_bucket *buckets; /* without empty ones, index ascending */
};

/* One value of a row. histogram is read when is_histogram is set, else number. */
struct series_value {
    uint32_t id;
    bool is_histogram;
    double number;
    struct series_histogram histogram;
};

/* The value's part of a row, without its id; two values are the same when their parts are. */
void series_pack_value(struct buffer *out, const struct series_value *value);

/* Writing a row: begin, then add parts with ascending ids. */
struct series_row_writer {
    struct buffer *out;
    uint32_t last_id;
};

void series_row_begin(
    struct series_row_writer *self, struct buffer *out, bool key_row, int64_t started_at_ms);
void series_row_add(struct series_row_writer *self, uint32_t id, struct text part);

/* Reading a row. */
struct series_row_reader {
    struct text rest;
    uint32_t last_id;
    bool key_row;
    int64_t started_at_ms;
    struct series_bucket buckets[SERIES_BUCKETS_MAX]; /* of the value read last */
};

/* DATA_LOSS: no row of ours. */
enum status series_row_open(struct series_row_reader *self, struct text row) MUST_CHECK;
/* OK with the next value, borrowed until the next call; NOT_FOUND after the last; DATA_LOSS. */
enum status series_row_next(struct series_row_reader *self, struct series_value *value) MUST_CHECK;
