#include "forgectl/cli/options.h"

#include <assert.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/nearest.h"
#include "common/base/text.h"
#include "forgectl/cli/option_value.h"

enum { LONG_VALUE_BASE = 256 };

struct slot {
    const struct option_row *row;
    const char **values; /* in the order given */
    size_t value_count;
};

struct options {
    struct slot *slots;
    size_t slot_count;
    const char **arguments;
    size_t argument_count;
};

struct options *
options_create(void)
{
    return memory_new(sizeof(struct options));
}

void
options_destroy(struct options **self_p)
{
    struct options *self = TAKE(*self_p);
    if (self == NULL)
        return;
    for (size_t i = 0; i < self->slot_count; i++)
        free(self->slots[i].values);
    free(self->slots);
    free(self->arguments);
    free(self);
}

static struct slot *
find_slot(const struct options *self, const char *name)
{
    for (size_t i = 0; i < self->slot_count; i++)
        if (strcmp(self->slots[i].row->name, name) == 0)
            return &self->slots[i];
    return NULL;
}

void
options_add(struct options *self, const struct option_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct slot *slot = find_slot(self, rows[i].name);
        if (slot == NULL) {
            self->slots = memory_resize(self->slots, (self->slot_count + 1) * sizeof(*self->slots));
            slot = &self->slots[self->slot_count++];
            *slot = (struct slot){0};
        }
        slot->row = &rows[i];
    }
}

static void
append(const char ***list, size_t *count, const char *item)
{
    *list = memory_resize(*list, (*count + 1) * sizeof(**list));
    (*list)[(*count)++] = item;
}

static struct slot *
slot_of_value(const struct options *self, int value)
{
    for (size_t i = 0; i < self->slot_count; i++)
        if ((int)i + LONG_VALUE_BASE == value ||
            (self->slots[i].row->letter != 0 && self->slots[i].row->letter == value))
            return &self->slots[i];
    return NULL;
}

/* getopt's two descriptions of the same rows. The caller frees both. */
static void
describe(const struct options *self, bool until_word, struct option **long_p, char **short_p)
{
    struct option *longs = memory_array(self->slot_count + 1, sizeof(*longs));
    char *shorts = memory_new(self->slot_count * 2 + 3);
    char *at = shorts;
    if (until_word)
        *at++ = '+';
    *at++ = ':';
    for (size_t i = 0; i < self->slot_count; i++) {
        const struct option_row *row = self->slots[i].row;
        bool takes_value = row->type != OPTION_FLAG;
        longs[i] = (struct option){row->name, takes_value ? required_argument : no_argument, NULL,
            (int)i + LONG_VALUE_BASE};
        if (row->letter == 0)
            continue;
        *at++ = row->letter;
        if (takes_value)
            *at++ = ':';
    }
    *long_p = longs;
    *short_p = shorts;
}

static enum status
refuse_unknown(const struct options *self, const char *word, struct problem *problem)
{
    if (word[0] != '-' || word[1] != '-') {
        problem_set(
            problem, "unknown option %s: 'forgectl help VERB' lists what a verb takes", word);
        return STATUS_INVALID_ARGUMENT;
    }
    char name[64] = {0};
    strncpy(name, word + 2, sizeof(name) - 1);
    name[strcspn(name, "=")] = '\0';
    struct nearest nearest;
    nearest_init(&nearest, text_of(name));
    for (size_t i = 0; i < self->slot_count; i++)
        nearest_offer(&nearest, text_of(self->slots[i].row->name));
    if (nearest.count)
        problem_set(problem, "unknown option --%s: did you mean --%.*s?", name,
            TEXT_FORMAT(nearest.names[0]));
    else
        problem_set(
            problem, "unknown option --%s: 'forgectl help VERB' lists what a verb takes", name);
    return STATUS_INVALID_ARGUMENT;
}

