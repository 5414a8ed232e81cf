#include "tests/context-svc/index/oracle.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "context-svc/index/analyser.h"

enum { TOKENS_MAX = 4000, WORDS_MAX = 32, KINDS_MAX = 8 };

static const uint64_t gap = UINT64_MAX;

struct seen {
    uint64_t term;
    bool compound;
    uint32_t position;
};

struct tokens {
    struct seen items[TOKENS_MAX];
    size_t count;
};

/* A unit: how much of each term it holds, and its text as terms. */
struct unit {
    uint64_t terms[TOKENS_MAX / 4];
    double weights[TOKENS_MAX / 4];
    size_t term_count;
    uint64_t order[TOKENS_MAX / 4];
    size_t order_count;
    double length;
};

struct model {
    uint32_t references, number;
    size_t kind;
    struct unit *units;
    size_t unit_count;
    double length;
};

struct oracle {
    struct index_analyser *analyser;
    struct tokens *tokens; /* scratch */
    struct model *models[ORACLE_DOCUMENTS_MAX];
    size_t count;
};

static const char *const kinds[KINDS_MAX] = {"note", "snippet", "turn", "error"};
static const double k1s[KINDS_MAX] = {1.2, 1.2, 0.9, 1.2};
static const double bs[KINDS_MAX] = {0.5, 0.75, 0.3, 0.5};

struct oracle *
oracle_create(void)
{
    struct oracle *self = memory_new(sizeof *self);
    self->analyser = index_analyser_create();
    self->tokens = memory_new(sizeof *self->tokens);
    return self;
}

static void
model_unref(struct model *model)
{
    if (--model->references)
        return;
    free(model->units);
    free(model);
}

void
oracle_destroy(struct oracle **self_p)
{
    struct oracle *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++)
        model_unref(self->models[i]);
    index_analyser_destroy(&self->analyser);
    free(self->tokens);
    free(self);
}

struct oracle *
oracle_copy(const struct oracle *self)
{
    struct oracle *copy = oracle_create();
    copy->count = self->count;
    for (size_t i = 0; i < self->count; i++) {
        copy->models[i] = self->models[i];
        copy->models[i]->references++;
    }
    return copy;
}

size_t
oracle_count(const struct oracle *self)
{
    return self->count;
}

void
oracle_remove(struct oracle *self, uint32_t number)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->models[i]->number == number) {
            model_unref(self->models[i]);
            self->models[i] = self->models[--self->count];
            return;
        }
}

static void
on_token(void *arg, const struct index_token *token)
{
    struct tokens *tokens = arg;
    assert(tokens->count < TOKENS_MAX);
    tokens->items[tokens->count++] = (struct seen){token->term, token->compound, token->position};
}

static void
weigh(struct unit *unit, uint64_t term, double weight)
{
    size_t at = 0;
    while (at < unit->term_count && unit->terms[at] != term)
        at++;
    if (at == unit->term_count) {
        unit->terms[unit->term_count++] = term;
        unit->weights[at] = 0;
    }
    unit->weights[at] = fmin(unit->weights[at] + weight, 255.0 / 4);
}

static void
add_text(struct unit *unit, const struct seen *token, double weight)
{
    weigh(unit, token->term, weight);
    if (token->compound)
        return;
    unit->order[unit->order_count++] = token->term;
    unit->length++;
}

static uint32_t
read_field(struct oracle *self, struct text field)
{
    self->tokens->count = 0;
    return index_analyser_run(self->analyser, field, 0, on_token, self->tokens);
}

static void
add_label(struct oracle *self, struct unit *unit, struct text label, double weight)
{
    read_field(self, label);
    for (size_t i = 0; i < self->tokens->count; i++)
        weigh(unit, self->tokens->items[i].term, weight);
}

static size_t
kind_of(struct text kind)
{
    size_t at = 0;
    while (kinds[at] && !text_is(kind, kinds[at]))
        at++;
    assert(kinds[at]);
    return at;
}

