/* word: a run of letters, digits and '_' as it is read, and the parts an identifier is cut into.
 * Made to be embedded in the analyser; zeroed is empty. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/text.h"
#include "context-svc/index/analyser.h"
#include "context-svc/index/character.h"

struct index_part {
    uint8_t start, end; /* in the folded word */
    uint32_t from, to;  /* in the text */
};

struct index_word {
    char folded[INDEX_WORD_MAX];
    uint8_t length;
    uint8_t part_count;
    uint8_t run_first_part; /* of the parts since the last '_' */
    uint8_t run_switches;   /* between letters and digits since then */
    uint8_t capitals;       /* at the end of what was read */
    uint8_t capital_start;  /* the last of them, in the folded word */
    bool cut;               /* longer than fits; only the beginning counts, whole */
    enum index_character_kind last;
    uint32_t from, to;
    uint32_t capital_from;
    struct index_part parts[INDEX_WORD_MAX];
};

void index_word_begin(struct index_word *self, uint32_t from);

static inline bool
index_word_is_empty(const struct index_word *self)
{
    return self->length == 0;
}

/* A letter, digit or mark that stands at `from`. `ends` says that no lower-case letter follows. */
void index_word_add(
    struct index_word *self, const struct index_character *character, uint32_t from, bool ends);

/* '_', or the end of the word: the parts since the last one are settled. */
void index_word_end_run(struct index_word *self);
