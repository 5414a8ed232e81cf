#include "forgectl/cli/tree.h"

#include <string.h>

#include "forgectl/cli/safe_text.h"
#include "forgectl/cli/table.h"
#include "forgectl/cli/view.h"

enum { COLUMNS_MAX = 8, DEPTH_MAX = 12, NAME_COLUMNS = 22, VALUES_MAX_BYTES = 64 << 20 };

/* True when there are members that hold members. */
static bool
is_branch(struct text raw)
{
    enum json_type type = view_type(raw);
    if (type != JSON_OBJECT && type != JSON_ARRAY)
        return false;
    struct view_walk walk;
    view_walk_begin(&walk, raw);
    bool any = view_walk_next(&walk);
    return type == JSON_OBJECT ? any : any && view_type(walk.value) == JSON_OBJECT;
}

/* True when all members are objects, so that they can be rows. */
static bool
is_table(struct text raw)
{
    struct view_walk walk;
    view_walk_begin(&walk, raw);
    size_t count = 0;
    for (; view_walk_next(&walk); count++)
        if (view_type(walk.value) != JSON_OBJECT)
            return false;
    return count > 0;
}

/* Not worth a line on a terminal. */
static bool
is_nothing(struct text raw)
{
    return text_is(raw, "null") || text_is(raw, "[]") || text_is(raw, "{}") || text_is(raw, "\"\"");
}

struct columns {
    struct arena arena;
    const char *names[COLUMNS_MAX + 1];
    const char *headings[COLUMNS_MAX + 1];
    size_t count;
    bool has_key; /* the first column is the row's own name */
};

static const char *
heading_of(struct arena *arena, struct text key)
{
    char *heading = arena_copy(arena, key);
    for (char *at = heading; *at != '\0'; at++)
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
    return heading;
}

static void
add_column(struct columns *self, struct text key)
{
    for (size_t i = 0; i < self->count; i++)
        if (text_is(key, self->names[i]))
            return;
    if (self->count > COLUMNS_MAX || memchr(key.data, '.', key.length) != NULL)
        return;
    self->names[self->count] = arena_copy(&self->arena, key);
    self->headings[self->count++] = heading_of(&self->arena, key);
}

/* Values that are no branches, of all rows, in the order in which they are met. */
static void
find_columns(struct columns *self, struct text rows)
{
    struct view_walk row;
    view_walk_begin(&row, rows);
    self->has_key = row.is_object;
    if (self->has_key) {
        self->names[0] = "";
        self->headings[0] = "NAME";
        self->count = 1;
    }
    while (view_walk_next(&row)) {
        struct view_walk cell;
        view_walk_begin(&cell, row.value);
        while (view_walk_next(&cell))
            if (!is_branch(cell.value))
                add_column(self, cell.key);
    }
}

static void
print_rows(const struct cli *cli, unsigned depth, struct text rows)
{
    struct columns columns = {.count = 0};
    arena_init(&columns.arena, VALUES_MAX_BYTES);
    find_columns(&columns, rows);
    CLEANUP(table_destroy) struct table *table = table_create(columns.headings, columns.count);
    struct view_walk row;
    view_walk_begin(&row, rows);
    while (view_walk_next(&row))
        for (size_t i = 0; i < columns.count; i++) {
            bool is_key = i == 0 && columns.has_key;
            table_add(table,
                is_key ? row.key
                       : view_display(view_member(row.value, columns.names[i]), &columns.arena));
        }
    if (columns.count > 0)
        table_print_indented(table, cli, 2 * (size_t)depth);
    arena_release(&columns.arena);
}

static void
print_leaf(const struct cli *cli, unsigned depth, struct text key, struct text raw)
{
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, VALUES_MAX_BYTES);
    CLEANUP(buffer_release) struct buffer line = {0};
    safe_text_add(&line, key, SAFE_TEXT_LINE);
    size_t width = safe_text_width(buffer_text(&line));
    buffer_format(&line, ":%*s", width < NAME_COLUMNS ? (int)(NAME_COLUMNS - width) : 1, "");
    safe_text_add(&line, view_display(raw, &arena), SAFE_TEXT_LINE);
    (void)fprintf(cli->out, "%*s%.*s\n", (int)depth * 2, "", TEXT_FORMAT(buffer_text(&line)));
}

static void
print_members(const struct cli *cli, unsigned depth, struct text object)
{
    struct view_walk walk;
    view_walk_begin(&walk, object);
    while (view_walk_next(&walk)) {
        if (is_nothing(walk.value))
            continue;
        if (!is_branch(walk.value)) {
            print_leaf(cli, depth, walk.key, walk.value);
            continue;
        }
        CLEANUP(buffer_release) struct buffer name = {0};
        safe_text_add(&name, walk.key, SAFE_TEXT_LINE);
        (void)fprintf(cli->out, "%*s%.*s:\n", (int)depth * 2, "", TEXT_FORMAT(buffer_text(&name)));
        if (is_table(walk.value))
            print_rows(cli, depth + 1, walk.value);
        else if (depth < DEPTH_MAX)
            print_members(cli, depth + 1, walk.value);
    }
}

static void
print_path(const struct cli *cli, struct text path, struct text raw)
{
    CLEANUP(arena_release) struct arena arena;
    arena_init(&arena, VALUES_MAX_BYTES);
    CLEANUP(buffer_release) struct buffer value = {0};
    safe_text_add(&value, view_display(raw, &arena), SAFE_TEXT_LINE);
    (void)fprintf(cli->out, "%.*s\t%.*s\n", TEXT_FORMAT(path), TEXT_FORMAT(buffer_text(&value)));
}

static void
print_paths(const struct cli *cli, unsigned depth, struct buffer *path, struct text branch)
{
    struct view_walk walk;
    view_walk_begin(&walk, branch);
    size_t length = path->length;
    for (size_t i = 0; view_walk_next(&walk); i++) {
        path->length = length;
        if (length > 0)
            buffer_add_byte(path, '.');
        if (walk.is_object)
            safe_text_add(path, walk.key, SAFE_TEXT_LINE);
        else
            buffer_format(path, "%zu", i);
        if (depth < DEPTH_MAX && is_branch(walk.value))
            print_paths(cli, depth + 1, path, walk.value);
        else
            print_path(cli, buffer_text(path), walk.value);
    }
    path->length = length;
}

void
tree_print(const struct cli *cli, struct text object)
{
    if (cli->out_is_tty) {
        print_members(cli, 0, object);
        return;
    }
    CLEANUP(buffer_release) struct buffer path = {0};
    print_paths(cli, 0, &path, object);
}
