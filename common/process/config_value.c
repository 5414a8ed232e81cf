#include <assert.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"
#include "common/base/text.h"
#include "common/process/config_parts.h"

void
config_value_release(struct config_value *self)
{
    for (size_t i = 0; i < self->item_count; i++)
        free(self->items[i]);
    free(self->items);
    free(self->text);
    free(self->where);
    *self = (struct config_value){0};
}

static void
replace(struct config_value *target, struct config_value *fresh, const struct config_origin *origin)
{
    fresh->source = origin->source;
    fresh->where = text_copy(text_of(origin->where));
    config_value_release(target);
    *target = *fresh;
}

static bool
is_one_of(const char *choices, struct text text)
{
    struct text rest = text_of(choices);
    while (rest.length) {
        const char *bar = memchr(rest.data, '|', rest.length);
        size_t length = bar ? (size_t)(bar - rest.data) : rest.length;
        if (text_equals(text_from(rest.data, length), text))
            return true;
        size_t step = bar ? length + 1 : length;
        rest = text_from(rest.data + step, rest.length - step);
    }
    return false;
}

static enum status
parse_boolean(struct text text, bool *value)
{
    static const char *const words[][2] = {
        {"true", "false"}, {"yes", "no"}, {"on", "off"}, {"1", "0"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        bool yes = text_equals_ignoring_case(text, text_of(words[i][0]));
        if (yes || text_equals_ignoring_case(text, text_of(words[i][1]))) {
            *value = yes;
            return STATUS_OK;
        }
    }
    return STATUS_INVALID_ARGUMENT;
}

static enum status
parse_integer(const struct config_field *field, struct text text, struct config_value *value,
    const struct config_origin *origin, struct problem *problem)
{
    enum status status = text_to_integer(text, INT64_MIN, INT64_MAX, &value->integer);
    bool any = field->min == 0 && field->max == 0;
    if (status == STATUS_OK &&
        (any || (value->integer >= field->min && value->integer <= field->max)))
        return STATUS_OK;
    if (status == STATUS_INVALID_ARGUMENT) {
        problem_set(problem, "%s: %s must be a whole number, not '%.*s'", origin->where, field->key,
            TEXT_FORMAT(text));
        return status;
    }
    if ((field->traits & CONFIG_CLAMPED) && status == STATUS_OK) {
        value->integer = value->integer < field->min ? field->min : field->max;
        value->clamped = true;
        return STATUS_OK;
    }
    problem_set(problem, "%s: %s must be between %lld and %lld, not %.*s", origin->where,
        field->key, (long long)(any ? INT64_MIN : field->min),
        (long long)(any ? INT64_MAX : field->max), TEXT_FORMAT(text));
    return STATUS_INVALID_ARGUMENT;
}

static void
split_list(struct text text, struct config_value *value)
{
    while (text.length) {
        const char *comma = memchr(text.data, ',', text.length);
        size_t length = comma ? (size_t)(comma - text.data) : text.length;
        struct text item = text_trim(text_from(text.data, length));
        if (item.length) {
            value->items =
                memory_resize(value->items, (value->item_count + 1) * sizeof *value->items);
            value->items[value->item_count++] = text_copy(item);
        }
        size_t step = comma ? length + 1 : length;
        text = text_from(text.data + step, text.length - step);
    }
}

static enum status
parse(const struct config_field *field, struct text text, struct config_value *value,
    const struct config_origin *origin, struct problem *problem)
{
    switch (field->type) {
    case CONFIG_INTEGER: return parse_integer(field, text, value, origin, problem);
    case CONFIG_BOOLEAN:
        if (parse_boolean(text, &value->boolean) == STATUS_OK)
            return STATUS_OK;
        problem_set(problem, "%s: %s must be true or false, not '%.*s'", origin->where, field->key,
            TEXT_FORMAT(text));
        return STATUS_INVALID_ARGUMENT;
    case CONFIG_CHOICE:
        if (is_one_of(field->choices, text))
            return STATUS_OK;
        problem_set(problem, "%s: %s must be one of %s, not '%.*s'", origin->where, field->key,
            field->choices, TEXT_FORMAT(text));
        return STATUS_INVALID_ARGUMENT;
    case CONFIG_LIST: split_list(text, value); return STATUS_OK;
    case CONFIG_TEXT: return STATUS_OK;
    }
    return STATUS_INTERNAL;
}

enum status
config_set(struct config *self, size_t index, struct text text, const struct config_origin *origin,
    struct problem *problem)
{
    assert(index < self->count);
    struct config_value value = {0};
    enum status status = parse(&self->fields[index], text, &value, origin, problem);
    if (status != STATUS_OK)
        return status;
    struct buffer form = {0};
    if (self->fields[index].type == CONFIG_INTEGER)
        buffer_format(&form, "%lld", (long long)value.integer);
    else if (self->fields[index].type == CONFIG_BOOLEAN)
        buffer_format(&form, "%s", value.boolean ? "true" : "false");
    else
        buffer_add_text(&form, text);
    value.text = text_copy(buffer_text(&form));
    buffer_release(&form);
    replace(&self->values[index], &value, origin);
    return STATUS_OK;
}

enum status
config_set_list(struct config *self, size_t index, const struct text *items, size_t count,
    const struct config_origin *origin)
{
    assert(index < self->count && self->fields[index].type == CONFIG_LIST);
    struct config_value value = {.items = memory_array(count, sizeof *value.items)};
    CLEANUP(buffer_release) struct buffer joined = {0};
    for (size_t i = 0; i < count; i++) {
        value.items[value.item_count++] = text_copy(items[i]);
        buffer_format(&joined, "%s%.*s", i ? "," : "", TEXT_FORMAT(items[i]));
    }
    value.text = text_copy(buffer_text(&joined));
    replace(&self->values[index], &value, origin);
    return STATUS_OK;
}

static const char *
home_folder(void)
{
    const char *home = getenv("HOME");
    if (home && *home)
        return home;
    const struct passwd *user = getpwuid(getuid());
    return user ? user->pw_dir : "/";
}

/* Replaces ${data_dir} and ${HOME}; another name in a default is our own mistake. */
static void
expand(const struct config *self, const char *initial, struct buffer *out)
{
    for (const char *at = initial; *at;) {
        const char *end = strncmp(at, "${", 2) == 0 ? strchr(at, '}') : NULL;
        if (!end) {
            buffer_add_byte(out, *at++);
            continue;
        }
        struct text name = text_from(at + 2, (size_t)(end - at - 2));
        if (text_is(name, "HOME")) {
            buffer_add_text(out, text_of(home_folder()));
        } else {
            size_t index = config_find(self, name);
            assert(index < self->count && self->values[index].text);
            buffer_add_text(out, text_of(self->values[index].text));
        }
        at = end + 1;
    }
}

static enum status
set_default(struct config *self, size_t index, struct problem *problem)
{
    static const struct config_origin origin = {"default", "default"};
    if (self->values[index].source)
        return STATUS_OK;
    CLEANUP(buffer_release) struct buffer text = {0};
    expand(self, self->fields[index].initial, &text);
    return config_set(self, index, buffer_text(&text), &origin, problem);
}

enum status
config_set_defaults(struct config *self, struct problem *problem)
{
    /* Other defaults are built on data_dir's value, so it comes first. */
    size_t data_dir = config_find(self, TEXT("data_dir"));
    enum status status = data_dir < self->count ? set_default(self, data_dir, problem) : STATUS_OK;
    for (size_t i = 0; i < self->count && status == STATUS_OK; i++)
        status = set_default(self, i, problem);
    return status;
}
