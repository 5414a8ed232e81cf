/* token: the bearer token's file. */
#pragma once

#include <stdbool.h>

#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/base/status.h"

/* Reads one line of visible characters; the caller frees it. *is_open tells that others than the
 * owner may read the file. NOT_FOUND, PERMISSION_DENIED or INVALID_ARGUMENT, with words. */
enum status token_read(
    const char *path, char **token, bool *is_open, struct problem *problem) MUST_CHECK;
