/* moment: points in time as people and models write them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/text.h"

/* Reads RFC 3339 ("2026-11-24T07:30:00Z", with fraction and offset, or the date alone, which is
 * its first millisecond in UTC), or an age: "90s", "15m", "24h", "7d", "2w" before now_ms. False
 * when it is neither, or lies outside the years 1970 to 9999. */
bool moment_parse(struct text text, int64_t now_ms, int64_t *wall_ms) MUST_CHECK;
