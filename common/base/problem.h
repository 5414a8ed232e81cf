/* problem: what went wrong, in words for a person who must act on it.
 *
 * Filled by the function that met the failure, beside the status it returns; the caller passes it
 * up to the edge that logs or answers. A NULL problem means that nobody wants the words.
 */
#pragma once

#include <stdarg.h>

#include "common/base/attributes.h"

struct problem {
    char text[256];
};

/* Replaces the words; cut at the size of the field. Accepts NULL. */
void problem_set(struct problem *self, const char *format, ...) PRINTF_LIKE(2, 3);
