/* nearest: which known name somebody most likely meant. */
#pragma once

#include <stddef.h>

#include "common/base/text.h"

/* Insertions, deletions, exchanges and swaps of neighbours that turn one into the other; ASCII
 * letters compare without case, '-' equals '_'. Texts over 64 bytes are as far as their length. */
size_t nearest_distance(struct text a, struct text b);

/* Near enough to be offered as "did you mean". */
bool nearest_is_near(struct text given, struct text known, size_t distance);
