/* usage: uses of entries, counted by the router and handed to the writer in bundles.
 *
 * A Get costs one step in a small table. What the writer has not folded in when the program is
 * killed is lost; a use count is worth no sync of its own.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "context-svc/notes.h"

struct context_usage;

struct context_usage *context_usage_create(void);
void context_usage_destroy(struct context_usage **self_p);

/* When the table is full, the use is dropped. */
void context_usage_count(
    struct context_usage *self, uint32_t tenant, const struct uuid *id, int64_t wall_ms);

/* What was counted, as a note; borrowed until the next change. */
struct text context_usage_note(struct context_usage *self);
void context_usage_clear(struct context_usage *self);
/* Uses counted since the last clear, of NOTE_USES_MAX entries at most. */
size_t context_usage_entries(const struct context_usage *self);
