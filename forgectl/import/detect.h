/* detect: what kind of source a path is, and opening it. */
#pragma once

#include <stdio.h>

#include "forgectl/import/source.h"

/* format: "auto", "jsonl", "markdown" or "memory". path: a folder, a file, or "-" for standard
 * input (JSONL alone). NOT_FOUND: no such file; INVALID_ARGUMENT: it is none of what we read; both
 * with words. The path is borrowed while the source lives. */
enum status import_source_open(const char *path, const char *format, FILE *input,
    struct import_source **self_p, struct problem *problem) MUST_CHECK;
