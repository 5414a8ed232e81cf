#include "context-svc/index/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

/* What the best unit counts beside the whole document. */
static const float unit_share = 0.7F;

void
index_scorer_release(struct index_scorer *self)
{
    free(self->accounts);
    free(self->unit_scores);
    free(self->touched);
    free(self->located);
    *self = (struct index_scorer){0};
}

static void
clear(struct index_scorer *self)
{
    for (uint32_t i = 0; i < self->touched_count; i++)
        self->accounts[self->touched[i].document] = (struct index_account){0};
    self->touched_count = 0;
}

void
index_scorer_begin(struct index_scorer *self, const struct index_view *view)
{
    clear(self);
    if (view->document_count > self->account_capacity) {
        free(self->accounts);
        self->account_capacity = view->document_count + view->document_count / 4 + 1024;
        self->accounts = memory_array(self->account_capacity, sizeof *self->accounts);
    }
    if (view->unit_count > self->unit_capacity) {
        free(self->unit_scores);
        self->unit_capacity = view->unit_count + view->unit_count / 4 + 1024;
        self->unit_scores = memory_array(self->unit_capacity, sizeof *self->unit_scores);
    }
}

uint32_t
index_scorer_locate(
    struct index_scorer *self, const struct index_view *view, const struct index_postings *postings)
{
    if (postings->count > self->located_capacity) {
        self->located_capacity = (uint32_t)postings->count * 2;
        free(self->located);
        self->located = memory_array(self->located_capacity, sizeof *self->located);
    }
    uint32_t documents = 0;
    uint32_t count = 0;
    uint32_t last = 0;
    for (size_t i = 0; i < postings->count; i++) {
        const struct index_posting *posting = &postings->items[i];
        const struct index_unit_row *row = index_view_unit(view, posting->unit);
        if (!index_view_holds(view, row))
            continue;
        documents += row->document != last;
        last = row->document;
        self->located[count++] = (struct index_located){row, posting->unit, posting->weight};
    }
    self->located_count = count;
    return documents;
}

static bool
is_of_several(const struct index_unit_row *row)
{
    return atomic_load_explicit(&row->flags, memory_order_relaxed) & INDEX_UNIT_OF_SEVERAL;
}

/* The account of a unit's document, opened when this is its first term; NULL when the filter
 * refuses. */
static struct index_account *
open_account(struct index_scorer *self, const struct index_view *view,
    const struct index_filter *filter, const struct index_unit_row *row)
{
    uint32_t document = row->document - 1;
    struct index_account *account = &self->accounts[document];
    if (account->score < 0)
        return NULL;
    if (account->matched)
        return account;
    if (self->touched_count == self->touched_capacity) {
        self->touched_capacity = self->touched_capacity ? self->touched_capacity * 2 : 1024;
        self->touched =
            memory_resize(self->touched, self->touched_capacity * sizeof *self->touched);
    }
    bool is_long = is_of_several(row);
    self->touched[self->touched_count++] = (struct index_touched){document, is_long};
    if (!index_filter_accepts_unit(filter, view, row)) {
        account->score = -1;
        return NULL;
    }
    if (is_long) {
        const struct index_document_row *owner = index_view_row(view, document);
        memset(self->unit_scores + owner->first_unit, 0,
            owner->unit_count * sizeof *self->unit_scores);
    }
    return account;
}

static float
saturate(float weight, const struct index_scale *scale, float base, float slope, uint32_t length)
{
    return weight * (scale->k1 + 1) / (weight + base + slope * (float)length);
}

/* A document of several units: each unit's own score, and what the whole document gets. */
static float
add_units(struct index_scorer *self, const struct index_view *view, uint32_t at, uint32_t end,
    float weight)
{
    const struct index_unit_row *first = self->located[at].row;
    const struct index_document_row *row = index_view_row(view, first->document - 1);
    const struct index_scale *scale = &view->scales[first->kind_slot];
    float sum = 0;
    for (; at < end; at++) {
        const struct index_located *located = &self->located[at];
        sum += (float)located->weight;
        self->unit_scores[located->unit] +=
            weight * saturate(located->weight, scale, scale->unit_base, scale->unit_slope,
                         located->row->length);
    }
    return weight * saturate(sum, scale, scale->document_base, scale->document_slope, row->length);
}

void
index_scorer_add(struct index_scorer *self, const struct index_view *view,
    const struct index_filter *filter, unsigned bit, float weight)
{
    uint32_t end;
    for (uint32_t at = 0; at < self->located_count; at = end) {
        const struct index_located *located = &self->located[at];
        const struct index_unit_row *row = located->row;
        end = at + 1;
        bool is_long = is_of_several(row);
        while (is_long && end < self->located_count &&
               self->located[end].row->document == row->document)
            end++;
        struct index_account *account = open_account(self, view, filter, row);
        if (!account)
            continue;
        account->matched |= 1U << bit;
        const struct index_scale *scale = &view->scales[row->kind_slot];
        if (is_long)
            account->score += add_units(self, view, at, end, weight);
        else
            account->score += weight * saturate(located->weight, scale, scale->unit_base,
                                           scale->unit_slope, row->length);
    }
}

float
index_scorer_result(const struct index_scorer *self, const struct index_view *view,
    const struct index_touched *touched, uint32_t *best_unit)
{
    float whole = self->accounts[touched->document].score;
    if (!touched->is_long)
        return whole;
    const struct index_document_row *row = index_view_row(view, touched->document);
    float best = 0;
    *best_unit = row->first_unit;
    for (uint32_t i = 0; i < row->unit_count; i++) {
        float score = self->unit_scores[row->first_unit + i];
        if (score > best) {
            best = score;
            *best_unit = row->first_unit + i;
        }
    }
    return (unit_share * best + whole) / (unit_share + 1);
}

float
index_score_rarity(uint32_t live_documents, uint32_t documents)
{
    float all = (float)live_documents;
    float with = (float)documents;
    return logf(1 + (all - with + 0.5F) / (with + 0.5F));
}
