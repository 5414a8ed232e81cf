/* walk: entries of a project, or of all, from the newest to older ones.
 *
 * A project's rows hold a card, so what a filter turns down costs no read of the entry. What the
 * asker may not see is passed over.
 */
#pragma once

#include "context-svc/filter.h"

struct context_walk;

/* Begins before `before` (a place as context_walk_place gave it), or with the newest when it is
 * empty. */
struct context_walk *context_walk_create(
    struct context_reading *reading, const struct context_filter *filter, struct text before);
void context_walk_destroy(struct context_walk **self_p);

enum { WALK_PLACE_SIZE = 8 + UUID_SIZE };

/* The next entry, without content (which is borrowed until the next call). OK; NOT_FOUND at the
 * end; RESOURCE_EXHAUSTED when `rows_max` rows were looked at: go on later from context_walk_place.
 */
enum status context_walk_next(struct context_walk *self, size_t rows_max, Forge__Entry **entry,
    struct text *content) MUST_CHECK;

/* Where the walk stands: just past the last row it looked at. */
void context_walk_place(const struct context_walk *self, uint8_t place[WALK_PLACE_SIZE]);
