/* folder: a source of Markdown files, one or a whole tree of them.
 *
 * Files end in .md or .markdown and come in the order of their names; names that begin with a dot,
 * node_modules and symbolic links are passed over. The path below the folder becomes the tag
 * "file:…". A file too long for an entry becomes several.
 */
#pragma once

#include "forgectl/import/source.h"

/* path: a folder or a file. UNAVAILABLE with words when it cannot be read. */
enum status folder_source_create(
    const char *path, struct import_source **self_p, struct problem *problem) MUST_CHECK;
