#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <yaml.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"
#include "common/base/text.h"
#include "common/process/config_parts.h"
#include "common/process/nearest.h"

enum { FILE_MAX_BYTES = 1 << 20, DEPTH_MAX = 8, ITEMS_MAX = 256, PLACE_SIZE = 320 };

/* The programs of this house, each with its own section of a shared file. */
static const char *const programs[] = {
    "mcp_server", "context-svc", "metrics-svc", "backup-svc", "forgectl"};

struct reader {
    yaml_parser_t parser;
    struct config *config;
    const char *path;
    const char *program;
    struct problem *problem;
    struct buffer key; /* dotted, without the section */
    bool in_section;
};

static void
format_place(const struct reader *self, const yaml_mark_t *mark, char place[PLACE_SIZE])
{
    snprintf(place, PLACE_SIZE, "%s:%zu:%zu", self->path, mark->line + 1, mark->column + 1);
}

static enum status
refuse(const struct reader *self, const yaml_event_t *event, const char *words)
{
    char place[PLACE_SIZE];
    format_place(self, &event->start_mark, place);
    problem_set(self->problem, "%s: %s", place, words);
    return STATUS_FAILED_PRECONDITION;
}

static enum status
next_event(struct reader *self, yaml_event_t *event)
{
    if (!yaml_parser_parse(&self->parser, event)) {
        char place[PLACE_SIZE];
        format_place(self, &self->parser.problem_mark, place);
        problem_set(self->problem, "%s: %s%s%s", place,
            self->parser.problem ? self->parser.problem : "unreadable",
            self->parser.context ? ", " : "", self->parser.context ? self->parser.context : "");
        return STATUS_FAILED_PRECONDITION;
    }
    if (event->type == YAML_ALIAS_EVENT)
        return refuse(self, event, "aliases (*name) are not supported; write the value out");
    return STATUS_OK;
}

static struct text
scalar_of(const yaml_event_t *event)
{
    return text_from(event->data.scalar.value, event->data.scalar.length);
}

static bool
is_null(const yaml_event_t *event)
{
    struct text text = scalar_of(event);
    return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (text.length == 0 || text_is(text, "~") || text_is(text, "null"));
}

static bool
is_program(struct text name)
{
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (text_is(name, programs[i]))
            return true;
    return false;
}

static enum status
refuse_key(const struct reader *self, const yaml_event_t *event)
{
    struct nearest nearest;
    nearest_init(&nearest, buffer_text(&self->key));
    for (size_t i = 0; i < self->config->count; i++)
        nearest_offer(&nearest, text_of(self->config->fields[i].key));
    char place[PLACE_SIZE];
    format_place(self, &event->start_mark, place);
    if (nearest.count)
        problem_set(self->problem, "%s: unknown key '%.*s'; did you mean '%.*s'?", place,
            TEXT_FORMAT(buffer_text(&self->key)), TEXT_FORMAT(nearest.names[0]));
    else
        problem_set(self->problem,
            "%s: unknown key '%.*s'; keys of another program stand under its name", place,
            TEXT_FORMAT(buffer_text(&self->key)));
    return STATUS_FAILED_PRECONDITION;
}

/* Whether the row `index` is to take the value that stands here. */
static enum status
admit(const struct reader *self, size_t index, const yaml_event_t *event, bool *wanted)
{
    if (index == self->config->count)
        return refuse_key(self, event);
    if (strcmp(self->config->fields[index].key, "config") == 0)
        return refuse(self, event, "a file cannot name another configuration file");
    const struct config_value *value = &self->config->values[index];
    bool from_file = value->source && strcmp(value->source, "file") == 0;
    if (from_file && value->in_section == self->in_section)
        return refuse(self, event, "this key stands twice");
    *wanted = !value->source || (from_file && self->in_section);
    return STATUS_OK;
}

static enum status
read_scalar(struct reader *self, const yaml_event_t *event)
{
    size_t index = config_find(self->config, buffer_text(&self->key));
    bool wanted = false;
    enum status status = admit(self, index, event, &wanted);
    if (status != STATUS_OK || !wanted || is_null(event))
        return status;
    struct text text = scalar_of(event);
    if (memchr(text.data, '\0', text.length))
        return refuse(self, event, "a value cannot hold a zero byte");
    char place[PLACE_SIZE];
    format_place(self, &event->start_mark, place);
    const struct config_origin origin = {"file", place};
    if (config_set(self->config, index, text, &origin, self->problem) != STATUS_OK)
        return STATUS_FAILED_PRECONDITION;
    self->config->values[index].in_section = self->in_section;
    return STATUS_OK;
}

/* Up to the sequence's end; the items are copied into `items`. */
static enum status
read_items(struct reader *self, struct text items[ITEMS_MAX], size_t *count)
{
    for (;;) {
        CLEANUP(yaml_event_delete) yaml_event_t event = {0};
        enum status status = next_event(self, &event);
        if (status != STATUS_OK || event.type == YAML_SEQUENCE_END_EVENT)
            return status;
        if (event.type != YAML_SCALAR_EVENT)
            return refuse(self, &event, "a list here holds plain values only");
        if (*count == ITEMS_MAX)
            return refuse(self, &event, "a list holds at most 256 values");
        struct text item = scalar_of(&event);
        items[(*count)++] = text_from(text_copy(item), item.length);
    }
}

