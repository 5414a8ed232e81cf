/* relations: who is related to whom, as the official memory server keeps it.
 *
 * A relation comes after its entities in the file, but belongs into the text of the entity that it
 * starts from; so all of them are read first and looked up then.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/buffer.h"
#include "common/base/text.h"

struct relation {
    struct text from;
    struct text to;
    struct text type;
    size_t order; /* in the file */
    bool is_used;
};

struct relations {
    struct relation *items;
    size_t count;
    size_t capacity;
    struct arena arena;
};

/* At most max_bytes of texts. */
void relations_init(struct relations *self, size_t max_bytes);
void relations_release(struct relations *self);

/* The texts are copied; false when there is no more room. */
bool relations_add(struct relations *self, struct text from, struct text type, struct text to);

/* After the last one was added, before the first is looked up. */
void relations_sort(struct relations *self);

/* Adds a line a relation that starts from `from`, "- Ann works at Acme", in the file's order, and
 * marks them as used. False when there are none. */
bool relations_write(struct relations *self, struct text from, struct buffer *out);

/* One that was not used yet, by name of its start; NULL when all were. */
const struct relation *relations_unused(const struct relations *self, size_t *at);
