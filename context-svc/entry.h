/* entry: what can be said of one entry without a store.
 *
 * Pure functions over forge.Entry: its hashes, its title, its card, what of it is searched. Owns
 * nothing; what is made lies in the caller's arena.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "context.pb-c.h"

#include "common/base/arena.h"
#include "common/base/buffer.h"
#include "common/base/text.h"
#include "context-svc/index/index.h"
#include "context-svc/keys.h"

enum { ENTRY_HASH_SIZE = 32 };

/* SHA-256 of kind, title and content. */
void context_entry_content_hash(const Forge__Entry *entry, uint8_t hash[ENTRY_HASH_SIZE]);

/* SHA-256 of where the entry may be seen (project, scope, author when private) and its content
 * hash: two entries of one tenant with the same are the same. */
void context_entry_place_hash(const Forge__Entry *entry, uint8_t hash[KEY_HASH_SIZE]);

/* The first line that says something, without Markdown's marks, cut to a title's length. */
struct text context_entry_derive_title(struct text content, struct arena *arena);

/* A kind in lower-case ASCII letters, in the arena; empty gives "note". */
char *context_entry_kind(const char *wanted, struct arena *arena);

/* What lists filter by, packed into the buffer (replaced). */
void context_entry_pack_card(const Forge__Entry *entry, struct buffer *out);

/* What of it is searched; borrows from entry and arena. */
void context_entry_document(
    const Forge__Entry *entry, struct arena *arena, struct index_document *document);

/* An open work session says nothing yet, so it is not searched before its first checkpoint. */
bool context_entry_is_searched(const Forge__Entry *entry);

/* Author of a private entry, else empty: under which count it falls. */
struct text context_entry_owner(const Forge__Entry *entry);

/* The tags of both, in the arena, old ones first. False: more than an entry may have. */
bool context_entry_join_tags(
    Forge__Entry *entry, char *const *tags, size_t tag_count, struct arena *arena, bool *added);

/* All of `wanted` among `tags`. */
bool context_tags_hold(
    char *const *tags, size_t tag_count, char *const *wanted, size_t wanted_count);
/* Any of `words` is `word`; none wanted passes. */
bool context_words_allow(char *const *words, size_t count, const char *word);
