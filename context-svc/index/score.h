/* score: BM25, term after term, over units and whole documents.
 *
 * A document of one unit scores as that unit. A longer one scores as its best unit and as a whole,
 * mixed. Averages of length and the constants are per kind, document frequencies store-wide and
 * exact. Scratch memory of a reader, as large as the view has rows; between two searches only what
 * was touched is cleared.
 */
#pragma once

#include "context-svc/index/filter.h"
#include "context-svc/index/postings.h"
#include "context-svc/index/view.h"

/* What a document has so far. */
struct index_account {
    float score;      /* of the whole document; negative: not for this query */
    uint32_t matched; /* bits over the query's terms */
};

/* A posting of a live document. */
struct index_located {
    const struct index_unit_row *row;
    uint32_t unit;
    uint8_t weight;
};

/* A document with an account. */
struct index_touched {
    uint32_t document;
    bool is_long; /* of several units */
};

/* Made to be embedded; zeroed is empty. */
struct index_scorer {
    struct index_account *accounts; /* by document; zero between searches */
    float *unit_scores;             /* of documents of several units that have an account */
    uint32_t account_capacity, unit_capacity;
    struct index_touched *touched; /* documents with an account that is not zero */
    uint32_t touched_count, touched_capacity;
    struct index_located *located;
    uint32_t located_count, located_capacity;
};

void index_scorer_release(struct index_scorer *self);

/* Clears what the last search touched and makes room for the view. */
void index_scorer_begin(struct index_scorer *self, const struct index_view *view);

/* Keeps the postings of live documents for index_scorer_add; returns how many documents. */
uint32_t index_scorer_locate(struct index_scorer *self, const struct index_view *view,
    const struct index_postings *postings);

/* Adds what was located to the scores; `bit` is the term's place among the query's. */
void index_scorer_add(struct index_scorer *self, const struct index_view *view,
    const struct index_filter *filter, unsigned bit, float weight);

/* The score of a touched document and its best unit, the latter only when it is long. */
float index_scorer_result(const struct index_scorer *self, const struct index_view *view,
    const struct index_touched *touched, uint32_t *best_unit);

/* Inverse document frequency, always positive. */
float index_score_rarity(uint32_t live_documents, uint32_t documents);
