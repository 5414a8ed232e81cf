/* character: one character of a text, as the analyser sees it: what part it can play in a word, and
 * its folded form.
 *
 * Folding is NFKD, without the marks that only colour a letter, and case folded, so "Straße",
 * "STRASSE" and "strasse" are one word.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum index_character_kind {
    INDEX_BREAK, /* belongs to no word */
    INDEX_LOWER, /* also letters without case */
    INDEX_UPPER,
    INDEX_DIGIT,
    INDEX_MARK, /* colours the letter before it; folded away */
    INDEX_SIGN, /* of a script that writes no spaces between words */
};

enum { INDEX_FOLDED_MAX = 32 };

struct index_character {
    enum index_character_kind kind;
    uint8_t size; /* bytes in the text, at least 1 */
    uint8_t folded_size;
    char folded[INDEX_FOLDED_MAX];
};

/* Reads the character at `at`, of which `left` > 0 bytes remain. A byte that is not UTF-8 is a
 * break. */
void index_character_read(const char *at, size_t left, struct index_character *self);
