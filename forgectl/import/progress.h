/* progress: how far an import is, on standard error.
 *
 * A bar that redraws itself on a terminal; else a line every ten seconds; nothing when quiet.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct import_counts {
    uint64_t created;
    uint64_t merged;
    uint64_t unchanged;
    uint64_t skipped; /* without text */
    uint64_t failed;
};

uint64_t import_counts_done(const struct import_counts *self);

struct progress {
    FILE *err;
    const char *name; /* borrowed */
    bool is_tty;
    bool is_quiet;
    bool is_drawn;
    int64_t started_ms;
    int64_t shown_ms;
};

void progress_init(struct progress *self, FILE *err, const char *name, bool is_tty, bool is_quiet);

/* Shows it when it is time. total 0: not known. */
void progress_show(
    struct progress *self, uint64_t done, uint64_t total, const struct import_counts *counts);

/* Clears the bar, so that other words can be written. */
void progress_clear(struct progress *self);
