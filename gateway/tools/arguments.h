/* arguments: what a tool takes, as a table, and one call's values of it.
 *
 * The table is the one description: the input schema that models see is written from it
 * (schema.h), and arguments_read checks against it. Reading is kind about names (q for query) and
 * strict about values; every refusal says what to change.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/text.h"
#include "common/base/uuid.h"

enum argument_type {
    ARGUMENT_TEXT,    /* a string of min to max bytes */
    ARGUMENT_WORD,    /* one of `words`; the value's integer is its place */
    ARGUMENT_ID,      /* a UUID as text */
    ARGUMENT_TIME,    /* moment.h; the value's integer is wall clock ms */
    ARGUMENT_INTEGER, /* min to max */
    ARGUMENT_RATIO,   /* a number from 0 to 1 */
    ARGUMENT_BOOLEAN,
    ARGUMENT_TEXTS,  /* at most max_items strings of 1 to max bytes */
    ARGUMENT_IDS,    /* at most max_items UUIDs */
    ARGUMENT_OBJECT, /* an object of `fields` */
};

/* Bits of argument.flags. */
enum {
    ARGUMENT_REQUIRED = 1,
    ARGUMENT_HIDDEN = 2,  /* taken, but not in the schema: for scripts, or a former name */
    ARGUMENT_NAME = 4,    /* of TEXT and TEXTS: a name, so without control characters */
    ARGUMENT_KIND = 8,    /* of TEXT and TEXTS: letters, digits, '_', '-'; strings in lower case */
    ARGUMENT_HEADER = 16, /* mirrored in Mcp-Param-*, see mcp/ladder.h; strings only */
    ARGUMENT_TERSE = 32,  /* of WORD: the schema leaves the words out, a refusal names them */
};

struct argument_list;

struct argument {
    const char *name;
    enum argument_type type;
    unsigned flags;
    int64_t min, max; /* bytes of a string, or the integer's range; max 0: no bound */
    unsigned max_items;
    const char *also;         /* other names that callers use for it, blanks between; or NULL */
    const char *const *words; /* ends in NULL */
    const struct argument_list *fields;
    const char *description; /* NULL where the name says it all */
};

struct argument_list {
    const struct argument *items;
    size_t count;
};

enum {
    ARGUMENTS_MAX = 16,
    ARGUMENT_STRING_BYTES = 4096, /* texts whose max is at most this also come NUL-terminated */
};

/* Texts are borrowed from the JSON or the arena. What was not given is zero, "" and empty. */
struct argument_value {
    bool given;
    bool boolean;
    int64_t integer;
    double ratio;
    struct text text;
    char *string;     /* TEXT: the same with a NUL, see ARGUMENT_STRING_BYTES; never NULL */
    char **strings;   /* TEXTS */
    struct uuid *ids; /* ID (one), IDS */
    size_t count;
    struct argument_value *fields; /* OBJECT */
};

struct argument_problem {
    const char *argument; /* its name, or NULL when none is to blame */
    const char *words;    /* one sentence, in the arena */
};

/* Reads the JSON object `json` (empty: no arguments) into values, one for each of the list, in its
 * order. now_ms: the wall clock, for times like "24h". False with a problem when something is
 * missing, unknown, of another type or out of range. A null is as good as absent, and so is an
 * empty string where min is 0. */
bool arguments_read(const struct argument_list *list, struct text json, int64_t now_ms,
    struct arena *arena, struct argument_value *values, struct argument_problem *problem);
