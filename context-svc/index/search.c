#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "context-svc/index/key.h"
#include "context-svc/index/phrase.h"
#include "context-svc/index/reader.h"

enum {
    RESCORED = 100, /* candidates whose text is looked at for phrases */
    LIMIT_MAX = 100,
    OFFSET_MAX = 1000,
    RECENT_LIMIT_MAX = 200,
};

static const float default_min_score = 0.25F;

struct index_reader *
index_reader_create(void)
{
    struct index_reader *self = memory_new(sizeof *self);
    self->analyser = index_analyser_create();
    return self;
}

void
index_reader_destroy(struct index_reader **self_p)
{
    struct index_reader *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    index_ranking_release(&self->ranking);
    index_scorer_release(&self->scorer);
    index_postings_release(&self->postings);
    index_filter_release(&self->filter);
    index_terms_release(&self->terms);
    index_analyser_destroy(&self->analyser);
    free(self);
}

/* A search on its way. */
struct search {
    struct index_reader *reader;
    const struct index_view *view;
    const struct store_snapshot *snapshot;
    const struct index_query *query;
    struct store_scan *scan;
    float most; /* what a document gets that holds each word once */
    struct problem *problem;
};

static enum status
locate(struct search *self, uint32_t at)
{
    struct index_reader *reader = self->reader;
    struct index_term *item = &reader->terms.items[at];
    enum status status =
        index_postings_gather(&reader->postings, self->view, self->scan, item->term, self->problem);
    if (status != STATUS_OK)
        return status;
    item->documents = index_scorer_locate(&reader->scorer, self->view, &reader->postings);
    /* A word that is nowhere weighs as one that is in one place: it tells that much of a query. */
    uint32_t documents = item->documents ? item->documents : 1;
    item->weight = index_score_rarity(self->view->live_documents, documents);
    return STATUS_OK;
}

/* Keeps the rarest words of a long query. */
static enum status
shorten(struct search *self)
{
    struct index_terms *terms = &self->reader->terms;
    if (terms->count <= INDEX_WORDS_MAX)
        return STATUS_OK;
    for (uint32_t i = 0; i < terms->count; i++) {
        enum status status = locate(self, i);
        if (status != STATUS_OK)
            return status;
    }
    bool keep[INDEX_TERMS_MAX] = {false};
    for (uint32_t kept = 0; kept < INDEX_WORDS_MAX; kept++) {
        uint32_t best = INDEX_TERMS_MAX;
        for (uint32_t i = 0; i < terms->count; i++)
            if (!keep[i] &&
                (best == INDEX_TERMS_MAX || terms->items[i].weight > terms->items[best].weight))
                best = i;
        keep[best] = true;
    }
    index_terms_keep(terms, keep);
    return STATUS_OK;
}

static enum status
score_terms(struct search *self)
{
    struct index_reader *reader = self->reader;
    for (uint32_t i = 0; i < reader->terms.count; i++) {
        enum status status = locate(self, i);
        if (status != STATUS_OK)
            return status;
        const struct index_term *item = &reader->terms.items[i];
        /* "sqlite-vec" is not missing where "sqlite" and "vec" are. */
        if (item->compound && !item->documents)
            continue;
        self->most += item->weight;
        index_scorer_add(&reader->scorer, self->view, &reader->filter, i, item->weight);
    }
    return STATUS_OK;
}

/* Small and bounded: reorders what is nearly equal. */
static float
favour(const struct search *self, const struct index_document_row *row)
{
    float factor = 1;
    if (row->flags & INDEX_IS_PINNED)
        factor *= 1.03F;
    if (row->flags & INDEX_IS_SUPERSEDED)
        factor *= 0.6F;
    if (self->query->now_ms > row->updated_at_ms) {
        const float month_ms = 30.0F * 86400 * 1000;
        float age = (float)(self->query->now_ms - row->updated_at_ms) / month_ms;
        factor *= 1 + 0.03F / (1 + age);
    }
    return factor;
}

static uint32_t
collect(struct search *self)
{
    struct index_reader *reader = self->reader;
    const struct index_scorer *scorer = &reader->scorer;
    size_t wanted = self->query->offset + self->query->limit;
    index_ranking_begin(&reader->ranking, wanted > RESCORED ? wanted : RESCORED);
    uint32_t total = 0;
    for (uint32_t i = 0; i < scorer->touched_count; i++) {
        uint32_t document = scorer->touched[i];
        if (scorer->accounts[document].score < 0)
            continue;
        total++;
        const struct index_document_row *row = index_view_row(self->view, document);
        uint32_t unit;
        float score = index_scorer_result(scorer, row, document, &unit) * favour(self, row);
        if (!index_ranking_wants(&reader->ranking, score))
            continue;
        const struct index_candidate candidate = {
            .score = score,
            .document = document,
            .unit = unit,
            .matched = scorer->accounts[document].matched,
            .created_at_ms = row->created_at_ms,
            .id = row->id,
        };
        index_ranking_offer(&reader->ranking, &candidate);
    }
    index_ranking_sort(&reader->ranking);
    return total;
}

