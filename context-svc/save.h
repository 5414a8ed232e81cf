/* save: a new entry, or what it adds to one of the same text. */
#pragma once

#include "context-svc/write.h"

/* The reply borrows from the write's arena. `link` (or NULL) goes with a new entry. */
enum status context_save_entry(struct context_write *self, const Forge__SaveRequest *request,
    Forge__Link *link, Forge__SaveReply *reply) MUST_CHECK;

/* Only the checks; for several saves that are to succeed together. */
enum status context_save_check(
    struct context_write *self, const Forge__SaveRequest *request) MUST_CHECK;
