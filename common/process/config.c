#include "common/process/config.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "common/base/nearest.h"
#include "common/base/text.h"
#include "common/process/config_parts.h"
#include "common/process/log.h"

size_t
config_find(const struct config *self, struct text key)
{
    size_t index = 0;
    while (index < self->count && !text_is(key, self->fields[index].key))
        index++;
    return index;
}

void
config_destroy(struct config **self_p)
{
    struct config *self = TAKE(*self_p);
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++)
        config_value_release(&self->values[i]);
    free(self->values);
    free(self);
}

static enum status
refuse_flag(const struct config *self, struct text name, struct problem *problem)
{
    static const char *const every_program[] = {"--help", "--version", "--check-config"};
    struct nearest nearest;
    nearest_init(&nearest, name);
    for (size_t i = 0; i < self->count; i++)
        if (self->fields[i].flag)
            nearest_offer(&nearest, text_of(self->fields[i].flag));
    for (size_t i = 0; i < sizeof every_program / sizeof *every_program; i++)
        nearest_offer(&nearest, text_of(every_program[i]));
    if (name.length < 2 || name.data[0] != '-')
        problem_set(problem, "unexpected argument '%.*s'; see --help", TEXT_FORMAT(name));
    else if (nearest.count)
        problem_set(problem, "unknown flag %.*s; did you mean %.*s?", TEXT_FORMAT(name),
            TEXT_FORMAT(nearest.names[0]));
    else
        problem_set(problem, "unknown flag %.*s; --help lists them all", TEXT_FORMAT(name));
    return STATUS_INVALID_ARGUMENT;
}

/* "--no-color" for a boolean row with flag "--color". */
static bool
is_negation(const struct config_field *field, struct text name)
{
    return field->type == CONFIG_BOOLEAN && field->flag && text_starts_with(name, TEXT("--no-")) &&
           text_is(text_from(name.data + 5, name.length - 5), field->flag + 2);
}

static size_t
find_flag(const struct config *self, struct text name)
{
    size_t index = 0;
    while (index < self->count &&
           !(self->fields[index].flag && text_is(name, self->fields[index].flag)) &&
           !is_negation(&self->fields[index], name))
        index++;
    return index;
}

/* Takes argv[*at], and the value after it where it needs one. */
static enum status
read_flag(struct config *self, int argc, char **argv, int *at, struct problem *problem)
{
    struct text name = text_of(argv[*at]);
    const char *equals = strchr(argv[*at], '=');
    if (equals)
        name.length = (size_t)(equals - argv[*at]);
    size_t index = find_flag(self, name);
    if (index == self->count)
        return refuse_flag(self, name, problem);

    const struct config_field *field = &self->fields[index];
    const struct config_origin origin = {"flag", field->flag};
    if (field->type == CONFIG_BOOLEAN) {
        if (!equals)
            return config_set(self, index, is_negation(field, name) ? TEXT("false") : TEXT("true"),
                &origin, problem);
        problem_set(problem, "%s takes no value; --no-%s unsets it", field->flag, field->flag + 2);
        return STATUS_INVALID_ARGUMENT;
    }
    if (equals)
        return config_set(self, index, text_of(equals + 1), &origin, problem);
    if (*at + 1 >= argc) {
        problem_set(problem, "%s needs a value: %s", field->flag, field->help);
        return STATUS_INVALID_ARGUMENT;
    }
    return config_set(self, index, text_of(argv[++*at]), &origin, problem);
}

static enum status
read_environment(struct config *self, size_t index, struct problem *problem)
{
    const char *name = self->fields[index].environment;
    const char *value = name ? getenv(name) : NULL;
    if (!value || !*value || self->values[index].source)
        return STATUS_OK;
    const struct config_origin origin = {"environment", name};
    return config_set(self, index, text_of(value), &origin, problem) == STATUS_OK
               ? STATUS_OK
               : STATUS_FAILED_PRECONDITION;
}

static enum status
read_all(struct config *self, int argc, char **argv, struct problem *problem)
{
    enum status status = STATUS_OK;
    for (int at = 1; at < argc && status == STATUS_OK; at++)
        status = read_flag(self, argc, argv, &at, problem);
    for (size_t i = 0; i < self->count && status == STATUS_OK; i++)
        status = read_environment(self, i, problem);

    size_t file = config_find(self, TEXT("config"));
    const char *path = file < self->count ? self->values[file].text : NULL;
    if (status == STATUS_OK && path && *path) {
        const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
        const char *program = slash ? slash + 1 : argc > 0 ? argv[0] : "";
        status = config_read_file(self, path, program, problem);
    }
    return status == STATUS_OK ? config_set_defaults(self, problem) : status;
}

enum status
config_read(const struct config_field *fields, size_t count, int argc, char **argv,
    struct config **self_p, struct problem *problem)
{
    CLEANUP(config_destroy) struct config *self = memory_new(sizeof *self);
    self->fields = fields;
    self->count = count;
    self->values = memory_array(count, sizeof *self->values);
    enum status status = read_all(self, argc, argv, problem);
    if (status == STATUS_OK)
        *self_p = TAKE(self);
    return status;
}

void
config_log_clamped(const struct config *self)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->values[i].clamped)
            log_warn("Setting clamped key=%s value=%lld min=%lld max=%lld from=%s",
                self->fields[i].key, (long long)self->values[i].integer,
                (long long)self->fields[i].min, (long long)self->fields[i].max,
                self->values[i].where);
}

static const struct config_value *
value_of(const struct config *self, const char *key)
{
    size_t index = config_find(self, text_of(key));
    assert(index < self->count);
    return &self->values[index];
}

const char *
config_text(const struct config *self, const char *key)
{
    return value_of(self, key)->text;
}

int64_t
config_integer(const struct config *self, const char *key)
{
    return value_of(self, key)->integer;
}

bool
config_boolean(const struct config *self, const char *key)
{
    return value_of(self, key)->boolean;
}

size_t
config_list(const struct config *self, const char *key, const char *const **items)
{
    const struct config_value *value = value_of(self, key);
    *items = (const char *const *)value->items;
    return value->item_count;
}

const char *
config_source(const struct config *self, const char *key)
{
    return value_of(self, key)->source;
}
