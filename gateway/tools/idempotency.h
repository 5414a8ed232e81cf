/* idempotency: the key under which a write may be repeated without being done twice.
 *
 * What the client names (header Idempotency-Key or argument idempotency_key), or a fresh one, is
 * hashed together with tenant and principal, so that nobody meets another's key.
 */
#pragma once

#include "gateway/tools/call.h"

/* Sets the call's key; false, and the call is over, when the client's is not usable. */
bool idempotency_key_make(struct tool_call *call);
