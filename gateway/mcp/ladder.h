/* ladder: what a modern request must hold before it is executed (2026-07-28).
 *
 * A fixed order of checks of which the first failure is the answer: the envelope in _meta, the
 * version, and the headers that mirror the body so that balancers need not read it.
 */
#pragma once

#include "gateway/mcp/request.h"

/* False when a check failed and the request was answered. */
bool mcp_ladder_climb(struct mcp_request *request) MUST_CHECK;

/* The last check of the headers, once it is known that the method is tools/call. */
bool mcp_ladder_check_params(struct mcp_request *request) MUST_CHECK;
