/* update: the next version of an entry, its history kept. */
#pragma once

#include "context-svc/write.h"

enum status context_update_entry(struct context_write *self, const Forge__UpdateRequest *request,
    Forge__UpdateReply *reply) MUST_CHECK;
