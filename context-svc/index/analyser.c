#include "context-svc/index/analyser.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "context-svc/index/stemmer.h"
#include "context-svc/index/word.h"

/* Words joined by '.', '-' or an apostrophe. */
struct chain {
    char folded[INDEX_WORD_MAX];
    size_t length;
    uint32_t words;
    uint32_t position, from, to;
    char joiner; /* between the last word and the next */
    bool too_long;
};

struct index_analyser {
    struct index_stemmer *stemmer;
    index_on_token *on_token;
    void *arg;
    struct text text;
    size_t at;
    uint32_t position;
    struct index_word word;
    struct chain chain;
    /* The sign just before, for pairs. */
    struct index_character sign;
    size_t sign_from;
    bool has_sign;
};

struct index_analyser *
index_analyser_create(void)
{
    struct index_analyser *self = memory_new(sizeof *self);
    self->stemmer = index_stemmer_create();
    return self;
}

void
index_analyser_destroy(struct index_analyser **self_p)
{
    struct index_analyser *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    index_stemmer_destroy(&self->stemmer);
    free(self);
}

static void
emit(struct index_analyser *self, struct text word, struct index_token token)
{
    token.word = word;
    token.term = index_stemmer_term(self->stemmer, word);
    self->on_token(self->arg, &token);
}

static char
peek(const struct index_analyser *self, size_t ahead)
{
    size_t at = self->at + ahead;
    return (char)(at < self->text.length ? self->text.data[at] : ' ');
}

