#include "context-svc/index/stemmer.h"

#include <assert.h>
#include <libstemmer.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/base/hash.h"
#include "common/base/memory.h"
#include "context-svc/index/irregular.h"
#include "context-svc/index/term.h"

enum { REMEMBERED = 2048 };

struct remembered {
    uint64_t word; /* the whole hash; 0: none */
    uint64_t term;
};

struct index_stemmer {
    struct sb_stemmer *english;
    struct remembered remembered[REMEMBERED];
};

struct index_stemmer *
index_stemmer_create(void)
{
    struct index_stemmer *self = memory_new(sizeof *self);
    self->english = sb_stemmer_new("english", NULL);
    assert(self->english);
    return self;
}

void
index_stemmer_destroy(struct index_stemmer **self_p)
{
    struct index_stemmer *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    sb_stemmer_delete(self->english);
    free(self);
}

static bool
has_digit(struct text word)
{
    for (size_t i = 0; i < word.length; i++)
        if (word.data[i] >= '0' && word.data[i] <= '9')
            return true;
    return false;
}

static uint64_t
stem(struct index_stemmer *self, struct text word)
{
    if (has_digit(word))
        return index_term_of(hash_fnv1a(word));
    struct text regular = index_irregular_lemma(word);
    if (regular.length)
        word = regular;
    const sb_symbol *stem =
        sb_stemmer_stem(self->english, (const sb_symbol *)word.data, (int)word.length);
    assert(stem);
    return index_term_of(hash_fnv1a(text_from(stem, (size_t)sb_stemmer_length(self->english))));
}

uint64_t
index_stemmer_term(struct index_stemmer *self, struct text word)
{
    uint64_t hash = hash_fnv1a(word);
    struct remembered *place = &self->remembered[(hash ^ (hash >> 32)) % REMEMBERED];
    if (place->word != hash || !hash)
        *place = (struct remembered){hash, stem(self, word)};
    return place->term;
}
