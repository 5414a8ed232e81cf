#include "forgectl/verbs/arguments.h"

static void
write_list(const struct cli *cli, const struct argument_row *row, struct json_writer *writer)
{
    const char *const *items = NULL;
    size_t count = options_list(cli->options, row->option, &items);
    if (count == 0)
        return;
    json_write_key(writer, row->member);
    json_write_array_begin(writer);
    for (size_t i = 0; i < count; i++)
        json_write_string(writer, items[i]);
    json_write_array_end(writer);
}

static void
write_value(const struct cli *cli, const struct argument_row *row, struct json_writer *writer)
{
    const char *value = options_text(cli->options, row->option);
    if (value == NULL)
        return;
    json_write_key(writer, row->member);
    if (row->form == ARGUMENT_AS_TEXT)
        json_write_string(writer, value);
    else if (row->form == ARGUMENT_AS_NUMBER)
        json_write_integer(writer, options_integer(cli->options, row->option));
    else
        json_write_boolean(writer, true);
}

void
arguments_write(const struct cli *cli, const struct argument_row *rows, size_t count,
    struct json_writer *writer)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].form == ARGUMENT_AS_LIST)
            write_list(cli, &rows[i], writer);
        else
            write_value(cli, &rows[i], writer);
    }
}
