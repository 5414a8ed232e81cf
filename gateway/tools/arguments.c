#include "gateway/tools/arguments.h"

#include "common/base/nearest.h"
#include "common/json/reader.h"
#include "gateway/tools/argument_value.h"

static const struct argument *
find_exact(const struct argument_list *list, struct text name)
{
    for (size_t i = 0; i < list->count; i++)
        if (text_is(name, list->items[i].name))
            return &list->items[i];
    return NULL;
}

/* True when one of the blank-separated words is the name. */
static bool
is_among(const char *words, struct text name)
{
    while (words && *words) {
        size_t length = strcspn(words, " ");
        if (text_equals(name, text_from(words, length)))
            return true;
        words += length + (words[length] == ' ');
    }
    return false;
}

static const struct argument *
find_argument(const struct argument_list *list, struct text name)
{
    const struct argument *exact = find_exact(list, name);
    if (exact)
        return exact;
    for (size_t i = 0; i < list->count; i++)
        if (is_among(list->items[i].also, name))
            return &list->items[i];
    return NULL;
}

static const char *
names_of(const struct argument_list *list, struct arena *arena)
{
    const char *names = "";
    for (size_t i = 0; i < list->count; i++)
        if (!(list->items[i].flags & ARGUMENT_HIDDEN))
            names = arena_format(arena, "%s%s%s", names, *names ? ", " : "", list->items[i].name);
    return names;
}

/* An argument of that name inside one of the list's objects: "project" of "filter". */
static const char *
path_of(const struct argument_list *list, struct text name, struct arena *arena)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct argument *object = &list->items[i];
        if (object->fields && find_exact(object->fields, name))
            return arena_format(arena, "; it belongs into %s, as {\"%s\":{\"%.*s\":…}}",
                object->name, object->name, TEXT_FORMAT(name));
    }
    return NULL;
}

static void
refuse_unknown(struct argument_reading *reading, const struct argument_list *list, struct text name)
{
    const char *hint = path_of(list, name, reading->arena);
    struct nearest nearest;
    nearest_init(&nearest, name);
    for (size_t i = 0; i < list->count; i++)
        nearest_offer(&nearest, text_of(list->items[i].name));
    if (!hint && nearest.count && nearest.distances[0] < name.length)
        hint =
            arena_format(reading->arena, "; did you mean \"%.*s\"?", TEXT_FORMAT(nearest.names[0]));
    struct text shown = text_cut(name, 64);
    argument_refuse(reading, NULL, "there is no argument \"%.*s\"%s The arguments are: %s.",
        TEXT_FORMAT(shown), hint ? hint : ".", names_of(list, reading->arena));
}

static bool
read_member(struct argument_reading *reading, const struct argument_list *list, struct text name,
    struct argument_value *values)
{
    const struct argument *argument = find_argument(list, name);
    if (!argument) {
        refuse_unknown(reading, list, name);
        return false;
    }
    struct argument_value *value = &values[argument - list->items];
    if (json_peek(reading->reader) == JSON_NULL)
        return json_skip(reading->reader);
    if (value->given)
        return argument_refuse(reading, argument,
            "\"%s\" is given twice (\"%.*s\" means the same).", argument->name, TEXT_FORMAT(name));
    value->given = true;
    reading->former_name = !text_is(name, argument->name);
    if (argument->type != ARGUMENT_OBJECT)
        return argument_value_read(reading, argument, value);
    if (json_peek(reading->reader) != JSON_OBJECT)
        return argument_refuse(reading, argument, "\"%s\" must be an object.", argument->name);
    value->fields =
        arena_new(reading->arena, argument->fields->count * sizeof(struct argument_value));
    return argument_object_read(reading, argument->fields, value->fields);
}

static void
clear(const struct argument_list *list, struct argument_value *values)
{
    for (size_t i = 0; i < list->count; i++)
        values[i] = (struct argument_value){.text = TEXT(""), .string = (char *)""};
}

bool
argument_object_read(struct argument_reading *reading, const struct argument_list *list,
    struct argument_value *values)
{
    clear(list, values);
    struct text name;
    if (json_object_begin(reading->reader))
        while (json_object_next(reading->reader, &name))
            if (!read_member(reading, list, name, values))
                return false;
    for (size_t i = 0; i < list->count; i++) {
        const struct argument *argument = &list->items[i];
        if ((argument->flags & ARGUMENT_REQUIRED) && !values[i].given)
            return argument_refuse(reading, argument, "\"%s\" is missing%s%s%s.", argument->name,
                argument->description ? " (" : "",
                argument->description ? argument->description : "",
                argument->description ? ")" : "");
    }
    return true;
}

bool
arguments_read(const struct argument_list *list, struct text json, int64_t now_ms,
    struct arena *arena, struct argument_value *values, struct argument_problem *problem)
{
    struct json_reader reader;
    json_reader_init(&reader, json.length ? json : TEXT("{}"));
    *problem = (struct argument_problem){0};
    struct argument_reading reading = {
        .reader = &reader, .arena = arena, .now_ms = now_ms, .problem = problem};
    if (json_peek(&reader) != JSON_OBJECT)
        return argument_refuse(&reading, NULL, "the arguments must be a JSON object.");
    if (argument_object_read(&reading, list, values) && json_reader_end(&reader))
        return true;
    if (!problem->words)
        argument_refuse(&reading, NULL, "the arguments are not valid JSON: %s (at byte %zu).",
            json_reader_problem(&reader), json_reader_offset(&reader));
    return false;
}
