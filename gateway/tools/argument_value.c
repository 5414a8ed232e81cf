#include "gateway/tools/argument_value.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "gateway/tools/moment.h"

bool
argument_refuse(
    struct argument_reading *reading, const struct argument *argument, const char *format, ...)
{
    if (reading->problem->words)
        return false;
    char words[1024];
    va_list parts;
    va_start(parts, format);
    vsnprintf(words, sizeof words, format, parts);
    va_end(parts);
    struct text whole = text_cut(text_of(words), sizeof words - 1);
    reading->problem->argument = argument ? argument->name : NULL;
    reading->problem->words = arena_copy(reading->arena, whole);
    return false;
}

static const char *
type_name(enum json_type type)
{
    static const char *const names[] = {
        [JSON_INVALID] = "malformed JSON",
        [JSON_OBJECT] = "an object",
        [JSON_ARRAY] = "an array",
        [JSON_STRING] = "a string",
        [JSON_NUMBER] = "a number",
        [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",
        [JSON_NULL] = "null",
    };
    return names[type];
}

static bool
refuse_type(struct argument_reading *reading, const struct argument *argument, const char *expected)
{
    enum json_type got = json_peek(reading->reader);
    if (got == JSON_INVALID)
        return false;
    return argument_refuse(
        reading, argument, "\"%s\" must be %s, not %s.", argument->name, expected, type_name(got));
}

static bool
is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7F;
}

static bool
is_kind_char(char c, bool first)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (!first && ((c >= '0' && c <= '9') || c == '_' || c == '-'));
}

static bool
check_characters(
    struct argument_reading *reading, const struct argument *argument, struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        if ((argument->flags & ARGUMENT_KIND) && !is_kind_char(text.data[i], i == 0))
            return argument_refuse(reading, argument,
                "\"%s\" takes letters, digits, '_' and '-', beginning with a letter (such as "
                "decision, error or convention).",
                argument->name);
        if ((argument->flags & ARGUMENT_NAME) && is_control(text.data[i]))
            return argument_refuse(reading, argument,
                "\"%s\" must not hold control characters or line breaks.", argument->name);
    }
    return true;
}

static bool
check_text(struct argument_reading *reading, const struct argument *argument, struct text text,
    int64_t min)
{
    if ((int64_t)text.length < min)
        return argument_refuse(reading, argument, "\"%s\" must not %s empty.%s", argument->name,
            argument->type == ARGUMENT_TEXTS ? "hold strings that are" : "be",
            argument->flags & ARGUMENT_REQUIRED ? "" : " Leave it out instead.");
    if (argument->max && (int64_t)text.length > argument->max)
        return argument_refuse(reading, argument,
            "\"%s\" is too long: %zu bytes; at most %" PRId64 " are allowed. Shorten it%s.",
            argument->name, text.length, argument->max,
            argument->max >= 4096 ? " or split it into several calls" : "");
    return check_characters(reading, argument, text);
}

