/* condition: a store's state and its reason, written by one thread and read by any.
 *
 * The words lie behind a sequence lock of atomic words, so a reader never waits for the writer's
 * work and never sees half a sentence.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/store/store.h"

enum { CONDITION_WORDS = sizeof(struct problem) / sizeof(uint64_t) };

struct store_condition {
    _Atomic uint32_t version; /* odd while the words change */
    _Atomic uint32_t state;
    _Atomic uint64_t words[CONDITION_WORDS];
};

/* The writer thread. */
void store_condition_set(struct store_condition *self, enum store_state state, const char *format,
    ...) PRINTF_LIKE(3, 4);

/* Any thread. */
enum store_state store_condition_state(const struct store_condition *self);
void store_condition_reason(const struct store_condition *self, struct problem *reason);
