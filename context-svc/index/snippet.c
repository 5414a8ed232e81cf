/* Snippet: the window of a text in which the query's words stand closest. */
#include <assert.h>

#include "common/base/buffer.h"
#include "context-svc/index/reader.h"

enum {
    LOOKED_AT = 32 * 1024, /* of a long text, from where its best part begins */
    PLACES_MAX = 512,
    BORDER_BYTES = 24, /* how far a cut moves to reach the border of a word */
};

static const struct text ellipsis = {"\xE2\x80\xA6", 3};

struct place {
    uint32_t word, from, to;
};

struct places {
    const struct index_terms *terms;
    uint32_t matched;
    uint32_t count;
    struct place items[PLACES_MAX];
};

struct window {
    size_t from, to;
};

static void
on_token(void *arg, const struct index_token *token)
{
    struct places *self = arg;
    if (self->count == PLACES_MAX)
        return;
    for (uint32_t i = 0; i < self->terms->count; i++)
        if (self->terms->items[i].term == token->term && self->matched >> i & 1)
            self->items[self->count++] = (struct place){i, token->from, token->to};
}

/* The words of the widest choice in at most `size` bytes, each counted once by its rarity. */
static struct window
densest(const struct places *places, size_t size)
{
    struct window best = {0, 0};
    float best_weight = 0;
    for (uint32_t i = 0; i < places->count; i++) {
        uint32_t seen = 0;
        float weight = 0;
        struct window window = {places->items[i].from, places->items[i].to};
        for (uint32_t j = i; j < places->count; j++) {
            const struct place *place = &places->items[j];
            if (place->from < window.from || place->to - window.from > size)
                continue;
            if (!(seen >> place->word & 1))
                weight += places->terms->items[place->word].weight;
            seen |= 1U << place->word;
            window.to = place->to > window.to ? place->to : window.to;
        }
        if (weight > best_weight) {
            best_weight = weight;
            best = window;
        }
    }
    return best;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool
is_inside_character(struct text content, size_t at)
{
    return at < content.length && ((uint8_t)content.data[at] & 0xC0) == 0x80;
}

/* A place to begin at or after `at`, but not after `last`. */
static size_t
begin_at(struct text content, size_t at, size_t last)
{
    if (!at)
        return 0;
    for (size_t i = at; i <= last && i < at + BORDER_BYTES; i++)
        if (is_blank(content.data[i - 1]) && !is_blank(content.data[i]))
            return i;
    while (at < last && is_inside_character(content, at))
        at++;
    return at;
}

/* A place to end at or before `at`, but not before `first`. */
static size_t
end_at(struct text content, size_t at, size_t first)
{
    if (at >= content.length)
        return content.length;
    for (size_t i = at; i > first && i + BORDER_BYTES > at; i--)
        if (is_blank(content.data[i]) && !is_blank(content.data[i - 1]))
            return i;
    while (at > first && is_inside_character(content, at))
        at--;
    return at;
}

/* Widens the window to `size` bytes, a third of them before it. */
static struct window
widen(struct text content, struct window window, size_t size)
{
    size_t spare = size - (window.to - window.from);
    size_t before = spare / 3 < window.from ? spare / 3 : window.from;
    size_t from = window.from - before;
    size_t to = from + size;
    if (to > content.length) {
        to = content.length;
        from = to > size ? to - size : 0;
        from = from < window.from ? from : window.from;
    }
    return (struct window){
        begin_at(content, from, window.from),
        end_at(content, to, window.to),
    };
}

void
index_snippet(struct index_reader *self, const struct index_result *result,
    const struct index_hit *hit, struct text content, size_t max_bytes, struct buffer *out)
{
    assert(result->word_count == self->terms.count); /* of the reader's last search */
    if (content.length <= max_bytes) {
        buffer_add_text(out, content);
        return;
    }
    if (max_bytes <= 2 * ellipsis.length)
        return;
    size_t skipped = 0;
    if (content.length > LOOKED_AT && hit->content_from < content.length)
        skipped = hit->content_from;
    struct text near = text_from(content.data + skipped, content.length - skipped);
    near = text_cut(near, LOOKED_AT);
    struct places places = {.terms = &self->terms, .matched = hit->matched};
    index_analyser_run(self->analyser, near, 0, on_token, &places);

    size_t size = max_bytes - 2 * ellipsis.length;
    struct window window = densest(&places, size);
    window.from += skipped;
    window.to += skipped;
    window = widen(content, window, size);
    if (window.from)
        buffer_add_text(out, ellipsis);
    buffer_add(out, content.data + window.from, window.to - window.from);
    if (window.to < content.length)
        buffer_add_text(out, ellipsis);
}
