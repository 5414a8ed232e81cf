/* query: the part of a request's target after '?'. */
#pragma once

#include "common/base/text.h"

/* The value of the first `name=value`, as it stands there; empty when there is none. */
struct text mcp_query_value(struct text query, const char *name);
