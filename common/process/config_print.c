#include <stdio.h>
#include <string.h>

#include "common/process/config_parts.h"

static void
print_escaped(const char *text)
{
    for (; *text; text++)
        printf("%s%c", *text == '|' ? "\\" : "", *text);
}

static void
print_row(const struct config_field *field)
{
    printf("| `%s` | %s%s%s | %s%s%s | ", field->key, field->environment ? "`" : "",
        field->environment ? field->environment : "", field->environment ? "`" : "",
        field->flag ? "`" : "", field->flag ? field->flag : "", field->flag ? "`" : "");
    if (*field->initial)
        printf("`%s`", field->initial);
    printf(" | ");
    if (field->type == CONFIG_CHOICE)
        print_escaped(field->choices);
    else if (field->type == CONFIG_INTEGER && (field->min || field->max))
        printf("%lld to %lld", (long long)field->min, (long long)field->max);
    printf(" | %s |\n", field->help);
}

static const char *
placeholder(const struct config_field *field)
{
    switch (field->type) {
    case CONFIG_INTEGER: return " N";
    case CONFIG_LIST: return " A,B,…";
    case CONFIG_CHOICE:
    case CONFIG_TEXT: return " TEXT";
    case CONFIG_BOOLEAN: break;
    }
    return "";
}

static void
print_paragraph(const struct config_field *field)
{
    if (field->flag && field->type == CONFIG_BOOLEAN)
        printf("  %s, --no-%s\n", field->flag, field->flag + 2);
    else if (field->flag && field->type == CONFIG_CHOICE)
        printf("  %s %s\n", field->flag, field->choices);
    else if (field->flag)
        printf("  %s%s\n", field->flag, placeholder(field));
    else
        printf("  (no flag) %s\n", field->key);

    printf("      %s", field->help);
    if (*field->initial)
        printf("; default %s", field->initial);
    if (field->type == CONFIG_INTEGER && (field->min || field->max))
        printf("; %lld to %lld%s", (long long)field->min, (long long)field->max,
            field->traits & CONFIG_CLAMPED ? ", clamped" : "");
    printf("\n      %s%s%s\n", field->environment ? field->environment : "",
        field->environment ? ", " : "", field->key);
}

void
config_print_help(const struct config_field *fields, size_t count, bool markdown)
{
    if (markdown)
        puts(
            "| key | environment | flag | default | values | meaning |\n|---|---|---|---|---|---|");
    for (size_t i = 0; i < count; i++)
        if (markdown)
            print_row(&fields[i]);
        else
            print_paragraph(&fields[i]);
}

void
config_print(const struct config *self)
{
    for (size_t i = 0; i < self->count; i++) {
        const struct config_value *value = &self->values[i];
        bool hidden = (self->fields[i].traits & CONFIG_SECRET) && *value->text;
        bool by_default = strcmp(value->source, "default") == 0;
        printf("%s = %s  (%s%s%s%s)\n", self->fields[i].key, hidden ? "********" : value->text,
            value->source, by_default ? "" : " ", by_default ? "" : value->where,
            value->clamped ? ", clamped" : "");
    }
}
