#include <assert.h>
#include <math.h>

#include "context-svc/index/key.h"
#include "context-svc/index/phrase.h"
#include "context-svc/index/reader.h"

enum {
    RESCORED = 100, /* candidates whose text is looked at for phrases */
    EVIDENCE_HITS = 5,
    EVIDENCE_WORDS = 4,
};

/* Leaves half of the questions that nothing answers without a hit (LoCoMo's, asked of another
 * conversation) and loses one answer in two hundred. */
static const float default_min_score = 0.21F;

/* A search on its way. */
struct search {
    struct index_reader *reader;
    const struct index_view *view;
    const struct store_snapshot *snapshot;
    const struct index_query *query;
    struct store_scan *scan;
    float most;     /* what a document gets that holds each word once */
    uint32_t asked; /* words that count */
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

/* The rarest of the words that are not kept yet; at least one is not. */
static uint32_t
find_rarest(const struct index_terms *terms, const bool *keep)
{
    uint32_t best = 0;
    while (keep[best])
        best++;
    for (uint32_t i = best + 1; i < terms->count; i++)
        if (!keep[i] && terms->items[i].weight > terms->items[best].weight)
            best = i;
    return best;
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
    for (uint32_t kept = 0; kept < INDEX_WORDS_MAX; kept++)
        keep[find_rarest(terms, keep)] = true;
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
        self->asked++;
        index_scorer_add(&reader->scorer, self->view, &reader->filter, i, item->weight);
    }
    return STATUS_OK;
}

static const float favour_pinned = 1.03F;
static const float favour_recent = 0.03F;
static const float favour_superseded = 0.6F;
static const float favour_most = 1.03F * 1.03F * 1.001F; /* with room for rounding */

/* Small and bounded: reorders what is nearly equal. */
static float
favour(const struct search *self, const struct index_document_row *row)
{
    float factor = 1;
    if (row->flags & INDEX_IS_PINNED)
        factor *= favour_pinned;
    if (row->flags & INDEX_IS_SUPERSEDED)
        factor *= favour_superseded;
    if (self->query->now_ms > row->updated_at_ms) {
        const float month_ms = 30.0F * 86400 * 1000;
        float age = (float)(self->query->now_ms - row->updated_at_ms) / month_ms;
        factor *= 1 + favour_recent / (1 + age);
    }
    return factor;
}

static void
consider(struct search *self, const struct index_touched *touched)
{
    struct index_reader *reader = self->reader;
    uint32_t unit;
    float score = index_scorer_result(&reader->scorer, self->view, touched, &unit);
    /* Most are out of reach without a look at their row. */
    if (!index_ranking_wants(&reader->ranking, score * favour_most))
        return;
    const struct index_document_row *row = index_view_row(self->view, touched->document);
    const struct index_candidate candidate = {
        .score = score * favour(self, row),
        .document = touched->document,
        .unit = touched->is_long ? unit : row->first_unit,
        .matched = reader->scorer.accounts[touched->document].matched,
        .created_at_ms = row->created_at_ms,
        .id = row->id,
    };
    index_ranking_offer(&reader->ranking, &candidate);
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
        const struct index_touched *touched = &scorer->touched[i];
        if (scorer->accounts[touched->document].score < 0)
            continue;
        total++;
        consider(self, touched);
    }
    index_ranking_sort(&reader->ranking);
    return total;
}

/* Candidates that no phrase can lift to the last place asked for are not looked up. What a page
 * shows is the same, and so is the order across pages. */
static float
least_needed(const struct search *self)
{
    const struct index_ranking *ranking = &self->reader->ranking;
    size_t wanted = self->query->offset + self->query->limit;
    wanted = wanted > EVIDENCE_HITS ? wanted : EVIDENCE_HITS;
    return wanted <= ranking->count ? ranking->items[wanted - 1].score : 0;
}

static enum status
rescore(struct search *self)
{
    struct index_ranking *ranking = &self->reader->ranking;
    const struct index_terms *terms = &self->reader->terms;
    float needed = least_needed(self);
    for (size_t i = 0; i < ranking->count && i < RESCORED; i++) {
        struct index_candidate *candidate = &ranking->items[i];
        float most = index_phrase_most(self->view, terms, candidate) * favour_most;
        if (most <= 0 || candidate->score + most < needed)
            continue;
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

/* How far the query is met at all: a question of which the best documents hold a single word is
 * hardly answered by them, however often they say it. The same for all hits, so the order stays. */
static float
evidence(const struct search *self)
{
    const struct index_ranking *ranking = &self->reader->ranking;
    int most = 0;
    for (size_t i = 0; i < ranking->count && i < EVIDENCE_HITS; i++) {
        int held = __builtin_popcount(ranking->items[i].matched);
        most = held > most ? held : most;
    }
    uint32_t enough = self->asked < EVIDENCE_WORDS ? self->asked : EVIDENCE_WORDS;
    return (uint32_t)most < enough ? ((float)most + 0.5F) / ((float)enough + 0.5F) : 1;
}

/* A sum of BM25 as a share of `most`, which is 1 when each word is there once in a text of average
 * length and 2.2 at the utmost, becomes a score from 0 to 1; that one text gets 0.86. */
static float
calibrate(float share)
{
    return 1 - expf(-2 * share);
}

static struct index_hit
hit_of(const struct search *self, const struct index_candidate *candidate, float factor)
{
    return (struct index_hit){
        .id = candidate->id,
        .score = calibrate(candidate->score * factor),
        .matched = candidate->matched,
        .content_from = index_view_place(self->view, candidate->unit),
    };
}

static void
report(struct search *self, uint32_t total, struct index_result *result)
{
    struct index_reader *reader = self->reader;
    const struct index_ranking *ranking = &reader->ranking;
    float min_score = self->query->min_score < 0 ? default_min_score : self->query->min_score;
    float factor = self->most > 0 ? evidence(self) / self->most : 0;
    *result = (struct index_result){.hits = reader->hits, .total = total};
    for (size_t i = self->query->offset;
         i < ranking->count && result->hit_count < self->query->limit; i++) {
        struct index_hit hit = hit_of(self, &ranking->items[i], factor);
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
    assert(query->limit <= INDEX_LIMIT_MAX && query->offset <= INDEX_OFFSET_MAX);
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
