/* irregular: English words whose forms no rule relates: "went" → "go", "children" → "child". */
#pragma once

#include "common/base/text.h"

/* The basic form of a lower-case word; the empty text when the word is regular. */
struct text index_irregular_lemma(struct text word);
