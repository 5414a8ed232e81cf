#include <stdlib.h>

#include "common/base/nearest.h"
#include "common/base/text.h"
#include "common/process/config_parts.h"
#include "common/process/config_yaml.h"

enum { DEPTH_MAX = 8, ITEMS_MAX = 256 };

/* The programs of this house, each with its own section of a shared file. */
static const char *const programs[] = {
    "mcp_server", "context-svc", "metrics-svc", "backup-svc", "forgectl"};

struct reader {
    struct config_yaml yaml;
    struct config *config;
    const char *program;
    struct buffer key; /* dotted, without the section */
    bool in_section;
};

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
    char place[CONFIG_PLACE_SIZE];
    config_yaml_place(&self->yaml, event, place);
    if (nearest.count)
        problem_set(self->yaml.problem, "%s: unknown key '%.*s'; did you mean '%.*s'?", place,
            TEXT_FORMAT(buffer_text(&self->key)), TEXT_FORMAT(nearest.names[0]));
    else
        problem_set(self->yaml.problem,
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
        return config_yaml_refuse(
            &self->yaml, event, "a file cannot name another configuration file");
    const struct config_value *value = &self->config->values[index];
    bool from_file = value->source && strcmp(value->source, "file") == 0;
    if (from_file && value->in_section == self->in_section)
        return config_yaml_refuse(&self->yaml, event, "this key stands twice");
    *wanted = !value->source || (from_file && self->in_section);
    return STATUS_OK;
}

static enum status
read_scalar(struct reader *self, const yaml_event_t *event)
{
    size_t index = config_find(self->config, buffer_text(&self->key));
    bool wanted = false;
    enum status status = admit(self, index, event, &wanted);
    if (status != STATUS_OK || !wanted || config_yaml_is_null(event))
        return status;
    struct text text = config_yaml_scalar(event);
    if (memchr(text.data, '\0', text.length))
        return config_yaml_refuse(&self->yaml, event, "a value cannot hold a zero byte");
    char place[CONFIG_PLACE_SIZE];
    config_yaml_place(&self->yaml, event, place);
    const struct config_origin origin = {"file", place};
    if (config_set(self->config, index, text, &origin, self->yaml.problem) != STATUS_OK)
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
        enum status status = config_yaml_next(&self->yaml, &event);
        if (status != STATUS_OK || event.type == YAML_SEQUENCE_END_EVENT)
            return status;
        if (event.type != YAML_SCALAR_EVENT)
            return config_yaml_refuse(&self->yaml, &event, "a list here holds plain values only");
        if (*count == ITEMS_MAX)
            return config_yaml_refuse(&self->yaml, &event, "a list holds at most 256 values");
        struct text item = config_yaml_scalar(&event);
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
        return config_yaml_refuse(&self->yaml, start, "this key takes one value, not a list");

    char place[CONFIG_PLACE_SIZE];
    config_yaml_place(&self->yaml, start, place);
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
        enum status status = config_yaml_next(&self->yaml, &event);
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
    enum status status = config_yaml_next(&self->yaml, &event);
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
        return config_yaml_refuse(
            &self->yaml, &event, "this key takes a value, not keys of its own");
    if (depth + 1 == DEPTH_MAX)
        return config_yaml_refuse(&self->yaml, &event, "nested too deep");
    return read_mapping(self, depth + 1);
}

/* After the mapping's start, up to its end. */
static enum status
read_mapping(struct reader *self, int depth)
{
    size_t base = self->key.length;
    for (;;) {
        CLEANUP(yaml_event_delete) yaml_event_t event = {0};
        enum status status = config_yaml_next(&self->yaml, &event);
        if (status != STATUS_OK || event.type == YAML_MAPPING_END_EVENT)
            return status;
        if (event.type != YAML_SCALAR_EVENT)
            return config_yaml_refuse(&self->yaml, &event, "a key must be a plain word");
        if (base)
            buffer_add_byte(&self->key, '.');
        buffer_add_text(&self->key, config_yaml_scalar(&event));
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
        enum status status = config_yaml_next(&self->yaml, &event);
        if (status != STATUS_OK || event.type == YAML_STREAM_END_EVENT)
            return status;
        if (event.type == YAML_DOCUMENT_START_EVENT && documents++)
            return config_yaml_refuse(&self->yaml, &event, "the file must hold one YAML document");
        if (event.type == YAML_SCALAR_EVENT && config_yaml_is_null(&event))
            continue;
        if (event.type == YAML_SCALAR_EVENT || event.type == YAML_SEQUENCE_START_EVENT)
            return config_yaml_refuse(
                &self->yaml, &event, "the file must hold keys and values (\"key: value\")");
        if (event.type == YAML_MAPPING_START_EVENT)
            status = read_mapping(self, 0);
        if (status != STATUS_OK)
            return status;
    }
}

enum status
config_read_file(
    struct config *self, const char *path, const char *program, struct problem *problem)
{
    struct reader reader = {.config = self, .program = program};
    enum status status = config_yaml_init(&reader.yaml, path, problem);
    if (status != STATUS_OK)
        return status;
    status = read_stream(&reader);
    config_yaml_release(&reader.yaml);
    buffer_release(&reader.key);
    return status;
}
