#include "forgectl/cli/output.h"

#include "common/base/memory.h"
#include "forgectl/cli/table.h"
#include "forgectl/cli/tree.h"
#include "forgectl/cli/view.h"

enum { CELLS_MAX_BYTES = 64 << 20 };

static void
print_line(FILE *out, struct text raw)
{
    (void)fwrite(raw.data, 1, raw.length, out);
    (void)fputc('\n', out);
}

static void
print_table(const struct cli *cli, struct text list, const struct output_column *columns,
    size_t column_count)
{
    CLEANUP(memory_free) const char **headings = memory_array(column_count, sizeof(*headings));
    for (size_t i = 0; i < column_count; i++)
        headings[i] = columns[i].heading;
    CLEANUP(table_destroy) struct table *table = table_create(headings, column_count);
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, CELLS_MAX_BYTES);
    struct view_walk walk;
    view_walk_begin(&walk, list);
    while (view_walk_next(&walk)) {
        arena_reset(&arena);
        for (size_t i = 0; i < column_count; i++)
            table_add(table, view_display(view_member(walk.value, columns[i].path), &arena));
    }
    table_print(table, cli);
}

static void
print_values(const struct cli *cli, struct text list, const char *path)
{
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, CELLS_MAX_BYTES);
    struct view_walk walk;
    view_walk_begin(&walk, list);
    while (view_walk_next(&walk)) {
        arena_reset(&arena);
        print_line(cli->out, view_display(view_member(walk.value, path), &arena));
    }
}

void
output_list(const struct cli *cli, struct text answer, struct text list,
    const struct output_column *columns, size_t column_count)
{
    struct view_walk walk;
    switch (cli->format) {
    case CLI_JSON: print_line(cli->out, answer); break;
    case CLI_JSONL:
        view_walk_begin(&walk, list);
        while (view_walk_next(&walk))
            print_line(cli->out, walk.value);
        break;
    case CLI_VALUE: print_values(cli, list, "id"); break;
    case CLI_TABLE: print_table(cli, list, columns, column_count); break;
    }
}

void
output_object(const struct cli *cli, struct text answer, const char *value_path)
{
    if (cli->format == CLI_JSON || cli->format == CLI_JSONL) {
        print_line(cli->out, answer);
        return;
    }
    if (cli->format == CLI_TABLE) {
        tree_print(cli, answer);
        return;
    }
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, CELLS_MAX_BYTES);
    print_line(cli->out, view_display(view_member(answer, value_path), &arena));
}
