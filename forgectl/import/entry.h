/* entry: one thing to be imported, as a source found it.
 *
 * The texts are borrowed from the source until its next entry.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/text.h"

enum {
    IMPORT_CONTENT_MAX = 256 << 10, /* what one entry holds at most */
    IMPORT_TITLE_MAX = 512,
    IMPORT_TAG_MAX = 64,
    IMPORT_TAGS_MAX = 32,
    IMPORT_KIND_MAX = 32,
};

struct import_entry {
    struct text content;
    struct text title;
    struct text kind;
    struct text project;
    struct text scope;
    struct text created_at; /* RFC 3339, or empty */
    struct text tags[IMPORT_TAGS_MAX];
    size_t tag_count;
    bool pinned;
    /* Where it comes from, for messages: a file, and the line in it (0: the whole file). */
    struct text file;
    size_t line;
};

/* Adds a tag cut to what a tag may hold; blank ones, repeated ones and those beyond the limit are
 * left out. */
void import_entry_add_tag(struct import_entry *self, struct text tag);

/* The same for "a, b, c". */
void import_entry_add_tags(struct import_entry *self, struct text list);

/* A kind from free words: lower case, blanks and others to '-'; written into out, which is borrowed
 * as the kind. Without a letter first it stays empty. */
void import_entry_set_kind(
    struct import_entry *self, struct text words, char out[IMPORT_KIND_MAX + 1]);

/* Writes the arguments of context_save. */
void import_entry_write(const struct import_entry *self, struct buffer *json);

enum { IMPORT_KEY_SIZE = 65 };

/* The idempotency key of one save of one run, SHA-256 in hexadecimal: sending it again within the
 * run cannot store it twice. Another run has other keys on purpose, so that the service looks at
 * the content and says "unchanged" where it is, in place of repeating its old answer. */
void import_entry_key(
    struct text run, struct text place, struct text json, char key[IMPORT_KEY_SIZE]);
