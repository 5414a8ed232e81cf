/* front_matter: the YAML block at the head of a Markdown file. */
#pragma once

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/text.h"
#include "forgectl/import/entry.h"

/* Fills the entry from a block between two "---" lines at the very start, and gives the text after
 * it. Without such a block, or when it is no YAML mapping, the entry stays as it is and the body is
 * the whole document. Names are those of member.h; what does not fit is passed over. The entry
 * borrows from the arena. */
struct text front_matter_read(
    struct text document, struct arena *arena, struct import_entry *entry);