static enum status
rescore(struct search *self)
{
    struct index_ranking *ranking = &self->reader->ranking;
    if (!self->reader->terms.pair_count)
        return STATUS_OK;
    for (size_t i = 0; i < ranking->count && i < RESCORED; i++) {
        struct index_candidate *candidate = &ranking->items[i];
        float gain;
        enum status status = index_phrase_gain(
            self->view, self->snapshot, &self->reader->terms, candidate, &gain, self->problem);
        if (status != STATUS_OK)
            return status;
        candidate->score += gain * favour(self, index_view_row(self->view, candidate->document));
    }
    index_ranking_sort(ranking);
    return STATUS_OK;
}

/* Of the sum of BM25, as a share of `most`: 1 when each word is there once in a text of average
 * length, 2.2 at the utmost. */
static float
calibrate(float share)
{
    return 1 - expf(-2 * share);
}

static struct index_hit
hit_of(const struct search *self, const struct index_candidate *candidate)
{
    const struct index_unit_row *unit = index_view_unit(self->view, candidate->unit);
    return (struct index_hit){
        .id = candidate->id,
        .score = self->most > 0 ? calibrate(candidate->score / self->most) : 0,
        .matched = candidate->matched,
        .content_from = unit ? (uint32_t)unit->place * INDEX_PLACE_BYTES : 0,
    };
}

static void
report(struct search *self, uint32_t total, struct index_result *result)
{
    struct index_reader *reader = self->reader;
    const struct index_ranking *ranking = &reader->ranking;
    float min_score = self->query->min_score < 0 ? default_min_score : self->query->min_score;
    *result = (struct index_result){.hits = reader->hits, .total = total};
    for (size_t i = self->query->offset;
         i < ranking->count && result->hit_count < self->query->limit; i++) {
        struct index_hit hit = hit_of(self, &ranking->items[i]);
        if (hit.score < min_score)
            break;
        reader->hits[result->hit_count++] = hit;
    }
    result->word_count = reader->terms.count;
    for (uint32_t i = 0; i < reader->terms.count; i++)
        result->words[i] = index_terms_word(&reader->terms, i);
}

static enum status
run(struct search *self, struct index_result *result)
{
    enum status status = shorten(self);
    if (status == STATUS_OK)
        status = score_terms(self);
    if (status != STATUS_OK)
        return status;
    uint32_t total = collect(self);
    status = rescore(self);
    if (status == STATUS_OK)
        report(self, total, result);
    return status;
}

enum status
index_search(struct index_reader *self, const struct index_view *view,
    const struct store_snapshot *snapshot, const struct index_query *query,
    struct index_result *result, struct problem *problem)
{
    assert(query->limit <= LIMIT_MAX && query->offset <= OFFSET_MAX);
    index_terms_read(&self->terms, self->analyser, query->query);
    if (!self->terms.count) {
        problem_set(problem, "the query holds no word to search for");
        return STATUS_INVALID_ARGUMENT;
    }
    index_filter_prepare(&self->filter, view, query);
    index_scorer_begin(&self->scorer, view);
    struct index_key from = index_key_postings(view->tenant, 0, 0);
    struct index_key to = index_key_postings_end(view->tenant);
    CLEANUP(store_scan_destroy)
    struct store_scan *scan =
        store_scan_create(snapshot, index_key_text(&from), index_key_text(&to), false);
    struct search search = {
        .reader = self,
        .view = view,
        .snapshot = snapshot,
        .query = query,
        .scan = scan,
        .problem = problem,
    };
    return run(&search, result);
}

void
index_recent(struct index_reader *self, const struct index_view *view,
    const struct index_query *query, struct index_result *result)
{
    assert(query->limit <= RECENT_LIMIT_MAX && query->offset <= OFFSET_MAX);
    index_filter_prepare(&self->filter, view, query);
    index_ranking_begin(&self->ranking, query->offset + query->limit);
    uint32_t total = 0;
    for (uint32_t i = 0; i < view->document_count && !self->filter.nothing; i++) {
        const struct index_document_row *row = index_view_document(view, i);
        if (!row || !index_document_row_is_live(row, view->epoch) ||
            !index_filter_accepts(&self->filter, view, row))
            continue;
        total++;
        const struct index_candidate candidate = {
            .document = i, .created_at_ms = row->created_at_ms, .id = row->id};
        index_ranking_offer(&self->ranking, &candidate);
    }
    index_ranking_sort(&self->ranking);
    *result = (struct index_result){.hits = self->hits, .total = total};
    for (size_t i = query->offset; i < self->ranking.count; i++)
        self->hits[result->hit_count++] = (struct index_hit){.id = self->ranking.items[i].id};
}
