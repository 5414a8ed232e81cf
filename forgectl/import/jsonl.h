/* jsonl: a source of one JSON object a line. */
#pragma once

#include <stdio.h>

#include "forgectl/import/source.h"

/* With is_owned set the file is closed at the end; else it is the caller's. name is borrowed, for
 * messages. total_bytes: 0 when it is not known. */
struct import_source *jsonl_source_create(
    FILE *file, bool is_owned, const char *name, uint64_t total_bytes);
