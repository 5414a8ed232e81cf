/* search: the best entries for a query, checked against the store.
 *
 * The index finds and scores; a hit whose entry is gone, expired or not the asker's to see is
 * dropped here. Each hit brings the part of its text where the words stand.
 */
#pragma once

#include "context-svc/reading.h"

/* `searched` gets the best results, for the relevance figure. */
enum status context_search_entries(struct context_reading *self,
    const Forge__SearchRequest *request, Forge__SearchReply *reply,
    struct note_searched *searched) MUST_CHECK;
