/* terms: a query, analysed. Stop words are left out unless there is nothing else. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/text.h"
#include "context-svc/index/analyser.h"
#include "context-svc/index/index.h"

enum {
    INDEX_QUERY_BYTES_MAX = 8192, /* of a longer query the beginning counts */
    INDEX_TERMS_MAX = 64,         /* distinct ones looked up; the rarest INDEX_WORDS_MAX count */
    INDEX_PAIRS_MAX = 32,
};

struct index_term {
    uint64_t term;
    bool compound;
    uint32_t from, to;  /* the word in the query */
    uint32_t documents; /* that hold it */
    float weight;       /* inverse document frequency */
};

/* Two terms that follow each other in the query, `distance` tokens apart. */
struct index_pair {
    uint8_t first, second; /* indexes of terms */
    uint8_t distance;
};

/* Made to be embedded; zeroed is empty. */
struct index_terms {
    struct index_term items[INDEX_TERMS_MAX];
    uint32_t count;
    struct index_pair pairs[INDEX_PAIRS_MAX];
    uint32_t pair_count;
    struct buffer words; /* the query in lower case, where terms point into */
    /* While reading. */
    bool with_stopwords;
    bool has_previous;
    uint8_t previous;
    uint32_t previous_position;
};

void index_terms_release(struct index_terms *self);

/* Reads a query; no term is left when it holds no word. */
void index_terms_read(struct index_terms *self, struct index_analyser *analyser, struct text query);

/* Keeps the terms marked in `keep`, in their order; pairs with others go. */
void index_terms_keep(struct index_terms *self, const bool keep[INDEX_TERMS_MAX]);

static inline struct text
index_terms_word(const struct index_terms *self, uint32_t at)
{
    const struct index_term *item = &self->items[at];
    return text_from(self->words.data + item->from, item->to - item->from);
}
