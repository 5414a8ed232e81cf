/* catalog: which instances and series there are, and their ids, in the writer's memory.
 *
 * The store's dictionary records read back at start, and added to as pushes name new series. What
 * is new is staged in the writer's batch; when that batch did not commit the catalog is no longer
 * true and must be thrown away and loaded again. One thread.
 */
#pragma once

#include "metrics-svc/store.h"

enum { CATALOG_INSTANCES_MAX = 256, CATALOG_SERIES_MAX = 20000 };

struct catalog;

/* A known instance; owned by the catalog. The writer keeps its own marks in it. */
struct catalog_instance {
    struct metrics_instance record;
    int64_t last_row_ms;   /* 0: none seen */
    int64_t started_at_ms; /* of the program, as of the last row */
    unsigned rows_since_key;
    bool key_due; /* no key row since the catalog was loaded */
};

struct catalog_series {
    struct metrics_series record;
    uint64_t part_hash; /* of the value written last; 0: none yet */
};

/* Reads the dictionary; `reason` of the status is damage or an unreadable disk. */
enum status catalog_load(const struct store_snapshot *snapshot, struct catalog **self_p) MUST_CHECK;
void catalog_destroy(struct catalog **self_p);

/* Found, or added and staged (the id of `wanted` is not looked at); a changed host is staged too.
 * NULL at the limit. */
struct catalog_instance *catalog_find_instance(
    struct catalog *self, const struct metrics_instance *wanted, struct store_batch *batch);

/* Found by instance, kind, name and labels, or added and staged. NULL at the limit. */
struct catalog_series *catalog_find_series(
    struct catalog *self, const struct metrics_series *wanted, struct store_batch *batch);

/* Stages the removal of the instance and its series, and forgets them. */
void catalog_remove_instance(
    struct catalog *self, struct catalog_instance *instance, struct store_batch *batch);

/* By place, 0 up to the count, for sweeps. */
size_t catalog_instance_count(const struct catalog *self);
struct catalog_instance *catalog_instance_at(struct catalog *self, size_t place);
size_t catalog_series_count(const struct catalog *self);
