/* cli: one run of forgectl: what was asked for, and where the answer goes.
 *
 * Data goes to `out`, everything said to a person to `err`. Everything here is borrowed from the
 * run (verbs/run.c), which fills it before a verb starts.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "forgectl/cli/options.h"

/* What a script may rely on; a code it does not know is a failure. */
enum cli_exit {
    CLI_OK = 0,
    CLI_BAD = 1,          /* what was checked is not well */
    CLI_USAGE = 2,        /* the command line or an argument is wrong */
    CLI_PARTIAL = 3,      /* some of it was done */
    CLI_NOT_FOUND = 5,    /* no such entry, backup or file */
    CLI_BUSY = 6,         /* held by another or changed meanwhile; try again */
    CLI_DAMAGED = 8,      /* damaged data was found */
    CLI_UNREACHABLE = 69, /* no answer, or not in time */
    CLI_INTERNAL = 70,    /* a fault of the other side or ours */
    CLI_TEMPORARY = 75,   /* refused for now; try again later */
    CLI_DENIED = 77,      /* the token is missing, wrong or not enough */
    CLI_CONFIG = 78,      /* a file of settings is wrong */
    CLI_INTERRUPTED = 130,
};

enum cli_format { CLI_TABLE, CLI_JSON, CLI_JSONL, CLI_VALUE };

struct verb;

struct cli {
    FILE *in;
    FILE *out;
    FILE *err;
    bool out_is_tty;
    bool err_is_tty;
    bool color; /* of out */
    bool quiet;
    bool yes;
    enum cli_format format;
    int64_t timeout_ms;
    const char *url;
    const char *token; /* NULL: none */
    const struct options *options;
    const struct verb *verb;
    const struct verb *verbs; /* all of them, for help */
    size_t verb_count;
};

/* Tells the person what went wrong and what to do, and gives back `code`. `name` is the error's
 * word for scripts ("unreachable"); `hint` may be NULL. With -o json it is one JSON object. */
int cli_fail(struct cli *cli, int code, const char *name, const char *hint, const char *format, ...)
    PRINTF_LIKE(5, 6);

/* A wrong command line. */
int cli_usage(struct cli *cli, const char *words);

/* A remark on `err`; nothing with --quiet. */
void cli_note(struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);

/* The word that goes with an exit code ("not-found"). */
const char *cli_exit_name(int code);
