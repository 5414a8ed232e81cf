#include "forgectl/cli/table.h"

#include <stdlib.h>
#include <sys/ioctl.h>

#include "common/base/memory.h"
#include "forgectl/cli/safe_text.h"

enum { GAP = 2, COLUMN_MAX = 44, LAST_COLUMN_MIN = 20, TERMINAL_COLUMNS = 80 };

struct table {
    const char *const *headings;
    size_t column_count;
    char **cells;
    size_t cell_count;
};

struct table *
table_create(const char *const *headings, size_t column_count)
{
    struct table *self = memory_new(sizeof(*self));
    self->headings = headings;
    self->column_count = column_count;
    return self;
}

void
table_destroy(struct table **self_p)
{
    struct table *self = TAKE(*self_p);
    if (self == NULL)
        return;
    for (size_t i = 0; i < self->cell_count; i++)
        free(self->cells[i]);
    free(self->cells);
    free(self);
}

void
table_add(struct table *self, struct text cell)
{
    CLEANUP(buffer_release) struct buffer safe = {0};
    safe_text_add(&safe, cell, SAFE_TEXT_LINE);
    self->cells = memory_resize(self->cells, (self->cell_count + 1) * sizeof(*self->cells));
    self->cells[self->cell_count++] = text_copy(buffer_text(&safe));
}

static void
print_plain(const struct table *self, FILE *out)
{
    for (size_t i = 0; i < self->cell_count; i++)
        (void)fprintf(out, "%s%c", self->cells[i], (i + 1) % self->column_count == 0 ? '\n' : '\t');
}

static size_t
column_width(const struct table *self, size_t column)
{
    size_t width = safe_text_width(text_of(self->headings[column]));
    for (size_t i = column; i < self->cell_count; i += self->column_count) {
        size_t cell = safe_text_width(text_of(self->cells[i]));
        width = cell > width ? cell : width;
    }
    return width < COLUMN_MAX ? width : COLUMN_MAX;
}

static size_t
terminal_columns(FILE *out)
{
    struct winsize size = {0};
    if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return TERMINAL_COLUMNS;
}

/* What does not fit ends in an ellipsis. */
static void
print_cell(FILE *out, struct text cell, size_t width, bool is_last)
{
    bool is_cut = safe_text_width(cell) > width;
    struct text shown = is_cut ? safe_text_fit(cell, width - 1) : cell;
    (void)fprintf(out, "%.*s%s", TEXT_FORMAT(shown), is_cut ? "\xe2\x80\xa6" : "");
    size_t used = safe_text_width(shown) + (is_cut ? 1 : 0);
    if (!is_last)
        (void)fprintf(out, "%*s", (int)(width - used + GAP), "");
}

static void
print_aligned(const struct table *self, const struct cli *cli, size_t indent)
{
    CLEANUP(memory_free) size_t *widths = memory_array(self->column_count, sizeof(*widths));
    size_t last = self->column_count - 1;
    size_t used = indent;
    for (size_t i = 0; i < last; i++) {
        widths[i] = column_width(self, i);
        used += widths[i] + GAP;
    }
    size_t columns = terminal_columns(cli->out);
    widths[last] = columns > used + LAST_COLUMN_MIN ? columns - used : LAST_COLUMN_MIN;
    if (cli->color)
        (void)fputs("\033[1m", cli->out);
    (void)fprintf(cli->out, "%*s", (int)indent, "");
    for (size_t i = 0; i <= last; i++)
        print_cell(cli->out, text_of(self->headings[i]), widths[i], i == last);
    (void)fputs(cli->color ? "\033[0m\n" : "\n", cli->out);
    for (size_t i = 0; i < self->cell_count; i++) {
        size_t column = i % self->column_count;
        if (column == 0)
            (void)fprintf(cli->out, "%*s", (int)indent, "");
        print_cell(cli->out, text_of(self->cells[i]), widths[column], column == last);
        if (column == last)
            (void)fputc('\n', cli->out);
    }
}

void
table_print_indented(const struct table *self, const struct cli *cli, size_t indent)
{
    if (cli->out_is_tty)
        print_aligned(self, cli, indent);
    else
        print_plain(self, cli->out);
}

void
table_print(const struct table *self, const struct cli *cli)
{
    table_print_indented(self, cli, 0);
}