static bool
is_ascii_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Whether a letter or digit stands `ahead`; for joiners. Any character beyond ASCII may be one. */
static bool
is_word_ahead(const struct index_analyser *self, size_t ahead)
{
    char c = peek(self, ahead);
    return is_ascii_letter(c) || (c >= '0' && c <= '9') || ((uint8_t)c & 0x80);
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void
join_chain(struct index_analyser *self, uint32_t position)
{
    const struct index_word *word = &self->word;
    struct chain *chain = &self->chain;
    /* "10.13.1" is not "10131"; elsewhere what joins says nothing ("node.js", "nodejs"). */
    bool dotted = chain->words && chain->joiner == '.' && is_digit(word->folded[0]) &&
                  is_digit(chain->folded[chain->length - 1]);
    if (!chain->words++) {
        chain->position = position;
        chain->from = word->from;
    }
    chain->to = word->to;
    chain->too_long =
        chain->too_long || word->cut || chain->length + word->length + dotted > INDEX_WORD_MAX;
    if (chain->too_long)
        return;
    if (dotted)
        chain->folded[chain->length++] = '.';
    memcpy(chain->folded + chain->length, word->folded, word->length);
    chain->length += word->length;
}

static void
end_word(struct index_analyser *self)
{
    struct index_word *word = &self->word;
    if (index_word_is_empty(word))
        return;
    index_word_end_run(word);
    uint32_t position = self->position;
    for (size_t i = 0; i < word->part_count; i++) {
        const struct index_part *part = &word->parts[i];
        struct index_token token = {
            .position = self->position++, .from = part->from, .to = part->to};
        emit(self, text_from(word->folded + part->start, (size_t)(part->end - part->start)), token);
    }
    if (word->part_count > 1) {
        struct index_token token = {
            .position = position, .from = word->from, .to = word->to, .compound = true};
        emit(self, text_from(word->folded, word->length), token);
    }
    join_chain(self, position);
    word->length = 0;
}

static void
end_chain(struct index_analyser *self)
{
    struct chain *chain = &self->chain;
    if (chain->words > 1 && !chain->too_long) {
        struct index_token token = {
            .position = chain->position, .from = chain->from, .to = chain->to, .compound = true};
        emit(self, text_from(chain->folded, chain->length), token);
    }
    chain->length = 0;
    chain->words = 0;
    chain->too_long = false;
}

/* "C++", "C#", "F#": a short word and its signs are also a token. */
static void
take_language_name(struct index_analyser *self)
{
    struct chain *chain = &self->chain;
    size_t signs = peek(self, 0) == '#' ? 1 : peek(self, 0) == '+' && peek(self, 1) == '+' ? 2 : 0;
    if (!signs || chain->words != 1 || chain->length > 2 || is_word_ahead(self, signs))
        return;
    char name[4];
    memcpy(name, chain->folded, chain->length);
    memcpy(name + chain->length, self->text.data + self->at, signs);
    struct index_token token = {.position = chain->position,
        .from = chain->from,
        .to = chain->to + (uint32_t)signs,
        .compound = true};
    emit(self, text_from(name, chain->length + signs), token);
}

/* After an apostrophe: how long the rest of a contraction or possessive is, 0 when it is a word. */
static size_t
tail_length(const struct index_analyser *self, size_t ahead)
{
    static const char *const tails[] = {"s", "t", "re", "ve", "ll", "d", "m"};
    char tail[3] = {(char)(peek(self, ahead) | 0x20), 0, 0};
    if (is_ascii_letter(peek(self, ahead + 1)))
        tail[1] = (char)(peek(self, ahead + 1) | 0x20);
    size_t length = strlen(tail);
    if (is_word_ahead(self, ahead + length))
        return 0;
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
        if (strcmp(tail, tails[i]) == 0)
            return length;
    return 0;
}

/* At a break right after a word: the length of a joiner, 0 when the chain ends here. */
static size_t
joiner_length(struct index_analyser *self)
{
    static const char typographic[] = "\xE2\x80\x99"; /* U+2019 */
    char c = peek(self, 0);
    if (c == '.' || c == '-') {
        self->chain.joiner = c;
        return is_word_ahead(self, 1) ? 1 : 0;
    }
    size_t size = c == '\'' ? 1 : 0;
    struct text rest = text_from(self->text.data + self->at, self->text.length - self->at);
    if (text_starts_with(rest, text_of(typographic)))
        size = sizeof typographic - 1;
    if (!size || !is_word_ahead(self, size))
        return 0;
    size_t tail = tail_length(self, size);
    self->chain.joiner = '\'';
    if (!tail)
        return size;
    self->at += size + tail;
    return 0;
}

static void
take_break(struct index_analyser *self, size_t size)
{
    bool after_word = !index_word_is_empty(&self->word);
    if (after_word && peek(self, 0) == '_') {
        index_word_end_run(&self->word);
        self->at++;
        return;
    }
    end_word(self);
    self->has_sign = false;
    size_t before = self->at;
    size_t joiner = 0;
    if (after_word) {
        take_language_name(self);
        joiner = joiner_length(self);
    }
    if (!joiner)
        end_chain(self);
    if (self->at == before)
        self->at += joiner ? joiner : size;
}

static void
take_sign(struct index_analyser *self, const struct index_character *sign)
{
    end_word(self);
    end_chain(self);
    size_t from = self->at;
    self->at += sign->size;
    struct index_token token = {
        .position = self->position, .from = (uint32_t)from, .to = (uint32_t)self->at};
    emit(self, text_from(sign->folded, sign->folded_size), token);
    if (self->has_sign) {
        char pair[2 * INDEX_FOLDED_MAX];
        memcpy(pair, self->sign.folded, self->sign.folded_size);
        memcpy(pair + self->sign.folded_size, sign->folded, sign->folded_size);
        token.position--;
        token.from = (uint32_t)self->sign_from;
        token.compound = true;
        emit(self, text_from(pair, (size_t)self->sign.folded_size + sign->folded_size), token);
    }
    self->position++;
    self->sign = *sign;
    self->sign_from = from;
    self->has_sign = true;
}

static void
take_letter(struct index_analyser *self, const struct index_character *character)
{
    if (index_word_is_empty(&self->word)) {
        self->has_sign = false;
        index_word_begin(&self->word, (uint32_t)self->at);
    }
    char next = peek(self, character->size);
    bool ends = !(next >= 'a' && next <= 'z');
    index_word_add(&self->word, character, (uint32_t)self->at, ends);
    self->at += character->size;
}

uint32_t
index_analyser_run(struct index_analyser *self, struct text text, uint32_t first_position,
    index_on_token *on_token, void *arg)
{
    self->on_token = on_token;
    self->arg = arg;
    self->text = text;
    self->at = 0;
    self->position = first_position;
    self->has_sign = false;
    while (self->at < text.length) {
        struct index_character character;
        index_character_read(text.data + self->at, text.length - self->at, &character);
        if (character.kind == INDEX_BREAK)
            take_break(self, character.size);
        else if (character.kind == INDEX_SIGN)
            take_sign(self, &character);
        else if (character.kind == INDEX_MARK && index_word_is_empty(&self->word))
            self->at += character.size; /* colours nothing */
        else
            take_letter(self, &character);
    }
    end_word(self);
    end_chain(self);
    return self->position;
}
