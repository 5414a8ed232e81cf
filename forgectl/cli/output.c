#include "forgectl/cli/output.h"

#include "common/base/memory.h"
#include "forgectl/cli/safe_text.h"
#include "forgectl/cli/table.h"
#include "forgectl/cli/view.h"

enum { TREE_DEPTH_MAX = 8, CELLS_MAX_BYTES = 64 << 20 };

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

static bool
is_branch(struct text raw)
{
    enum json_type type = view_type(raw);
    if (type == JSON_OBJECT)
        return true;
    if (type != JSON_ARRAY)
        return false;
    struct view_walk walk;
    view_walk_begin(&walk, raw);
    return view_walk_next(&walk) && is_branch(walk.value);
}

static void
print_leaf(const struct cli *cli, unsigned depth, struct text key, struct text raw)
{
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, CELLS_MAX_BYTES);
    CLEANUP(buffer_release) struct buffer line = {0};
    struct text value = view_display(raw, &arena);
    safe_text_add(&line, key, SAFE_TEXT_LINE);
    if (cli->out_is_tty && line.length < 24)
        buffer_format(&line, ":%*s", (int)(24 - line.length), "");
    else
        buffer_format(&line, "%s", cli->out_is_tty ? ": " : "\t");
    safe_text_add(&line, value, SAFE_TEXT_LINE);
    (void)fprintf(cli->out, "%*s%.*s\n", (int)depth * 2, "", TEXT_FORMAT(buffer_text(&line)));
}

/* Two functions call each other, as deep as TREE_DEPTH_MAX. */
static void print_tree(const struct cli *cli, unsigned depth, struct text raw);

static void
print_branch(const struct cli *cli, unsigned depth, struct text key, struct text raw)
{
    CLEANUP(buffer_release) struct buffer name = {0};
    safe_text_add(&name, key, SAFE_TEXT_LINE);
    (void)fprintf(cli->out, "%*s%.*s:\n", (int)depth * 2, "", TEXT_FORMAT(buffer_text(&name)));
    print_tree(cli, depth + 1, raw);
}

static void
print_tree(const struct cli *cli, unsigned depth, struct text raw)
{
    struct view_walk walk;
    view_walk_begin(&walk, raw);
    bool first = true;
    while (view_walk_next(&walk)) {
        struct text key = walk.is_object ? walk.key : TEXT("-");
        if (!walk.is_object && !first && depth > 0)
            (void)fputc('\n', cli->out);
        first = false;
        if (!walk.is_object && is_branch(walk.value))
            print_tree(cli, depth, walk.value);
        else if (depth < TREE_DEPTH_MAX && is_branch(walk.value))
            print_branch(cli, depth, key, walk.value);
        else
            print_leaf(cli, depth, key, walk.value);
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
        print_tree(cli, 0, answer);
        return;
    }
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, CELLS_MAX_BYTES);
    print_line(cli->out, view_display(view_member(answer, value_path), &arena));
}
