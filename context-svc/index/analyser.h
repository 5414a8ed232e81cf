/* analyser: text → tokens, the same for what is stored and what is asked.
 *
 * A word is a run of letters, digits and '_'. It is cut where an identifier is ("parseHTTPHeader",
 * "max_units", "utf8"); each part is a token with a position of its own, and the whole word is
 * another token at the position of its first part. Words joined by a single '.', '-' or apostrophe
 * ("node.js", "2025-06-12", "O'Reilly") also give a token for all of them. So a search finds parts
 * and whole alike, however they are written. "'s", "'t" and their like are dropped. Hashes, UUIDs
 * and encoded data stay whole. Characters of scripts without spaces are tokens each, and so is each
 * adjacent pair. Tokens are at most 64 bytes folded; of longer ones the beginning counts.
 *
 * One thread at a time. Any bytes may be fed; what is not UTF-8 separates words.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/text.h"

struct index_analyser;

enum { INDEX_WORD_MAX = 64 };

struct index_token {
    uint64_t term;     /* 40 bits; the same for all forms of a word */
    uint32_t position; /* counts the parts */
    uint32_t from, to; /* where it stands in the text, in bytes */
    bool compound;     /* a whole of several parts, which came before it */
    struct text word;  /* folded, not stemmed; borrowed for the call */
};

typedef void index_on_token(void *arg, const struct index_token *token);

struct index_analyser *index_analyser_create(void);
void index_analyser_destroy(struct index_analyser **self_p);

/* Calls on_token for each token, in order of their ends; positions count on from first_position.
 * Returns the position after the last. The text is under 4 GiB. */
uint32_t index_analyser_run(struct index_analyser *self, struct text text, uint32_t first_position,
    index_on_token *on_token, void *arg);
