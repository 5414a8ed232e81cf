/* skip_list: an ordered map of versions that only grows; the memory engine's heart.
 *
 * One thread inserts, any thread reads without a lock: a node is never changed or freed before the
 * list goes, and links are published with release order. Keys ascend; within a key the newest
 * version comes first.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/base/text.h"

struct skip_list;

struct skip_node {
    uint64_t version;
    struct text key;
    struct text value;
    bool deleted; /* this version says that the key is gone */
    unsigned height;
    _Atomic(struct skip_node *) next[];
};

struct skip_list *skip_list_create(void);
void skip_list_destroy(struct skip_list **self_p);

/* The bytes are copied. */
void skip_list_insert(
    struct skip_list *self, uint64_t version, struct text key, struct text value, bool deleted);

/* The first node of this key with at most this version, or of a later key; NULL at the end. */
const struct skip_node *skip_list_at(
    const struct skip_list *self, struct text key, uint64_t version);
/* The last node of the keys before this one; NULL when there is none. */
const struct skip_node *skip_list_before(const struct skip_list *self, struct text key);
const struct skip_node *skip_list_last(const struct skip_list *self);
const struct skip_node *skip_node_next(const struct skip_node *node);
