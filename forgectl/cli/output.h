/* output: an answer in the form that -o asked for. */
#pragma once

#include "common/base/text.h"
#include "forgectl/cli/cli.h"

struct output_column {
    const char *path; /* in an element: "id", "entry.title" */
    const char *heading;
};

/* A list of objects. json: `answer` whole; jsonl: one element a line; value: the id, a line each;
 * table: the columns. The answer and the list are raw JSON. */
void output_list(const struct cli *cli, struct text answer, struct text list,
    const struct output_column *columns, size_t column_count);

/* One object. json and jsonl: one line; value: what `value_path` names; table: every member
 * (tree.h). */
void output_object(const struct cli *cli, struct text answer, const char *value_path);
