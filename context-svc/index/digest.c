#include "context-svc/index/digest.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "context-svc/index/analyser.h"
#include "context-svc/index/forward.h"
#include "context-svc/index/rows.h"

enum {
    WEIGHT_CONTENT = INDEX_WEIGHT_ONE,
    WEIGHT_TITLE = 4 * INDEX_WEIGHT_ONE,
    WEIGHT_TAG = 3 * INDEX_WEIGHT_ONE,
    WEIGHT_LABEL = INDEX_WEIGHT_ONE / 2, /* kind and project */
};

enum {
    WHOLE_TOKENS = 300,    /* up to here a document is one unit */
    KEPT_TOKENS = 1 << 15, /* scratch memory kept between documents */
};

struct token {
    uint64_t term;
    uint32_t place; /* byte of the content */
    uint8_t weight;
    bool compound;
    bool loose; /* stands in no running text: tags and labels */
};

struct index_digest {
    struct index_analyser *analyser;
    struct token *tokens;
    size_t token_count, token_capacity;
    struct token sample; /* what the tokens of the field being read have in common */
    uint64_t *terms;
    uint32_t *order;
    uint8_t *weights;
    size_t unit_capacity; /* of terms, order and weights */
    struct index_digest_unit *units;
    uint32_t unit_count, units_capacity;
    struct buffer records;
};

struct index_digest *
index_digest_create(void)
{
    struct index_digest *self = memory_new(sizeof *self);
    self->analyser = index_analyser_create();
    return self;
}

static void
release_scratch(struct index_digest *self)
{
    free(self->tokens);
    free(self->terms);
    free(self->order);
    free(self->weights);
    free(self->units);
    buffer_release(&self->records);
    self->tokens = NULL;
    self->terms = NULL;
    self->order = NULL;
    self->weights = NULL;
    self->units = NULL;
    self->token_capacity = 0;
    self->unit_capacity = 0;
    self->units_capacity = 0;
}

void
index_digest_destroy(struct index_digest **self_p)
{
    struct index_digest *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    release_scratch(self);
    index_analyser_destroy(&self->analyser);
    free(self);
}

static void
on_token(void *arg, const struct index_token *token)
{
    struct index_digest *self = arg;
    if (self->token_count == self->token_capacity) {
        self->token_capacity = self->token_capacity ? self->token_capacity * 2 : 1024;
        self->tokens = memory_resize(self->tokens, self->token_capacity * sizeof *self->tokens);
    }
    struct token *place = &self->tokens[self->token_count++];
    *place = self->sample;
    place->term = token->term;
    place->place = token->from;
    place->compound = token->compound;
}

static uint32_t
read_field(struct index_digest *self, struct text field, uint8_t weight, bool loose)
{
    self->sample = (struct token){.weight = weight, .loose = loose};
    return index_analyser_run(self->analyser, field, 0, on_token, self);
}

static int
compare_terms(const void *a, const void *b)
{
    const uint64_t *left = a;
    const uint64_t *right = b;
    return (*left > *right) - (*left < *right);
}

static size_t
collect_terms(struct index_digest *self, size_t from, size_t to)
{
    size_t count = to - from;
    for (size_t i = 0; i < count; i++)
        self->terms[i] = self->tokens[from + i].term;
    qsort(self->terms, count, sizeof *self->terms, compare_terms);
    size_t distinct = 0;
    for (size_t i = 0; i < count; i++)
        if (!i || self->terms[i] != self->terms[i - 1])
            self->terms[distinct++] = self->terms[i];
    memset(self->weights, 0, distinct);
    return distinct;
}

static size_t
term_index(const uint64_t *terms, size_t count, uint64_t term)
{
    size_t low = 0;
    for (size_t size = count; size > 1;) {
        size_t half = size / 2;
        low += terms[low + half] <= term ? half : 0;
        size -= half;
    }
    return low;
}

