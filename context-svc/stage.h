/* stage: the writer's batch, readable before it is committed.
 *
 * Calls that are committed together see each other's changes: a read goes to what the batch puts
 * or deletes first, and to the snapshot behind it. One thread. The index writes its own rows into
 * the batch directly and remembers them itself.
 */
#pragma once

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/store/store.h"
#include "context-svc/keys.h"

struct context_stage;

struct context_stage *context_stage_create(struct store *store);
void context_stage_destroy(struct context_stage **self_p);

/* Forgets everything; the batch is of the store's present epoch afterwards. */
void context_stage_clear(struct context_stage *self);

/* Key and value are copied. */
void context_stage_put(
    struct context_stage *self, const struct context_key *key, struct text value);
void context_stage_delete(struct context_stage *self, const struct context_key *key);

struct store_batch *context_stage_batch(struct context_stage *self);
bool context_stage_is_empty(const struct context_stage *self);

/* True: the batch decides; *value is what it puts (borrowed until context_stage_clear), or
 * *deleted. */
bool context_stage_find(
    const struct context_stage *self, struct text key, struct text *value, bool *deleted);

/* Where to read: a snapshot, seen through a stage where there is one. */
struct context_source {
    const struct store_snapshot *snapshot;
    const struct context_stage *stage; /* or NULL */
};

/* As store_get. The value is the caller's to release. */
enum status context_source_get(struct context_source source, const struct context_key *key,
    struct store_value *value) MUST_CHECK;
