/* table: rows for a person on a terminal, tab-separated rows for a pipe.
 *
 * On a terminal the columns are aligned under headings and the last one is cut to what fits; in a
 * pipe there are no headings, and a cell never holds a tab or a line end.
 */
#pragma once

#include <stddef.h>

#include "common/base/text.h"
#include "forgectl/cli/cli.h"

struct table;

/* headings: a literal a column, borrowed. */
struct table *table_create(const char *const *headings, size_t column_count);
void table_destroy(struct table **self_p);

/* One cell after the other, row by row; the text is copied and made safe for a terminal. */
void table_add(struct table *self, struct text cell);

/* `indent` blanks before each line. */
void table_print_indented(const struct table *self, const struct cli *cli, size_t indent);

void table_print(const struct table *self, const struct cli *cli);
