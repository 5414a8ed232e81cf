/* arguments: options of a verb become members of a tool's arguments, by a table. */
#pragma once

#include "common/json/writer.h"
#include "forgectl/cli/cli.h"

enum argument_form { ARGUMENT_AS_TEXT, ARGUMENT_AS_LIST, ARGUMENT_AS_NUMBER, ARGUMENT_AS_FLAG };

struct argument_row {
    const char *option; /* "tag" */
    const char *member; /* "tags" */
    enum argument_form form;
};

/* Writes the members whose options have a value, into an object that is open. */
void arguments_write(const struct cli *cli, const struct argument_row *rows, size_t count,
    struct json_writer *writer);
