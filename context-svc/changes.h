/* changes: the change log, a page at a time. Titles are looked up when they are read, so what was
 * forgotten has none; changes of private entries are told to their author alone. */
#pragma once

#include "context-svc/reading.h"

/* OK with an empty page: nothing newer for this asker; last_sequence then is the view's. */
enum status context_changes_page(struct context_reading *self, const Forge__ChangesRequest *request,
    Forge__ChangesReply *reply) MUST_CHECK;
