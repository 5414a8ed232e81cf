#include "forgectl/import/jsonl.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "forgectl/import/lines.h"
#include "forgectl/import/record.h"

/* A line's texts are unescaped into it, and cannot be longer than the line. */
enum { ARENA_MAX = 4 * LINES_LINE_MAX };

struct jsonl_source {
    struct import_source base;
    FILE *file;
    bool is_owned;
    const char *name;
    struct lines lines;
    struct arena arena;
};

static void
jsonl_destroy(struct import_source *base)
{
    struct jsonl_source *self = (struct jsonl_source *)base;
    lines_release(&self->lines);
    arena_release(&self->arena);
    if (self->is_owned)
        (void)fclose(self->file);
    free(self);
}

static struct text
without_mark(struct text line, size_t number)
{
    if (number == 1 && text_starts_with(line, TEXT("\xef\xbb\xbf")))
        return text_from(line.data + 3, line.length - 3);
    return line;
}

static enum status
jsonl_next(struct import_source *base, struct import_entry *entry, struct problem *problem)
{
    struct jsonl_source *self = (struct jsonl_source *)base;
    for (;;) {
        struct text line = {NULL, 0};
        enum status status = lines_next(&self->lines, &line);
        base->done_bytes = self->lines.done_bytes;
        *entry = (struct import_entry){.file = text_of(self->name), .line = self->lines.number};
        if (status == STATUS_OUT_OF_RANGE) {
            problem_set(problem, "the line is longer than %d MiB", LINES_LINE_MAX >> 20);
            return STATUS_INVALID_ARGUMENT;
        }
        if (status != STATUS_OK) {
            problem_set(problem, "cannot read it");
            return status;
        }
        line = text_trim(without_mark(line, self->lines.number));
        if (line.length == 0)
            continue;
        arena_reset(&self->arena);
        return import_record_read(line, &self->arena, entry, problem);
    }
}

struct import_source *
jsonl_source_create(FILE *file, bool is_owned, const char *name, uint64_t total_bytes)
{
    struct jsonl_source *self = memory_new(sizeof(*self));
    self->base = (struct import_source){
        .next = jsonl_next, .destroy = jsonl_destroy, .total_bytes = total_bytes};
    self->file = file;
    self->is_owned = is_owned;
    self->name = name;
    lines_init(&self->lines, self->file);
    arena_init(&self->arena, ARENA_MAX);
    return &self->base;
}
