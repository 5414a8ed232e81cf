/* source: where entries to be imported come from, one after the other.
 *
 * Made by the *_source_create functions of this room; each embeds this struct first. What next()
 * gives is borrowed until its next call.
 */
#pragma once

#include <stdint.h>

#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/base/status.h"
#include "forgectl/import/entry.h"

struct import_source {
    /* OK: an entry. NOT_FOUND: the end. FAILED_PRECONDITION: nothing worth keeping, passed over.
     * INVALID_ARGUMENT: this one cannot be used, the words say why; the next may be asked for.
     * Anything else ends the source, with words. file and line of the entry are set in all cases
     * but the end. */
    enum status (*next)(
        struct import_source *self, struct import_entry *entry, struct problem *problem);
    void (*destroy)(struct import_source *self);
    uint64_t done_bytes;
    uint64_t total_bytes; /* 0: not known */
};

/* Accepts NULL. */
void import_source_destroy(struct import_source **self_p);
