#include "context-svc/index/terms.h"

#include "context-svc/index/stopword.h"

/* Words farther apart are not a phrase. */
enum { DISTANCE_MAX = 4 };

void
index_terms_release(struct index_terms *self)
{
    buffer_release(&self->words);
}

/* The index of the token's term, added when new; -1 when there is no more room. */
static int
find_or_add(struct index_terms *self, const struct index_token *token)
{
    for (uint32_t i = 0; i < self->count; i++)
        if (self->items[i].term == token->term)
            return (int)i;
    if (self->count == INDEX_TERMS_MAX)
        return -1;
    self->items[self->count] = (struct index_term){
        .term = token->term, .compound = token->compound, .from = token->from, .to = token->to};
    return (int)self->count++;
}

static void
pair_up(struct index_terms *self, uint8_t at, uint32_t position)
{
    uint32_t distance = position - self->previous_position;
    if (self->has_previous && distance <= DISTANCE_MAX && self->previous != at &&
        self->pair_count < INDEX_PAIRS_MAX)
        self->pairs[self->pair_count++] = (struct index_pair){
            .first = self->previous, .second = at, .distance = (uint8_t)distance};
    self->has_previous = true;
    self->previous = at;
    self->previous_position = position;
}

static void
on_token(void *arg, const struct index_token *token)
{
    struct index_terms *self = arg;
    if (!self->with_stopwords && !token->compound && index_stopword_is_one(token->word))
        return;
    int at = find_or_add(self, token);
    if (at >= 0 && !token->compound)
        pair_up(self, (uint8_t)at, token->position);
}

static void
run(struct index_terms *self, struct index_analyser *analyser, bool with_stopwords)
{
    self->count = 0;
    self->pair_count = 0;
    self->has_previous = false;
    self->with_stopwords = with_stopwords;
    index_analyser_run(analyser, buffer_text(&self->words), 0, on_token, self);
}

void
index_terms_read(struct index_terms *self, struct index_analyser *analyser, struct text query)
{
    query = text_cut(query, INDEX_QUERY_BYTES_MAX);
    buffer_clear(&self->words);
    buffer_add_text(&self->words, query);
    run(self, analyser, false);
    if (!self->count)
        run(self, analyser, true);
    for (size_t i = 0; i < self->words.length; i++)
        if (self->words.data[i] >= 'A' && self->words.data[i] <= 'Z')
            self->words.data[i] = (char)(self->words.data[i] + ('a' - 'A'));
}

void
index_terms_keep(struct index_terms *self, const bool keep[INDEX_TERMS_MAX])
{
    uint8_t new_index[INDEX_TERMS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        new_index[i] = (uint8_t)count;
        if (keep[i])
            self->items[count++] = self->items[i];
    }
    self->count = count;
    uint32_t pair_count = 0;
    for (uint32_t i = 0; i < self->pair_count; i++) {
        struct index_pair pair = self->pairs[i];
        if (!keep[pair.first] || !keep[pair.second])
            continue;
        pair.first = new_index[pair.first];
        pair.second = new_index[pair.second];
        self->pairs[pair_count++] = pair;
    }
    self->pair_count = pair_count;
}