static void
ensure_room(struct index_digest *self, size_t tokens)
{
    if (tokens <= self->unit_capacity)
        return;
    self->unit_capacity = tokens * 2;
    self->terms = memory_resize(self->terms, self->unit_capacity * sizeof *self->terms);
    self->order = memory_resize(self->order, self->unit_capacity * sizeof *self->order);
    self->weights = memory_resize(self->weights, self->unit_capacity);
}

/* Tokens [from, to) become the next unit; those before title_end stand in the title. */
static void
write_unit(struct index_digest *self, size_t from, size_t to, size_t title_end)
{
    ensure_room(self, to - from + 1);
    size_t distinct = collect_terms(self, from, to);
    size_t order_count = 0;
    struct index_digest_unit *unit = &self->units[self->unit_count++];
    *unit = (struct index_digest_unit){.record_at = self->records.length};
    uint32_t length = 0;
    bool placed = false;
    for (size_t i = from; i < to; i++) {
        const struct token *token = &self->tokens[i];
        size_t at = term_index(self->terms, distinct, token->term);
        unsigned weight = (unsigned)self->weights[at] + token->weight;
        self->weights[at] = (uint8_t)(weight < UINT8_MAX ? weight : UINT8_MAX);
        if (token->compound || token->loose)
            continue;
        if (i == title_end && order_count)
            self->order[order_count++] = 0;
        self->order[order_count++] = (uint32_t)at + 1;
        length++;
        if (!placed && i >= title_end) {
            uint32_t place = token->place / INDEX_PLACE_BYTES;
            unit->place = (uint16_t)(place < UINT16_MAX ? place : UINT16_MAX);
            placed = true;
        }
    }
    unit->length = (uint16_t)(length < UINT16_MAX ? length : UINT16_MAX);
    const struct index_forward_parts parts = {
        .terms = self->terms,
        .weights = self->weights,
        .count = distinct,
        .order = self->order,
        .order_count = order_count,
    };
    index_forward_write(&self->records, &parts);
    unit->record_size = self->records.length - unit->record_at;
}

static void
ensure_units(struct index_digest *self, uint32_t count)
{
    if (count <= self->units_capacity)
        return;
    self->units_capacity = count;
    self->units = memory_resize(self->units, count * sizeof *self->units);
}

uint32_t
index_digest_document(struct index_digest *self, const struct index_document *document)
{
    if (self->token_capacity > KEPT_TOKENS)
        release_scratch(self);
    self->token_count = 0;
    self->unit_count = 0;
    buffer_clear(&self->records);
    read_field(self, document->kind, WEIGHT_LABEL, true);
    read_field(self, document->project, WEIGHT_LABEL, true);
    for (size_t i = 0; i < document->tag_count; i++)
        read_field(self, document->tags[i], WEIGHT_TAG, true);
    read_field(self, document->title, WEIGHT_TITLE, false);
    size_t title_end = self->token_count;
    uint32_t positions = read_field(self, document->content, WEIGHT_CONTENT, false);

    uint32_t count = positions <= WHOLE_TOKENS ? 1 : positions / INDEX_UNIT_TOKENS;
    count = count < INDEX_UNITS_MAX ? count : INDEX_UNITS_MAX;
    ensure_units(self, count);
    size_t from = 0;
    size_t at = title_end;
    uint32_t position = 0;
    for (uint32_t unit = 0; unit + 1 < count; unit++) {
        uint32_t end = (uint32_t)((uint64_t)positions * (unit + 1) / count);
        for (; position < end || self->tokens[at].compound; at++)
            position += !self->tokens[at].compound;
        write_unit(self, from, at, title_end);
        from = at;
    }
    write_unit(self, from, self->token_count, title_end);
    return self->unit_count;
}

const struct index_digest_unit *
index_digest_unit(const struct index_digest *self, uint32_t unit)
{
    return &self->units[unit];
}

struct text
index_digest_record(const struct index_digest *self, uint32_t unit)
{
    const struct index_digest_unit *row = &self->units[unit];
    return text_from(self->records.data + row->record_at, row->record_size);
}
