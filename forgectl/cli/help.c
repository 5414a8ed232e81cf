#include "forgectl/cli/help.h"

#include <string.h>

const struct verb *
verb_find(const struct verb *verbs, size_t count, const char *const *words, size_t word_count,
    size_t *taken)
{
    const struct verb *found = NULL;
    for (size_t i = 0; i < count; i++) {
        const char *name = verbs[i].name;
        size_t first = strcspn(name, " ");
        if (word_count == 0 || strlen(words[0]) != first || memcmp(words[0], name, first) != 0)
            continue;
        bool single = name[first] == '\0';
        if (!single && (word_count < 2 || strcmp(words[1], name + first + 1) != 0))
            continue;
        found = &verbs[i];
        *taken = single ? 1 : 2;
    }
    return found;
}

enum { LEFT_COLUMNS = 30 };

/* Two columns; a long left side gets a line of its own. */
static void
print_columns(FILE *out, const char *left, const char *right)
{
    if (strlen(left) > LEFT_COLUMNS)
        (void)fprintf(out, "  %s\n  %*s %s", left, LEFT_COLUMNS, "", right);
    else
        (void)fprintf(out, "  %-*s %s", LEFT_COLUMNS, left, right);
}

static void
print_option(FILE *out, const struct option_row *row)
{
    char left[64];
    bool takes_value = row->type != OPTION_FLAG;
    if (row->letter != 0)
        (void)snprintf(left, sizeof(left), "-%c, --%s%s%s", row->letter, row->name,
            takes_value ? " " : "", takes_value ? row->value_name : "");
    else
        (void)snprintf(left, sizeof(left), "    --%s%s%s", row->name, takes_value ? " " : "",
            takes_value ? row->value_name : "");
    print_columns(out, left, row->help);
    if (row->environment != NULL)
        (void)fprintf(out, " [$%s]", row->environment);
    if (row->initial != NULL && takes_value)
        (void)fprintf(out, " (default %s)", row->initial);
    (void)fputc('\n', out);
}

static void
print_verb_line(FILE *out, const struct verb *verb)
{
    char left[64];
    (void)snprintf(left, sizeof(left), "%s %s", verb->name, verb->arguments);
    print_columns(out, left, verb->purpose);
    (void)fputc('\n', out);
}

void
help_print_all(FILE *out, const struct verb *verbs, size_t verb_count,
    const struct option_row *options, size_t option_count)
{
    (void)fputs("forgectl: a team's shared memory from the command line\n\n"
                "Usage: forgectl [OPTIONS] VERB [ARGUMENTS]\n\nVerbs:\n",
        out);
    for (size_t i = 0; i < verb_count; i++)
        print_verb_line(out, &verbs[i]);
    (void)fputs("\nOptions of every verb:\n", out);
    for (size_t i = 0; i < option_count; i++)
        print_option(out, &options[i]);
    (void)fputs("\nExit codes:\n"
                "  0 done   1 a check is bad   2 usage   3 done in part   5 not found   6 busy\n"
                "  8 damaged data   69 no answer   70 internal   75 try again later   77 denied\n"
                "  78 a file of settings is wrong   130 interrupted\n"
                "\n'forgectl help VERB' tells more about a verb.\n",
        out);
}

void
help_print_verb(FILE *out, const struct verb *verb)
{
    (void)fprintf(out, "forgectl %s: %s\n\nUsage: forgectl %s%s%s%s\n", verb->name, verb->purpose,
        verb->name, verb->option_count > 0 ? " [OPTIONS]" : "",
        verb->arguments[0] != '\0' ? " " : "", verb->arguments);
    if (verb->details != NULL)
        (void)fprintf(out, "\n%s\n", verb->details);
    if (verb->option_count > 0)
        (void)fputs("\nOptions:\n", out);
    for (size_t i = 0; i < verb->option_count; i++)
        print_option(out, &verb->options[i]);
    (void)fputs("\n'forgectl help' lists the options that every verb takes.\n", out);
}

bool
help_print_group(FILE *out, const struct verb *verbs, size_t verb_count, const char *word)
{
    size_t length = strlen(word);
    bool any = false;
    for (size_t i = 0; i < verb_count; i++) {
        if (strncmp(verbs[i].name, word, length) != 0 || verbs[i].name[length] != ' ')
            continue;
        any = true;
        print_verb_line(out, &verbs[i]);
    }
    return any;
}