void
oracle_add(struct oracle *self, uint32_t number, const struct index_document *document)
{
    oracle_remove(self, number);
    assert(self->count < ORACLE_DOCUMENTS_MAX);
    uint32_t positions = read_field(self, document->content);
    struct model *model = memory_new(sizeof *model);
    model->references = 1;
    model->number = number;
    model->kind = kind_of(document->kind);
    model->unit_count = positions <= 300 ? 1 : positions / 200;
    model->units = memory_array(model->unit_count, sizeof *model->units);

    struct unit *first = &model->units[0];
    add_label(self, first, document->kind, 0.5);
    add_label(self, first, document->project, 0.5);
    for (size_t i = 0; i < document->tag_count; i++)
        add_label(self, first, document->tags[i], 3);
    read_field(self, document->title);
    for (size_t i = 0; i < self->tokens->count; i++)
        add_text(first, &self->tokens->items[i], 4);
    first->order[first->order_count++] = gap;

    read_field(self, document->content);
    size_t at = 0;
    for (size_t i = 0; i < self->tokens->count; i++) {
        const struct seen *token = &self->tokens->items[i];
        while (!token->compound && at + 1 < model->unit_count &&
               token->position >= (uint64_t)positions * (at + 1) / model->unit_count)
            at++;
        add_text(&model->units[at], token, 1);
    }
    for (size_t i = 0; i < model->unit_count; i++)
        model->length += model->units[i].length;
    self->models[self->count++] = model;
}

/* The query's words and what the store knows of them. */
struct words {
    uint64_t terms[WORDS_MAX];
    bool compound[WORDS_MAX];
    double rarity[WORDS_MAX];
    size_t documents[WORDS_MAX];
    size_t count;
    size_t firsts[WORDS_MAX], seconds[WORDS_MAX];
    uint32_t distances[WORDS_MAX];
    size_t pair_count;
};

struct averages {
    double unit_length[KINDS_MAX], document_length[KINDS_MAX];
};

static double
weight_in(const struct unit *unit, uint64_t term)
{
    for (size_t i = 0; i < unit->term_count; i++)
        if (unit->terms[i] == term)
            return unit->weights[i];
    return 0;
}

static double
weight_in_all(const struct model *model, uint64_t term)
{
    double weight = 0;
    for (size_t i = 0; i < model->unit_count; i++)
        weight += weight_in(&model->units[i], term);
    return weight;
}

static void
read_words(const struct oracle *self, struct text query, struct words *words)
{
    self->tokens->count = 0;
    index_analyser_run(self->analyser, query, 0, on_token, self->tokens);
    const struct seen *previous = NULL;
    size_t previous_at = 0;
    for (size_t i = 0; i < self->tokens->count; i++) {
        const struct seen *token = &self->tokens->items[i];
        size_t at = 0;
        while (at < words->count && words->terms[at] != token->term)
            at++;
        if (at == words->count) {
            words->compound[at] = token->compound;
            words->terms[words->count++] = token->term;
        }
        if (token->compound)
            continue;
        if (previous && previous_at != at && token->position - previous->position <= 4) {
            words->firsts[words->pair_count] = previous_at;
            words->seconds[words->pair_count] = at;
            words->distances[words->pair_count++] = token->position - previous->position;
        }
        previous = token;
        previous_at = at;
    }
    for (size_t i = 0; i < words->count; i++) {
        for (size_t j = 0; j < self->count; j++)
            words->documents[i] += weight_in_all(self->models[j], words->terms[i]) > 0;
        double with = words->documents[i] ? (double)words->documents[i] : 1;
        words->rarity[i] = log(1 + ((double)self->count - with + 0.5) / (with + 0.5));
    }
}

static struct averages
average(const struct oracle *self)
{
    struct averages averages = {0};
    double units[KINDS_MAX] = {0};
    double documents[KINDS_MAX] = {0};
    double lengths[KINDS_MAX] = {0};
    for (size_t i = 0; i < self->count; i++) {
        const struct model *model = self->models[i];
        units[model->kind] += (double)model->unit_count;
        documents[model->kind]++;
        lengths[model->kind] += model->length;
    }
    for (size_t i = 0; i < KINDS_MAX; i++) {
        averages.unit_length[i] = lengths[i] / units[i];
        averages.document_length[i] = lengths[i] / documents[i];
    }
    return averages;
}

