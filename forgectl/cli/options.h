/* options: the command line, read by tables.
 *
 * A row describes one option; help is printed from the same row. Tables are added before reading; a
 * later row replaces an earlier one of the same name and keeps what was given for it, so a verb can
 * say what --url means to it. A value given wins over the environment, that over the default. The
 * texts are borrowed from argv and the environment. One thread only: getopt_long has one state.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/base/status.h"

enum option_type {
    OPTION_FLAG,    /* takes no value */
    OPTION_TEXT,    /* not empty */
    OPTION_INTEGER, /* within min and max */
    OPTION_RATIO,   /* a decimal number from 0 to 1 */
    OPTION_TIME,    /* "500ms", "10s", "5m"; a bare number is seconds; min and max in ms */
    OPTION_CHOICE,  /* one of value_name's words, which '|' separates */
    OPTION_LIST,    /* may be given again */
};

struct option_row {
    const char *name; /* "token-file" */
    char letter;      /* 'o'; 0: none */
    enum option_type type;
    const char *value_name;  /* "FILE"; "table|json" for a choice */
    const char *environment; /* NULL: none */
    const char *initial;     /* NULL: none */
    int64_t min, max;
    const char *help; /* one line */
};

struct options;

struct options *options_create(void);
void options_destroy(struct options **self_p);

/* The rows are borrowed and must outlive the object. */
void options_add(struct options *self, const struct option_row *rows, size_t count);

/* Reads argv[1] and on. Words that are no options become arguments. With until_word set, reading
 * stops at the first such word, and *next is its place in argv. INVALID_ARGUMENT with words. */
enum status options_read(struct options *self, int argc, char **argv, bool until_word, int *next,
    struct problem *problem) MUST_CHECK;

/* Checks every value against its row, those of the environment too. INVALID_ARGUMENT with words. */
enum status options_check(const struct options *self, struct problem *problem) MUST_CHECK;

/* By name; asking for a name without a row is our mistake and asserts. */
bool options_given(const struct options *self, const char *name); /* on the command line */
bool options_flag(const struct options *self, const char *name);
const char *options_text(const struct options *self, const char *name); /* NULL: none */
int64_t options_integer(const struct options *self, const char *name);  /* 0: none */
double options_ratio(const struct options *self, const char *name);     /* 0: none */
int64_t options_time_ms(const struct options *self, const char *name);  /* 0: none */
size_t options_list(const struct options *self, const char *name, const char *const **items);

size_t options_arguments(const struct options *self, const char *const **items);
