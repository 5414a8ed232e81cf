/* header_value: values that requests mirror in HTTP headers (Mcp-Name, Mcp-Param-…). */
#pragma once

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/text.h"

/* A value between "=?base64?" and "?=" is base64 of UTF-8; any other means itself. False when the
 * base64 is not canonical or not UTF-8. */
bool mcp_header_value_decode(
    struct text value, struct arena *arena, struct text *decoded) MUST_CHECK;
