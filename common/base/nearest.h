/* nearest: the known names that look most like a mistyped one, for "did you mean".
 *
 * Offer every known name once; the three nearest stay, best first. A name is near when a few
 * letters were changed, dropped, added or swapped, or when it contains what was asked for.
 */
#pragma once

#include <stddef.h>

#include "common/base/text.h"

enum { NEAREST_MAX = 3 };

struct nearest {
    struct text wanted;
    struct text names[NEAREST_MAX]; /* borrowed from the offers */
    unsigned distances[NEAREST_MAX];
    size_t count;
};

void nearest_init(struct nearest *self, struct text wanted);
void nearest_offer(struct nearest *self, struct text name);

/* Single letters to change between the two (optimal string alignment); of longer texts only the
 * first 64 bytes count. */
unsigned nearest_distance(struct text a, struct text b);
