/* moment: the times that records carry, as RFC 3339. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/text.h"

enum { IMPORT_MOMENT_SIZE = 40 };

/* Takes "2026-11-24", "2026-11-24T07:30:00Z" with fraction and offset, and the same with a blank
 * for the T; without an offset it is UTC. False when it is none of them. */
bool import_moment_of_text(struct text text, char out[IMPORT_MOMENT_SIZE]);

/* Takes seconds or milliseconds since 1970, told apart by their size. False outside 1970 to 9999.
 */
bool import_moment_of_number(int64_t number, char out[IMPORT_MOMENT_SIZE]);
