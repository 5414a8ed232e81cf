/* recovery: brings a store that refuses writes back into service.
 *
 * Readers keep the last view as long as the engine allows; on a full disk that is until there is
 * room again. Reopening needs every snapshot gone, so for that moment the view is withdrawn and
 * reads wait. At most three quick attempts, then one every few seconds; looking for room does not
 * count as one. What the store holds afterwards is read anew: a write whose end was
 * unknown may be in it.
 */
#pragma once

#include <stdbool.h>

#include "context-svc/writer.h"

struct context_recovery;

struct context_recovery *context_recovery_create(struct context_writer *writer);
void context_recovery_destroy(struct context_recovery **self_p);

/* True: the store is writable and there is a view. Otherwise tries when it is time. */
bool context_recovery_tick(struct context_recovery *self);
