/* graph: a source that reads the file of the official memory server.
 *
 * An entity with its observations becomes an entry titled by its name, its type the kind; relations
 * are written into the text of the entity that they start from. A relation from nowhere becomes an
 * entry of its own, so nothing is lost.
 */
#pragma once

#include <stdio.h>

#include "forgectl/import/source.h"

/* The file is taken and must be one that can be read twice. OK, or what reading the relations met.
 */
enum status graph_source_create(FILE **file_p, const char *name, uint64_t total_bytes,
    struct import_source **self_p, struct problem *problem) MUST_CHECK;
