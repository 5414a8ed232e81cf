/* stemmer: folded word → term, the number under which all its forms are indexed.
 *
 * "running", "runs" and "ran" are one term: irregular forms first, then Snowball's English stemmer
 * for words of letters. A term is 40 bits of the stem's hash: among a million words two share a
 * term by chance. The words of late are remembered, as stemming costs more than all else.
 * One thread at a time.
 */
#pragma once

#include <stdint.h>

#include "common/base/text.h"

struct index_stemmer;

struct index_stemmer *index_stemmer_create(void);
void index_stemmer_destroy(struct index_stemmer **self_p);

/* `word` is folded, at most 64 bytes. */
uint64_t index_stemmer_term(struct index_stemmer *self, struct text word);
