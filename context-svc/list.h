/* list: entries newest first, and the earlier versions of one. */
#pragma once

#include "context-svc/reading.h"

enum status context_list_entries(struct context_reading *self, const Forge__ListRequest *request,
    Forge__ListReply *reply) MUST_CHECK;

/* Contents are left out where they would make the reply larger than a megabyte. */
enum status context_list_history(struct context_reading *self, const Forge__HistoryRequest *request,
    Forge__HistoryReply *reply) MUST_CHECK;
