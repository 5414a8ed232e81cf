/* media: the two HTTP headers that decide in which form bodies travel (RFC 9110 §8.3, §12.5.1). */
#pragma once

#include <stdbool.h>

#include "common/base/text.h"

/* True when a Content-Type says application/json, whatever its parameters. */
bool mcp_media_is_json(struct text content_type);

/* True when an Accept header lets an answer be application/json; an absent one does. */
bool mcp_media_accepts_json(struct text accept);
