#include "context-svc/index/phrase.h"

#include "context-svc/index/codec.h"
#include "context-svc/index/forward.h"
#include "context-svc/index/key.h"
#include "context-svc/index/unreadable.h"

/* What a pair counts beside the mean of its words. */
static const float pair_share = 0.15F;

enum {
    SLACK = 2, /* words that may stand in between though they do not in the query */
    NOWHERE = -1000,
};

/* The query's words as the record numbers them, and where each was seen last. */
struct walk {
    uint32_t ordinals[INDEX_WORDS_MAX]; /* 0: not in this unit */
    int64_t last[INDEX_WORDS_MAX];
    uint32_t seen[INDEX_PAIRS_MAX]; /* how often each pair stands there */
};

static void
meet(struct walk *self, const struct index_terms *terms, uint32_t word, int64_t position)
{
    self->last[word] = position;
    for (uint32_t i = 0; i < terms->pair_count; i++) {
        const struct index_pair *pair = &terms->pairs[i];
        int64_t distance = position - self->last[pair->first];
        if (pair->second == word && distance >= 1 && distance <= pair->distance + SLACK)
            self->seen[i]++;
    }
}

static bool
walk_order(struct walk *self, const struct index_terms *terms, const struct index_forward *forward)
{
    struct index_cursor cursor = index_cursor_over(text_from(forward->order, forward->order_size));
    for (int64_t position = 0; cursor.at < cursor.end; position++) {
        uint64_t ordinal = index_take_varint(&cursor);
        if (!ordinal) {
            position -= NOWHERE; /* nothing is adjacent across a gap */
            continue;
        }
        for (uint32_t word = 0; word < terms->count; word++)
            if (self->ordinals[word] == ordinal)
                meet(self, terms, word, position);
    }
    return !cursor.failed;
}

static float
pair_rarity(const struct index_terms *terms, const struct index_pair *pair)
{
    return (terms->items[pair->first].weight + terms->items[pair->second].weight) / 2;
}

static float
sum_up(const struct walk *self, const struct index_view *view, const struct index_terms *terms,
    const struct index_candidate *candidate)
{
    const struct index_unit_row *unit = index_view_unit(view, candidate->unit);
    if (!unit)
        return 0;
    const struct index_scale *scale = &view->scales[unit->kind_slot];
    float norm = scale->unit_base + scale->unit_slope * (float)unit->length;
    float gain = 0;
    for (uint32_t i = 0; i < terms->pair_count; i++) {
        const struct index_pair *pair = &terms->pairs[i];
        float weight = (float)(self->seen[i] * INDEX_WEIGHT_ONE);
        gain += pair_share * pair_rarity(terms, pair) * weight * (scale->k1 + 1) / (weight + norm);
    }
    return gain;
}

static enum status
read_record(const struct index_view *view, const struct store_snapshot *snapshot, uint32_t unit,
    struct store_value *value, struct text *record)
{
    if (unit >= view->flushed) {
        uint32_t offset = unit - view->flushed;
        *record = index_delta_record(
            view->chunks[offset >> INDEX_CHUNK_BITS], offset & (INDEX_CHUNK_ROWS - 1));
        return STATUS_OK;
    }
    struct index_key key = index_key_forward(view->tenant, unit);
    enum status status = store_get(snapshot, index_key_text(&key), value);
    *record = value->bytes;
    return status;
}

float
index_phrase_most(const struct index_view *view, const struct index_terms *terms,
    const struct index_candidate *candidate)
{
    const struct index_unit_row *unit = index_view_unit(view, candidate->unit);
    float most = 0;
    for (uint32_t i = 0; i < terms->pair_count; i++) {
        const struct index_pair *pair = &terms->pairs[i];
        if (candidate->matched >> pair->first & candidate->matched >> pair->second & 1)
            most += pair_share * pair_rarity(terms, pair);
    }
    return unit ? most * (view->scales[unit->kind_slot].k1 + 1) : 0;
}

enum status
index_phrase_gain(const struct index_view *view, const struct store_snapshot *snapshot,
    const struct index_terms *terms, const struct index_candidate *candidate, float *gain,
    struct problem *problem)
{
    *gain = 0;
    CLEANUP(store_value_release) struct store_value value = {0};
    struct text record;
    struct index_forward forward;
    enum status status = read_record(view, snapshot, candidate->unit, &value, &record);
    if (status != STATUS_OK || !index_forward_read(record, &forward))
        return index_unreadable(status, problem, "forward record", candidate->unit);
    struct walk walk = {0};
    for (uint32_t word = 0; word < terms->count; word++) {
        walk.ordinals[word] = (uint32_t)(index_forward_find(&forward, terms->items[word].term) + 1);
        walk.last[word] = NOWHERE;
    }
    if (!walk_order(&walk, terms, &forward))
        return index_unreadable(STATUS_OK, problem, "forward record", candidate->unit);
    *gain = sum_up(&walk, view, terms, candidate);
    return STATUS_OK;
}
