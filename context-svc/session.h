/* session: work sessions, from start to end.
 *
 * A session is a record under its handle and an entry of kind "session", whose text is the newest
 * checkpoint; so what was done is found like everything else. A handle serves its author alone and
 * is checked with each use. Open sessions without a checkpoint say nothing and are not searched.
 */
#pragma once

#include "session.pb-c.h"

#include "context-svc/reading.h"
#include "context-svc/write.h"

/* Sessions that they give borrow from the write's arena. */
enum status context_session_start(struct context_write *self,
    const Forge__SessionStartRequest *request, Forge__WorkSession **session,
    bool *resumed) MUST_CHECK;
enum status context_session_checkpoint(struct context_write *self,
    const Forge__SessionCheckpointRequest *request, Forge__WorkSession **session) MUST_CHECK;
enum status context_session_end(struct context_write *self, const Forge__SessionEndRequest *request,
    Forge__SessionEndReply *reply) MUST_CHECK;

/* The session of this handle, when it is the asker's; NOT_FOUND with words. */
enum status context_session_load(
    struct context_write *self, struct text handle, Forge__WorkSession **session) MUST_CHECK;

/* Newest first. Handles of other people's sessions are left out. */
enum status context_session_list(struct context_reading *self,
    const Forge__SessionListRequest *request, Forge__SessionListReply *reply) MUST_CHECK;
