#include "context-svc/index/character.h"

#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

struct range {
    utf8proc_int32_t first, last;
};

/* Scripts that run words together: each character is a word of its own for the index. */
static const struct range signs[] = {
    {0x0E00, 0x0EFF}, /* Thai, Lao */
    {0x1000, 0x109F}, /* Myanmar */
    {0x1100, 0x11FF}, /* Hangul jamo */
    {0x1780, 0x17FF}, /* Khmer */
    {0x2E80, 0x2FDF}, /* radicals */
    {0x3005, 0x3007}, /* ideographic iteration mark and zero */
    {0x3040, 0x318F}, /* Hiragana, Katakana, Bopomofo, Hangul letters */
    {0x31F0, 0x31FF}, /* Katakana extensions */
    {0x3400, 0x4DBF}, /* ideographs */
    {0x4E00, 0x9FFF},
    {0xAC00, 0xD7FF}, /* Hangul */
    {0xF900, 0xFAFF},
    {0xFF66, 0xFFDC}, /* half-width Katakana and Hangul */
    {0x1B000, 0x1B16F},
    {0x20000, 0x3FFFF},
};

/* Accents and vowel points. Marks of other scripts are letters of the word. */
static const struct range marks[] = {
    {0x0300, 0x036F},
    {0x0591, 0x05C7},
    {0x0610, 0x061A},
    {0x064B, 0x065F},
    {0x0670, 0x0670},
    {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF},
    {0x20D0, 0x20FF},
    {0xFE00, 0xFE0F}, /* variation selectors */
    {0xFE20, 0xFE2F},
};

static bool
is_within(const struct range *ranges, size_t count, utf8proc_int32_t code)
{
    for (size_t i = 0; i < count && ranges[i].first <= code; i++)
        if (code <= ranges[i].last)
            return true;
    return false;
}

static bool
is_sign(utf8proc_int32_t code)
{
    return is_within(signs, sizeof signs / sizeof *signs, code);
}

static bool
is_mark(utf8proc_int32_t code)
{
    return is_within(marks, sizeof marks / sizeof *marks, code);
}

static bool
is_word_category(utf8proc_category_t category)
{
    switch (category) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO: return true;
    default: return false;
    }
}

static void
append(struct index_character *self, utf8proc_int32_t code)
{
    if (self->folded_size + 4 <= INDEX_FOLDED_MAX)
        self->folded_size = (uint8_t)(self->folded_size +
                                      utf8proc_encode_char(code,
                                          (utf8proc_uint8_t *)self->folded + self->folded_size));
}

static void
fold(utf8proc_int32_t code, struct index_character *self)
{
    enum { MOST = 24 }; /* the longest decomposition in Unicode has 18 */
    utf8proc_int32_t parts[MOST];
    int boundary = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char(code, parts, MOST,
        UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE, &boundary);
    if (self->kind == INDEX_SIGN) {
        /* A Hangul syllable or a voiced kana stays whole; a compatibility form is replaced. */
        append(self, count == 1 ? parts[0] : code);
        return;
    }
    for (utf8proc_ssize_t i = 0; i < count && i < MOST; i++)
        if (!is_mark(parts[i]) && is_word_category(utf8proc_category(parts[i])))
            append(self, parts[i]);
}

static enum index_character_kind
kind_of(utf8proc_int32_t code)
{
    if (is_mark(code))
        return INDEX_MARK;
    utf8proc_category_t category = utf8proc_category(code);
    if (!is_word_category(category))
        return INDEX_BREAK;
    if (is_sign(code))
        return INDEX_SIGN;
    if (category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LT)
        return INDEX_UPPER;
    if (category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_NO)
        return INDEX_DIGIT;
    return INDEX_LOWER;
}

static void
read_ascii(char letter, struct index_character *self)
{
    self->size = 1;
    self->folded_size = 1;
    self->folded[0] = letter;
    if (letter >= 'a' && letter <= 'z') {
        self->kind = INDEX_LOWER;
    } else if (letter >= 'A' && letter <= 'Z') {
        self->kind = INDEX_UPPER;
        self->folded[0] = (char)(letter + ('a' - 'A'));
    } else if (letter >= '0' && letter <= '9') {
        self->kind = INDEX_DIGIT;
    } else {
        self->kind = INDEX_BREAK;
    }
}

void
index_character_read(const char *at, size_t left, struct index_character *self)
{
    if ((uint8_t)*at < 0x80) {
        read_ascii(*at, self);
        return;
    }
    utf8proc_int32_t code;
    utf8proc_ssize_t size =
        utf8proc_iterate((const utf8proc_uint8_t *)at, (utf8proc_ssize_t)left, &code);
    self->folded_size = 0;
    if (size <= 0) {
        self->kind = INDEX_BREAK;
        self->size = 1;
        return;
    }
    self->size = (uint8_t)size;
    self->kind = kind_of(code);
    if (self->kind == INDEX_BREAK || self->kind == INDEX_MARK)
        return;
    fold(code, self);
    if (!self->folded_size)
        self->kind = INDEX_BREAK;
}
