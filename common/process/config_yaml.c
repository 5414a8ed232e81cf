#include "common/process/config_yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/text.h"

enum { FILE_MAX_BYTES = 1 << 20, READ_BYTES = 65536 };

static enum status
load(const char *path, struct buffer *content, struct problem *problem)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : 1;
    while (size > 0 && content->length <= FILE_MAX_BYTES) {
        size = read(fd, buffer_reserve(content, READ_BYTES), READ_BYTES);
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
config_yaml_init(struct config_yaml *self, const char *path, struct problem *problem)
{
    *self = (struct config_yaml){.path = path, .problem = problem};
    enum status status = load(path, &self->content, problem);
    if (status == STATUS_OK && !yaml_parser_initialize(&self->parser)) {
        problem_set(problem, "configuration file %s: out of memory", path);
        status = STATUS_RESOURCE_EXHAUSTED;
    }
    if (status != STATUS_OK) {
        buffer_release(&self->content);
        return status;
    }
    yaml_parser_set_input_string(
        &self->parser, (const unsigned char *)self->content.data, self->content.length);
    return STATUS_OK;
}

void
config_yaml_release(struct config_yaml *self)
{
    yaml_parser_delete(&self->parser);
    buffer_release(&self->content);
}

static void
format_place(const struct config_yaml *self, const yaml_mark_t *mark, char place[CONFIG_PLACE_SIZE])
{
    snprintf(place, CONFIG_PLACE_SIZE, "%s:%zu:%zu", self->path, mark->line + 1, mark->column + 1);
}

void
config_yaml_place(
    const struct config_yaml *self, const yaml_event_t *event, char place[CONFIG_PLACE_SIZE])
{
    format_place(self, &event->start_mark, place);
}

enum status
config_yaml_refuse(const struct config_yaml *self, const yaml_event_t *event, const char *words)
{
    char place[CONFIG_PLACE_SIZE];
    config_yaml_place(self, event, place);
    problem_set(self->problem, "%s: %s", place, words);
    return STATUS_FAILED_PRECONDITION;
}

enum status
config_yaml_next(struct config_yaml *self, yaml_event_t *event)
{
    if (!yaml_parser_parse(&self->parser, event)) {
        char place[CONFIG_PLACE_SIZE];
        format_place(self, &self->parser.problem_mark, place);
        problem_set(self->problem, "%s: %s%s%s", place,
            self->parser.problem ? self->parser.problem : "unreadable",
            self->parser.context ? ", " : "", self->parser.context ? self->parser.context : "");
        return STATUS_FAILED_PRECONDITION;
    }
    if (event->type == YAML_ALIAS_EVENT)
        return config_yaml_refuse(
            self, event, "aliases (*name) are not supported; write the value out");
    return STATUS_OK;
}

struct text
config_yaml_scalar(const yaml_event_t *event)
{
    return text_from(event->data.scalar.value, event->data.scalar.length);
}

bool
config_yaml_is_null(const yaml_event_t *event)
{
    struct text text = config_yaml_scalar(event);
    return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (text.length == 0 || text_is(text, "~") || text_is(text, "null"));
}
