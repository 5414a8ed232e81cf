/* record: one JSON object as an entry.
 *
 * Kind about names (content or text, tags or labels), strict about types: a member that we know and
 * that holds something else is an error. Members that we do not know are passed over; an id becomes
 * the tag "id:…", so that the entry can be found by it.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/base/status.h"
#include "forgectl/import/entry.h"

/* The entry borrows from the line and the arena; it must be empty. FAILED_PRECONDITION: there is no
 * text in it. INVALID_ARGUMENT: it cannot be used, with words. */
enum status import_record_read(struct text line, struct arena *arena, struct import_entry *entry,
    struct problem *problem) MUST_CHECK;

/* Holds content and title against what an entry may hold; for all sources. */
enum status import_record_check(
    const struct import_entry *entry, struct problem *problem) MUST_CHECK;