/* A NUL-terminated copy; kinds are kept in lower case. */
static char *
copy_of(struct argument_reading *reading, const struct argument *argument, struct text text)
{
    char *copy = arena_copy(reading->arena, text);
    for (char *at = copy; (argument->flags & ARGUMENT_KIND) && *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return copy;
}

/* Long texts travel as bytes with their length; only short ones need the NUL. */
static bool
take_text(
    struct argument_reading *reading, const struct argument *argument, struct argument_value *value)
{
    if (!check_text(reading, argument, value->text, argument->min))
        return false;
    if (argument->max && argument->max <= ARGUMENT_STRING_BYTES)
        value->string = copy_of(reading, argument, value->text);
    return true;
}

static bool
take_word(
    struct argument_reading *reading, const struct argument *argument, struct argument_value *value)
{
    const char *choices = "";
    for (size_t i = 0; argument->words[i]; i++) {
        if (text_is(value->text, argument->words[i])) {
            value->integer = (int64_t)i;
            return true;
        }
        choices =
            arena_format(reading->arena, "%s%s%s", choices, i ? ", " : "", argument->words[i]);
    }
    return argument_refuse(
        reading, argument, "\"%s\" must be one of: %s.", argument->name, choices);
}

static bool
take_id(struct argument_reading *reading, const struct argument *argument, struct text text,
    struct uuid *id)
{
    /* Resources name the same entries by URI. */
    struct text prefix = TEXT("context://");
    if (text_starts_with(text, prefix))
        text = text_from(text.data + prefix.length, text.length - prefix.length);
    if (uuid_parse(text, id))
        return true;
    return argument_refuse(reading, argument,
        "\"%s\": \"%.*s\" is not an id; ids look like 0199e3a1-8f3c-7abc-8def-0123456789ab and "
        "come "
        "from context_search, context_list or context_save.",
        argument->name, TEXT_FORMAT(text_cut(text, 64)));
}

static bool
take_time(
    struct argument_reading *reading, const struct argument *argument, struct argument_value *value)
{
    if (moment_parse(value->text, reading->now_ms, &value->integer))
        return true;
    return argument_refuse(reading, argument,
        "\"%s\" must be a time such as 2026-11-24T07:30:00Z or an age such as 24h or 7d.",
        argument->name);
}

static bool
read_string(
    struct argument_reading *reading, const struct argument *argument, struct argument_value *value)
{
    if (json_peek(reading->reader) != JSON_STRING)
        return refuse_type(reading, argument, "a string");
    if (!json_read_string(reading->reader, reading->arena, &value->text))
        return false;
    /* Models fill what they do not need with "", where a person would leave it out. */
    if (!value->text.length && argument->min == 0 && !(argument->flags & ARGUMENT_REQUIRED)) {
        value->given = false;
        return true;
    }
    switch (argument->type) {
    case ARGUMENT_WORD: return take_word(reading, argument, value);
    case ARGUMENT_TIME: return take_time(reading, argument, value);
    case ARGUMENT_ID:
        value->ids = arena_new(reading->arena, sizeof *value->ids);
        value->count = 1;
        return take_id(reading, argument, value->text, value->ids);
    default: return take_text(reading, argument, value);
    }
}

static bool
read_integer(
    struct argument_reading *reading, const struct argument *argument, struct argument_value *value)
{
    if (json_peek(reading->reader) != JSON_NUMBER)
        return refuse_type(reading, argument, "an integer");
    struct text raw;
    if (!json_read_raw(reading->reader, &raw))
        return false;
    struct json_reader number;
    json_reader_init(&number, raw);
    if (json_read_integer(&number, &value->integer) && value->integer >= argument->min &&
        value->integer <= argument->max)
        return true;
    return argument_refuse(reading, argument,
        "\"%s\" must be an integer from %" PRId64 " to %" PRId64 ", not %.*s.", argument->name,
        argument->min, argument->max, TEXT_FORMAT(text_cut(raw, 32)));
}

static bool
read_ratio(
    struct argument_reading *reading, const struct argument *argument, struct argument_value *value)
{
    if (json_peek(reading->reader) != JSON_NUMBER)
        return refuse_type(reading, argument, "a number from 0 to 1");
    if (!json_read_number(reading->reader, &value->ratio))
        return false;
    if (value->ratio >= 0 && value->ratio <= 1)
        return true;
    return argument_refuse(reading, argument, "\"%s\" must be from 0 to 1.", argument->name);
}

static bool
read_boolean(
    struct argument_reading *reading, const struct argument *argument, struct argument_value *value)
{
    enum json_type type = json_peek(reading->reader);
    if (type != JSON_TRUE && type != JSON_FALSE)
        return refuse_type(reading, argument, "true or false");
    return json_read_boolean(reading->reader, &value->boolean);
}

static bool
read_item(
    struct argument_reading *reading, const struct argument *argument, struct argument_value *value)
{
    if (value->count == argument->max_items)
        return argument_refuse(reading, argument,
            "\"%s\" holds too many items; at most %u are allowed. Split the call.", argument->name,
            argument->max_items);
    struct text text;
    if (json_peek(reading->reader) != JSON_STRING)
        return refuse_type(reading, argument, "an array of strings");
    if (!json_read_string(reading->reader, reading->arena, &text))
        return false;
    if (argument->type == ARGUMENT_IDS)
        return take_id(reading, argument, text, &value->ids[value->count++]);
    if (!check_text(reading, argument, text, 1))
        return false;
    value->strings[value->count++] = copy_of(reading, argument, text);
    return true;
}

static bool
read_items(
    struct argument_reading *reading, const struct argument *argument, struct argument_value *value)
{
    bool ids = argument->type == ARGUMENT_IDS;
    bool single = reading->former_name && json_peek(reading->reader) == JSON_STRING;
    if (!single && json_peek(reading->reader) != JSON_ARRAY)
        return refuse_type(reading, argument,
            ids ? "an array of ids, such as [\"0199e3a1-8f3c-7abc-8def-0123456789ab\"]"
                : "an array of strings, such as [\"a\",\"b\"]");
    if (ids)
        value->ids = arena_new(reading->arena, argument->max_items * sizeof *value->ids);
    else
        value->strings = arena_new(reading->arena, argument->max_items * sizeof *value->strings);
    if (single)
        return read_item(reading, argument, value);
    if (json_array_begin(reading->reader))
        while (json_array_next(reading->reader))
            if (!read_item(reading, argument, value))
                return false;
    if ((int64_t)value->count < argument->min)
        return argument_refuse(
            reading, argument, "\"%s\" must hold at least one item.", argument->name);
    return true;
}

bool
argument_value_read(
    struct argument_reading *reading, const struct argument *argument, struct argument_value *value)
{
    switch (argument->type) {
    case ARGUMENT_TEXT:
    case ARGUMENT_WORD:
    case ARGUMENT_TIME:
    case ARGUMENT_ID: return read_string(reading, argument, value);
    case ARGUMENT_INTEGER: return read_integer(reading, argument, value);
    case ARGUMENT_RATIO: return read_ratio(reading, argument, value);
    case ARGUMENT_BOOLEAN: return read_boolean(reading, argument, value);
    case ARGUMENT_TEXTS:
    case ARGUMENT_IDS: return read_items(reading, argument, value);
    case ARGUMENT_OBJECT: break;
    }
    return false;
}
