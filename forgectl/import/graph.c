#include "forgectl/import/graph.h"

#include <errno.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "common/json/reader.h"
#include "forgectl/import/lines.h"
#include "forgectl/import/record.h"
#include "forgectl/import/relations.h"

enum { ARENA_MAX = 4 * LINES_LINE_MAX, RELATIONS_MAX = 256 << 20 };

struct graph_source {
    struct import_source base;
    FILE *file;
    const char *name;
    struct lines lines;
    struct arena arena;
    struct relations relations;
    struct buffer observations; /* of the line that was read last, a line each */
    struct buffer content;
    char kind[IMPORT_KIND_MAX + 1];
    size_t unused_at;
};

/* One line of the file; what it does not have is empty. */
struct graph_line {
    struct text type;
    struct text name;
    struct text entity_type;
    struct text from;
    struct text to;
    struct text relation_type;
};

static void
graph_destroy(struct import_source *base)
{
    struct graph_source *self = (struct graph_source *)base;
    lines_release(&self->lines);
    arena_release(&self->arena);
    relations_release(&self->relations);
    buffer_release(&self->observations);
    buffer_release(&self->content);
    (void)fclose(self->file);
    free(self);
}

static struct text *
field_of(struct graph_line *line, struct text key)
{
    const struct {
        const char *name;
        struct text *field;
    } fields[] = {
        {"type", &line->type},
        {"name", &line->name},
        {"entityType", &line->entity_type},
        {"from", &line->from},
        {"to", &line->to},
        {"relationType", &line->relation_type},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (text_is(key, fields[i].name))
            return fields[i].field;
    return NULL;
}

static void
read_observations(struct json_reader *reader, struct arena *arena, struct buffer *content)
{
    if (!json_array_begin(reader))
        return;
    while (json_array_next(reader)) {
        struct text observation = {NULL, 0};
        if (json_read_string(reader, arena, &observation))
            buffer_format(content, "- %.*s\n", TEXT_FORMAT(observation));
    }
}

/* Reads a line; its observations go to `content` as lines. */
static enum status
read_line(struct text text, struct arena *arena, struct graph_line *line, struct buffer *content,
    struct problem *problem)
{
    *line = (struct graph_line){0};
    struct json_reader reader;
    json_reader_init(&reader, text);
    struct text key;
    if (json_object_begin(&reader))
        while (json_object_next(&reader, &key)) {
            struct text *field = field_of(line, key);
            if (field != NULL)
                (void)json_read_string(&reader, arena, field);
            else if (text_is(key, "observations"))
                read_observations(&reader, arena, content);
            else
                (void)json_skip(&reader);
        }
    if (json_reader_end(&reader))
        return STATUS_OK;
    problem_set(
        problem, "%s (byte %zu)", json_reader_problem(&reader), json_reader_offset(&reader) + 1);
    return STATUS_INVALID_ARGUMENT;
}

static bool
is_relation(const struct graph_line *line)
{
    return text_is(line->type, "relation") && line->from.length > 0 && line->to.length > 0 &&
           line->relation_type.length > 0;
}

static enum status
collect_relations(struct graph_source *self, struct problem *problem)
{
    CLEANUP(lines_release) struct lines lines;
    lines_init(&lines, self->file);
    struct text text = {NULL, 0};
    enum status status = STATUS_OK;
    while ((status = lines_next(&lines, &text)) != STATUS_NOT_FOUND) {
        struct graph_line line;
        struct problem ignored;
        if (status == STATUS_UNAVAILABLE) {
            problem_set(problem, "cannot read %.150s: %s", self->name, strerror(errno));
            return status;
        }
        arena_reset(&self->arena);
        buffer_clear(&self->observations);
        /* What is wrong with a line is told when the entries are read. */
        if (status != STATUS_OK ||
            read_line(text, &self->arena, &line, &self->observations, &ignored) != STATUS_OK ||
            !is_relation(&line))
            continue;
        if (!relations_add(&self->relations, line.from, line.relation_type, line.to)) {
            problem_set(problem, "%.150s holds more relations than fit into %d MiB", self->name,
                RELATIONS_MAX >> 20);
            return STATUS_OUT_OF_RANGE;
        }
    }
    relations_sort(&self->relations);
    rewind(self->file);
    return STATUS_OK;
}

/* The content begins with what it is about, so that it reads well alone. */
static enum status
write_entity(struct graph_source *self, const struct graph_line *line, struct import_entry *entry,
    struct problem *problem)
{
    struct buffer *content = &self->content;
    buffer_clear(content);
    buffer_format(content, "%.*s", TEXT_FORMAT(line->name));
    if (line->entity_type.length > 0)
        buffer_format(content, " (%.*s)", TEXT_FORMAT(line->entity_type));
    buffer_add_byte(content, '\n');
    buffer_add_text(content, buffer_text(&self->observations));
    size_t before = content->length;
    buffer_add_text(content, TEXT("Relations:\n"));
    if (!relations_write(&self->relations, line->name, content))
        content->length = before;
    entry->content = buffer_text(content);
    entry->title = line->name;
    import_entry_set_kind(entry, line->entity_type, self->kind);
    import_entry_add_tag(entry, TEXT("server-memory"));
    return import_record_check(entry, problem);
}

/* NOT_FOUND: the line is no entry; go on. */
static enum status
use_line(struct graph_source *self, struct text text, struct import_entry *entry,
    struct problem *problem)
{
    struct graph_line line;
    arena_reset(&self->arena);
    buffer_clear(&self->observations);
    if (read_line(text, &self->arena, &line, &self->observations, problem) != STATUS_OK)
        return STATUS_INVALID_ARGUMENT;
    if (is_relation(&line))
        return STATUS_NOT_FOUND;
    if (text_is(line.type, "entity") && line.name.length > 0)
        return write_entity(self, &line, entry, problem);
    problem_set(problem, "neither an entity with a name nor a relation with from, to and type");
    return STATUS_INVALID_ARGUMENT;
}

/* Relations whose start is no entity of the file. */
static enum status
next_unused(struct graph_source *self, struct import_entry *entry, struct problem *problem)
{
    const struct relation *relation = relations_unused(&self->relations, &self->unused_at);
    if (relation == NULL)
        return STATUS_NOT_FOUND;
    struct graph_line line = {.name = relation->from};
    *entry = (struct import_entry){.file = text_of(self->name)};
    buffer_clear(&self->observations);
    return write_entity(self, &line, entry, problem);
}

static enum status
graph_next(struct import_source *base, struct import_entry *entry, struct problem *problem)
{
    struct graph_source *self = (struct graph_source *)base;
    for (;;) {
        struct text line = {NULL, 0};
        enum status status = lines_next(&self->lines, &line);
        base->done_bytes = self->lines.done_bytes;
        if (status == STATUS_NOT_FOUND)
            return next_unused(self, entry, problem);
        *entry = (struct import_entry){.file = text_of(self->name), .line = self->lines.number};
        if (status != STATUS_OK) {
            problem_set(problem,
                status == STATUS_OUT_OF_RANGE ? "the line is longer than 4 MiB" : "cannot read it");
            return status == STATUS_OUT_OF_RANGE ? STATUS_INVALID_ARGUMENT : status;
        }
        line = text_trim(line);
        status = line.length > 0 ? use_line(self, line, entry, problem) : STATUS_NOT_FOUND;
        if (status != STATUS_NOT_FOUND)
            return status;
    }
}

enum status
graph_source_create(FILE **file_p, const char *name, uint64_t total_bytes,
    struct import_source **self_p, struct problem *problem)
{
    struct graph_source *self = memory_new(sizeof(*self));
    self->base = (struct import_source){
        .next = graph_next, .destroy = graph_destroy, .total_bytes = total_bytes};
    CLEANUP(import_source_destroy) struct import_source *made = &self->base;
    self->file = TAKE(*file_p);
    self->name = name;
    lines_init(&self->lines, self->file);
    arena_init(&self->arena, ARENA_MAX);
    relations_init(&self->relations, RELATIONS_MAX);
    enum status status = collect_relations(self, problem);
    if (status == STATUS_OK)
        *self_p = TAKE(made);
    return status;
}
