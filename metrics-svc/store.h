/* metrics_store: records of metrics-svc ⇄ keys of the store.
 *
 *   'i' id             an instance: program, name, host
 *   'n' name 0x00 id   a series: its instance, kind, labels, help
 *   's' id time        a row of an instance (series.h)
 *   'c'                the canary of the health proof
 *
 * Ids and times are big-endian, so a range of time is a range of keys, and the names of all metrics
 * are found by seeking. An id is not used again while a row names it.
 */
#pragma once

#include "common/base/text.h"
#include "common/store/store.h"
#include "metrics-svc/series.h"

enum { METRICS_STORE_FORMAT = 1 };

/* The texts are borrowed. */
struct metrics_instance {
    uint32_t id;
    struct text program, instance, host;
};

/* labels: names and values in turn, each with its length (metrics_labels_next), names ascending. */
struct metrics_series {
    uint32_t id;
    uint32_t instance_id;
    enum series_kind kind;
    struct text name, labels, help;
};

/* Takes one label off the front; false at the end. */
bool metrics_labels_next(struct text *labels, struct text *name, struct text *value);

void metrics_store_put_instance(struct store_batch *batch, const struct metrics_instance *instance);
void metrics_store_put_series(struct store_batch *batch, const struct metrics_series *series);
void metrics_store_put_row(
    struct store_batch *batch, uint32_t instance_id, int64_t time_ms, struct text row);
void metrics_store_delete_instance(struct store_batch *batch, uint32_t instance_id);
void metrics_store_delete_series(struct store_batch *batch, struct text name, uint32_t id);

/* The records are borrowed for the visit. The status is the scan's. */
typedef void (*metrics_instance_visit)(void *argument, const struct metrics_instance *instance);
typedef void (*metrics_series_visit)(void *argument, const struct metrics_series *series);
typedef void (*metrics_name_visit)(void *argument, struct text name);

enum status metrics_store_each_instance(
    const struct store_snapshot *snapshot, metrics_instance_visit visit, void *argument) MUST_CHECK;
/* name: the series of this metric; empty: all. */
enum status metrics_store_each_series(const struct store_snapshot *snapshot, struct text name,
    metrics_series_visit visit, void *argument) MUST_CHECK;
/* Every metric's name once. */
enum status metrics_store_each_name(
    const struct store_snapshot *snapshot, metrics_name_visit visit, void *argument) MUST_CHECK;

/* Rows with a time in [from_ms, to_ms); the keys give metrics_store_row_time. */
struct store_scan *metrics_store_scan_rows(const struct store_snapshot *snapshot,
    uint32_t instance_id, int64_t from_ms, int64_t to_ms, bool backward);
int64_t metrics_store_row_time(struct text key);

/* Stages the removal of at most `max` rows older than before_ms, the oldest first. */
enum status metrics_store_trim(const struct store_snapshot *snapshot, struct store_batch *batch,
    uint32_t instance_id, int64_t before_ms, size_t *max) MUST_CHECK;

void metrics_store_put_canary(struct store_batch *batch, struct text value);
enum status metrics_store_get_canary(
    const struct store_snapshot *snapshot, struct store_value *value) MUST_CHECK;