static double
saturate(size_t kind, double weight, double length, double average_length)
{
    double norm = 1 - bs[kind] + bs[kind] * length / average_length;
    return weight * (k1s[kind] + 1) / (weight + k1s[kind] * norm);
}

static double
phrases(const struct words *words, const struct model *model, const struct unit *unit,
    const struct averages *averages)
{
    double gain = 0;
    for (size_t i = 0; i < words->pair_count; i++) {
        double seen = 0;
        uint64_t first = words->terms[words->firsts[i]];
        for (size_t j = 0; j < unit->order_count; j++) {
            if (unit->order[j] != words->terms[words->seconds[i]])
                continue;
            size_t most = words->distances[i] + 2;
            bool found = false;
            for (size_t back = 1; back <= most && back <= j && unit->order[j - back] != gap; back++)
                found = found || unit->order[j - back] == first;
            seen += found;
        }
        double rarity = (words->rarity[words->firsts[i]] + words->rarity[words->seconds[i]]) / 2;
        gain += 0.15 * rarity *
                saturate(model->kind, seen, unit->length, averages->unit_length[model->kind]);
    }
    return gain;
}

static double
score(const struct words *words, const struct model *model, const struct averages *averages)
{
    double best = -1;
    double whole = 0;
    const struct unit *best_unit = &model->units[0];
    for (size_t i = 0; i < model->unit_count; i++) {
        double sum = 0;
        for (size_t w = 0; w < words->count; w++)
            sum += words->rarity[w] *
                   saturate(model->kind, weight_in(&model->units[i], words->terms[w]),
                       model->units[i].length, averages->unit_length[model->kind]);
        if (sum > best) {
            best = sum;
            best_unit = &model->units[i];
        }
    }
    for (size_t w = 0; w < words->count; w++)
        whole += words->rarity[w] * saturate(model->kind, weight_in_all(model, words->terms[w]),
                                        model->length, averages->document_length[model->kind]);
    double total = model->unit_count == 1 ? best : (0.7 * best + whole) / 1.7;
    return total + phrases(words, model, best_unit, averages);
}

static int
by_score(const void *a, const void *b)
{
    const struct oracle_hit *left = a;
    const struct oracle_hit *right = b;
    return (left->score < right->score) - (left->score > right->score);
}

/* Sums become scores from 0 to 1. */
static void
calibrate(const struct words *words, struct oracle_hit *hits, size_t count)
{
    double most = 0;
    double asked = 0;
    for (size_t i = 0; i < words->count; i++) {
        if (words->compound[i] && !words->documents[i])
            continue;
        most += words->rarity[i];
        asked++;
    }
    double held = 0;
    for (size_t i = 0; i < count && i < 5; i++)
        held = fmax(held, __builtin_popcount(hits[i].matched));
    double enough = fmin(asked, 4);
    double evidence = fmin(1, (held + 0.5) / (enough + 0.5));
    for (size_t i = 0; i < count; i++)
        hits[i].score = 1 - exp(-2 * hits[i].score * evidence / most);
}

size_t
oracle_search(
    const struct oracle *self, struct text query, struct oracle_hit hits[ORACLE_DOCUMENTS_MAX])
{
    struct words words = {0};
    read_words(self, query, &words);
    struct averages averages = average(self);
    size_t count = 0;
    for (size_t i = 0; i < self->count; i++) {
        const struct model *model = self->models[i];
        uint32_t matched = 0;
        for (size_t w = 0; w < words.count; w++)
            if (weight_in_all(model, words.terms[w]) > 0)
                matched |= 1U << w;
        if (matched)
            hits[count++] =
                (struct oracle_hit){model->number, matched, score(&words, model, &averages)};
    }
    qsort(hits, count, sizeof *hits, by_score);
    calibrate(&words, hits, count);
    return count;
}