static enum status
refuse(const struct options *self, int answer, char **argv, struct problem *problem)
{
    struct slot *slot = optopt == 0 ? NULL : slot_of_value(self, optopt);
    if (slot == NULL) {
        char letter[3] = {'-', (char)optopt, '\0'};
        return refuse_unknown(
            self, optopt > 0 && optopt < LONG_VALUE_BASE ? letter : argv[optind - 1], problem);
    }
    if (answer == ':')
        problem_set(problem, "--%s needs a value: --%s %s", slot->row->name, slot->row->name,
            slot->row->value_name);
    else
        problem_set(problem, "--%s takes no value", slot->row->name);
    return STATUS_INVALID_ARGUMENT;
}

enum status
options_read(struct options *self, int argc, char **argv, bool until_word, int *next,
    struct problem *problem)
{
    CLEANUP(memory_free) struct option *longs = NULL;
    CLEANUP(memory_free) char *shorts = NULL;
    describe(self, until_word, &longs, &shorts);
    optind = 0; /* glibc: forget the state of an earlier reading */
    opterr = 0;
    for (;;) {
        int answer = getopt_long(argc, argv, shorts, longs, NULL);
        if (answer == -1)
            break;
        if (answer == '?' || answer == ':')
            return refuse(self, answer, argv, problem);
        struct slot *slot = slot_of_value(self, answer);
        assert(slot != NULL);
        append(&slot->values, &slot->value_count, optarg != NULL ? optarg : "");
    }
    *next = optind;
    if (until_word)
        return STATUS_OK;
    for (int i = optind; i < argc; i++)
        append(&self->arguments, &self->argument_count, argv[i]);
    return STATUS_OK;
}

static const char *
value_of(const struct slot *slot)
{
    if (slot->value_count > 0)
        return slot->values[slot->value_count - 1];
    const char *value = slot->row->environment != NULL ? getenv(slot->row->environment) : NULL;
    return value != NULL && value[0] != '\0' ? value : slot->row->initial;
}

enum status
options_check(const struct options *self, struct problem *problem)
{
    for (size_t i = 0; i < self->slot_count; i++) {
        const struct slot *slot = &self->slots[i];
        for (size_t j = 0; j < slot->value_count; j++)
            if (option_value_check(slot->row, slot->values[j], problem) != STATUS_OK)
                return STATUS_INVALID_ARGUMENT;
        const char *value = value_of(slot);
        if (slot->value_count == 0 && value != NULL &&
            option_value_check(slot->row, value, problem) != STATUS_OK)
            return STATUS_INVALID_ARGUMENT;
    }
    return STATUS_OK;
}

static const struct slot *
known_slot(const struct options *self, const char *name)
{
    const struct slot *slot = find_slot(self, name);
    assert(slot != NULL);
    return slot;
}

bool
options_given(const struct options *self, const char *name)
{
    return known_slot(self, name)->value_count > 0;
}

bool
options_flag(const struct options *self, const char *name)
{
    return value_of(known_slot(self, name)) != NULL;
}

const char *
options_text(const struct options *self, const char *name)
{
    return value_of(known_slot(self, name));
}

int64_t
options_integer(const struct options *self, const char *name)
{
    int64_t number = 0;
    const char *value = value_of(known_slot(self, name));
    enum status status = text_to_integer(text_of(value), INT64_MIN, INT64_MAX, &number);
    return status == STATUS_OK ? number : 0;
}

double
options_ratio(const struct options *self, const char *name)
{
    const char *value = value_of(known_slot(self, name));
    double ratio = 0;
    return value != NULL && option_value_ratio(value, &ratio) ? ratio : 0;
}

int64_t
options_time_ms(const struct options *self, const char *name)
{
    const char *value = value_of(known_slot(self, name));
    return value == NULL ? 0 : option_value_time_ms(value);
}

size_t
options_list(const struct options *self, const char *name, const char *const **items)
{
    const struct slot *slot = known_slot(self, name);
    *items = slot->values;
    return slot->value_count;
}

size_t
options_arguments(const struct options *self, const char *const **items)
{
    *items = self->arguments;
    return self->argument_count;
}
