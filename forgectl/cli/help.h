/* help: what forgectl can do, printed from the tables. */
#pragma once

#include "forgectl/cli/verb.h"

/* All verbs, the options that every verb takes, and the exit codes. */
void help_print_all(FILE *out, const struct verb *verbs, size_t verb_count,
    const struct option_row *options, size_t option_count);

/* One verb with its options. */
void help_print_verb(FILE *out, const struct verb *verb);

/* The verbs that begin with `word` ("context"); false when there are none. */
bool help_print_group(FILE *out, const struct verb *verbs, size_t verb_count, const char *word);
