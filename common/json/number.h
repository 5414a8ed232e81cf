/* json_number: the numbers of JSON, for the reader of this room. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/text.h"

/* The end of the number that begins at `at`, or NULL when there is none of JSON's grammar. */
const char *json_number_end(const char *at, const char *end);

/* For a checked number: its value when it is an integer that fits; 1.0 and 1e3 are integers. */
bool json_number_integer(struct text number, int64_t *value);

/* For a checked number: the nearest double; false when it is too large for one, or written with
 * more than JSON_NUMBER_BYTES_MAX bytes. */
enum { JSON_NUMBER_BYTES_MAX = 1024 };
bool json_number_double(struct text number, double *value);
