/* config_parts: what the files of config share; nobody else includes it. */
#pragma once

#include "common/base/text.h"
#include "common/process/config.h"

struct config_value {
    char *text; /* owned; a list's items joined by commas */
    int64_t integer;
    bool boolean;
    char **items; /* CONFIG_LIST; owned */
    size_t item_count;
    const char *source; /* "flag", "environment", "file", "default"; NULL: not set yet */
    char *where;        /* owned; "--port", "FORGE_PORT", "forge.yaml:3" */
    bool clamped;
    bool in_section; /* from the program's own section of the file */
};

struct config {
    const struct config_field *fields;
    size_t count;
    struct config_value *values; /* one a field, in the fields' order */
};

/* Where a value comes from: the class, and the place for messages ("forge.yaml:3:9"). */
struct config_origin {
    const char *source;
    const char *where;
};

/* The row's index, or count. */
size_t config_find(const struct config *self, struct text key);

/* Checks the text by the row's type and makes it the row's value. On failure the problem begins
 * with the origin's place, and nothing has changed. */
enum status config_set(struct config *self, size_t index, struct text text,
    const struct config_origin *origin, struct problem *problem) MUST_CHECK;

/* The same for a list whose items came one by one. The items are copied. */
enum status config_set_list(struct config *self, size_t index, const struct text *items,
    size_t count, const struct config_origin *origin) MUST_CHECK;

/* Fills what is not set yet from the rows' defaults; expands ${data_dir} and ${HOME}. */
enum status config_set_defaults(struct config *self, struct problem *problem) MUST_CHECK;

void config_value_release(struct config_value *self);

/* Sets what the file holds for rows that are not set yet. program: whose section is ours. */
enum status config_read_file(
    struct config *self, const char *path, const char *program, struct problem *problem) MUST_CHECK;