static enum status
read_sequence(struct reader *self, const yaml_event_t *start)
{
    size_t index = config_find(self->config, buffer_text(&self->key));
    bool wanted = false;
    enum status status = admit(self, index, start, &wanted);
    if (status != STATUS_OK)
        return status;
    if (self->config->fields[index].type != CONFIG_LIST)
        return refuse(self, start, "this key takes one value, not a list");

    char place[PLACE_SIZE];
    format_place(self, &start->start_mark, place);
    const struct config_origin origin = {"file", place};
    struct text items[ITEMS_MAX];
    size_t count = 0;
    status = read_items(self, items, &count);
    if (status == STATUS_OK && wanted) {
        status = config_set_list(self->config, index, items, count, &origin);
        self->config->values[index].in_section = self->in_section;
    }
    for (size_t i = 0; i < count; i++)
        free((void *)items[i].data);
    return status;
}

static enum status
skip_mapping(struct reader *self)
{
    for (int depth = 1; depth > 0;) {
        CLEANUP(yaml_event_delete) yaml_event_t event = {0};
        enum status status = next_event(self, &event);
        if (status != STATUS_OK)
            return status;
        depth += event.type == YAML_MAPPING_START_EVENT || event.type == YAML_SEQUENCE_START_EVENT;
        depth -= event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT;
    }
    return STATUS_OK;
}

static enum status read_mapping(struct reader *self, int depth);

static enum status
read_section(struct reader *self, bool ours)
{
    if (!ours)
        return skip_mapping(self);
    buffer_clear(&self->key);
    self->in_section = true;
    enum status status = read_mapping(self, 1);
    self->in_section = false;
    return status;
}

static enum status
read_value(struct reader *self, int depth)
{
    CLEANUP(yaml_event_delete) yaml_event_t event = {0};
    enum status status = next_event(self, &event);
    if (status != STATUS_OK)
        return status;
    if (event.type == YAML_SCALAR_EVENT)
        return read_scalar(self, &event);
    if (event.type == YAML_SEQUENCE_START_EVENT)
        return read_sequence(self, &event);

    bool ours = text_is(buffer_text(&self->key), self->program);
    if (depth == 0 && (ours || is_program(buffer_text(&self->key))))
        return read_section(self, ours);
    if (config_find(self->config, buffer_text(&self->key)) < self->config->count)
        return refuse(self, &event, "this key takes a value, not keys of its own");
    if (depth + 1 == DEPTH_MAX)
        return refuse(self, &event, "nested too deep");
    return read_mapping(self, depth + 1);
}

/* After the mapping's start, up to its end. */
static enum status
read_mapping(struct reader *self, int depth)
{
    size_t base = self->key.length;
    for (;;) {
        CLEANUP(yaml_event_delete) yaml_event_t event = {0};
        enum status status = next_event(self, &event);
        if (status != STATUS_OK || event.type == YAML_MAPPING_END_EVENT)
            return status;
        if (event.type != YAML_SCALAR_EVENT)
            return refuse(self, &event, "a key must be a plain word");
        if (base)
            buffer_add_byte(&self->key, '.');
        buffer_add_text(&self->key, scalar_of(&event));
        status = read_value(self, depth);
        if (status != STATUS_OK)
            return status;
        self->key.length = base;
    }
}

/* The stream's frame: one document that is a mapping, or nothing at all. */
static enum status
read_stream(struct reader *self)
{
    for (int documents = 0;;) {
        CLEANUP(yaml_event_delete) yaml_event_t event = {0};
        enum status status = next_event(self, &event);
        if (status != STATUS_OK || event.type == YAML_STREAM_END_EVENT)
            return status;
        if (event.type == YAML_DOCUMENT_START_EVENT && documents++)
            return refuse(self, &event, "the file must hold one YAML document");
        if (event.type == YAML_SCALAR_EVENT && is_null(&event))
            continue;
        if (event.type == YAML_SCALAR_EVENT || event.type == YAML_SEQUENCE_START_EVENT)
            return refuse(self, &event, "the file must hold keys and values (\"key: value\")");
        if (event.type == YAML_MAPPING_START_EVENT)
            status = read_mapping(self, 0);
        if (status != STATUS_OK)
            return status;
    }
}

static enum status
load(const char *path, struct buffer *content, struct problem *problem)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : 1;
    while (size > 0 && content->length <= FILE_MAX_BYTES) {
        size = read(fd, buffer_reserve(content, 65536), 65536);
        content->length += size > 0 ? (size_t)size : 0;
    }
    int reason = errno;
    if (fd >= 0)
        close(fd);
    if (size < 0)
        problem_set(problem, "configuration file %s: %s", path, strerror(reason));
    else if (content->length > FILE_MAX_BYTES)
        problem_set(problem, "configuration file %s: larger than 1 MiB", path);
    else
        return STATUS_OK;
    return STATUS_FAILED_PRECONDITION;
}

enum status
config_read_file(
    struct config *self, const char *path, const char *program, struct problem *problem)
{
    CLEANUP(buffer_release) struct buffer content = {0};
    enum status status = load(path, &content, problem);
    if (status != STATUS_OK)
        return status;
    struct reader reader = {.config = self, .path = path, .program = program, .problem = problem};
    if (!yaml_parser_initialize(&reader.parser)) {
        problem_set(problem, "out of memory");
        return STATUS_RESOURCE_EXHAUSTED;
    }
    yaml_parser_set_input_string(
        &reader.parser, (const unsigned char *)content.data, content.length);
    status = read_stream(&reader);
    yaml_parser_delete(&reader.parser);
    buffer_release(&reader.key);
    return status;
}
