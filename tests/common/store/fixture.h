/* What the tests of the store share: a temporary folder, and commits of one key. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/store/store.h"

/* A fresh folder under $TMPDIR or /tmp; free with folder_remove. */
char *folder_make(void);
/* rm -r, and frees the name. */
void folder_remove(char **folder_p);
/* "folder/name"; free with free(). */
char *folder_path(const char *folder, const char *name);

/* Opens a store of format 1; asserts that it works. */
struct store *store_of(enum store_engine engine, const char *path);
/* The status of an attempt, with the words in *problem. */
enum status store_try(const char *path, bool require_existing, struct problem *problem);

enum status commit_one(struct store *store, const char *key, const char *value);
/* NULL when it is not there; asserts that nothing else is wrong. Free with free(). */
char *get_one(struct store *store, const char *key);
/* Commits key00000 … with values of value_bytes. */
void commit_many(struct store *store, unsigned count, size_t value_bytes);
unsigned count_rows(struct store *store);
