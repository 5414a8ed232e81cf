/* filter: which entries a list or a search is about; checked once, then asked of many rows. */
#pragma once

#include "records.pb-c.h"

#include "context-svc/reading.h"

/* Borrowed from the request. Empty fields let everything pass. */
struct context_filter {
    char *project;
    char **kinds;
    size_t kind_count;
    char **tags; /* all of them */
    size_t tag_count;
    int scope;
    char *author;
    int64_t since_ms;
};

enum status context_filter_check(
    const struct context_filter *self, struct problem *problem) MUST_CHECK;
bool context_filter_passes_card(const struct context_filter *self, const Context__Card *card);
bool context_filter_passes_entry(const struct context_filter *self, const Forge__Entry *entry);
