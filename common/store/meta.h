/* meta: the store's own records, under keys that begin with byte 0x00. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/store/engine.h"
#include "common/store/store.h"

struct store_meta {
    uint8_t id[STORE_ID_SIZE];
    uint32_t format;
    uint64_t epoch;
    uint64_t sequence;
    bool importing; /* what else is stored is an unfinished import's */
};

/* DATA_LOSS when a record is missing or odd. */
enum status store_meta_read(const struct engine_kind *kind, struct engine *engine,
    struct store_meta *meta, struct problem *problem);
enum status store_meta_read_sequence(const struct engine_kind *kind, struct engine *engine,
    const struct engine_snapshot *snapshot, uint64_t *sequence);

/* All records of a new store. */
void store_meta_put_all(
    const struct engine_kind *kind, struct engine_batch *batch, const struct store_meta *meta);
void store_meta_put_epoch(
    const struct engine_kind *kind, struct engine_batch *batch, uint64_t epoch);
void store_meta_put_sequence(
    const struct engine_kind *kind, struct engine_batch *batch, uint64_t sequence);
void store_meta_put_importing(
    const struct engine_kind *kind, struct engine_batch *batch, bool importing);
