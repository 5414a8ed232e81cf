/* stopword: words that a question is made of and that say nothing about what is sought. They are
 * indexed, as titles and code are made of them too, and left out of queries only. */
#pragma once

#include <stdbool.h>

#include "common/base/text.h"

/* `word` is folded. */
bool index_stopword_is_one(struct text word);
