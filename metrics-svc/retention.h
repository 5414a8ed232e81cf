/* retention: old rows go a few at a time, and with an instance's last row its dictionary. */
#pragma once

#include "metrics-svc/catalog.h"

enum { RETENTION_ROWS_A_STEP = 64 };

/* Which instance is looked at next. Zeroed at the start. */
struct retention {
    size_t place;
};

/* Stages one bounded step for one instance; a call for each row that comes in keeps up. */
enum status retention_step(struct retention *self, struct catalog *catalog,
    const struct store_snapshot *snapshot, struct store_batch *batch, int64_t before_ms) MUST_CHECK;

/* The time of the oldest row; INT64_MAX when there is none. */
enum status retention_oldest(const struct store_snapshot *snapshot, int64_t *oldest_ms) MUST_CHECK;
