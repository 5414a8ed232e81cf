/* runner: carries entries from a source to the gateway, many at a time.
 *
 * Several saves are in flight so that the service commits them together. A save that meets a busy
 * or restarting service is sent again under the same idempotency key; one that is refused is
 * counted and told, and the rest goes on. Memory is bounded by the number in flight.
 */
#pragma once

#include <signal.h>

#include "forgectl/cli/cli.h"
#include "forgectl/import/progress.h"
#include "forgectl/import/source.h"

enum { IMPORT_IN_FLIGHT_MAX = 64 };

struct import_options {
    unsigned in_flight; /* 1 to IMPORT_IN_FLIGHT_MAX */
    bool is_dry_run;    /* reads all and sends nothing */
    /* For entries that name none; NULL: none. */
    const char *project;
    const char *scope;
    const char *kind;
    const char *const *tags; /* added to all */
    size_t tag_count;
    const volatile sig_atomic_t *interrupted; /* not 0: read no more, end what is in flight */
};

/* CLI_OK, CLI_PARTIAL, CLI_INTERRUPTED, or why it had to stop; what went wrong was told. */
int import_run(struct cli *cli, struct import_source *source, const char *name,
    const struct import_options *options, struct import_counts *counts);
