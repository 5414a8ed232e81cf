/* verb: one thing forgectl can do; a row of the table from which help and reading come. */
#pragma once

#include <stddef.h>

#include "forgectl/cli/cli.h"

struct verb {
    const char *name;      /* "status", "context save" */
    const char *arguments; /* "[TEXT]"; "" for none */
    const char *purpose;   /* one line, lower case */
    const char *details;   /* more lines for its own help, or NULL */
    const struct option_row *options;
    size_t option_count;
    size_t arguments_min;
    size_t arguments_max;
    int (*run)(struct cli *cli); /* gives an exit code */
};

/* The verb that words[0] and words[1] name (words of one or two), and how many words that took;
 * NULL when there is none. */
const struct verb *verb_find(const struct verb *verbs, size_t count, const char *const *words,
    size_t word_count, size_t *taken);
