/* rows: a push becomes a row of its instance, in the writer's batch. */
#pragma once

#include "metrics.pb-c.h"

#include "metrics-svc/catalog.h"

/* Stages the row, and the series that it is the first to name. Answers how many samples were left
 * out because the catalog is full. */
size_t rows_stage(struct catalog *catalog, struct catalog_instance *instance,
    const Forge__PushRequest *request, int64_t time_ms, struct store_batch *batch);
