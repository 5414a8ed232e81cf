/* counts: how many entries a tenant and its projects hold, kept in the store with the entries. */
#pragma once

#include "context-svc/write.h"

/* Stage the change of a count; damage spoils the group. */
void context_counts_add(struct context_write *self, int entries, int sessions);
/* Private entries are counted apart, for their author alone; a project whose count is nothing has
 * no row, so it is not listed. */
void context_counts_add_project(struct context_write *self, const Forge__Entry *entry, int change);
