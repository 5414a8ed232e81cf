/* prove: the service's real work on data of its own, for the health answer.
 *
 * Writes a canary through the writer and its synced commit, reads it back from the view that
 * readers get, and finds the canary entry through the index. It belongs to a tenant of its own and
 * takes no commit sequence.
 */
#pragma once

#include "health.pb-c.h"

#include "context-svc/reading.h"
#include "context-svc/writer.h"

enum { PROVE_PROOFS = 3 };

/* The writer's thread. Fills three proofs; their texts lie in the writer's arena. Commits what the
 * group has staged so far. */
void context_prove_store(struct context_writer *writer, struct context_reader *reader,
    Forge__Proof proofs[PROVE_PROOFS]);
