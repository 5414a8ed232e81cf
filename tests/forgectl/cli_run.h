/* cli_run: forgectl run inside the test, with what it printed. */
#pragma once

#include <stddef.h>

#include "common/base/text.h"

struct cli_result {
    int code;
    char *out;
    char *err;
};

/* words: the command line after "forgectl", ending in NULL. input: standard input; NULL: empty. */
struct cli_result cli_run(const char *const *words, const char *input);
void cli_result_release(struct cli_result *self);
