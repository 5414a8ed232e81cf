/* get: whole entries by id, and small answers that the router gives itself.
 *
 * Get is the hottest path of the service: one snapshot read an id, and the reply is put together
 * from packed entries without unpacking them.
 */
#pragma once

#include "context-svc/reading.h"

/* Appends the packed forge.GetReply. `found` gets the ids that are in it (room for request's). */
enum status context_get_entries(struct context_reading *self, const Forge__GetRequest *request,
    struct buffer *reply, struct uuid *found, size_t *found_count) MUST_CHECK;

enum status context_get_counts(struct context_reading *self, Forge__CountReply *reply) MUST_CHECK;

enum status context_get_projects(struct context_reading *self,
    const Forge__ProjectsRequest *request, Forge__ProjectsReply *reply) MUST_CHECK;
