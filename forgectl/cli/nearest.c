#include "forgectl/cli/nearest.h"

#include <string.h>

enum { WORD_MAX = 40 };

static size_t
smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein's distance, row by row. */
static size_t
edits_between(const char *a, const char *b)
{
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);
    if (a_length > WORD_MAX || b_length > WORD_MAX)
        return WORD_MAX;
    size_t row[WORD_MAX + 1];
    for (size_t j = 0; j <= b_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t above = row[j];
            row[j] = smallest(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
            diagonal = above;
        }
    }
    return row[b_length];
}

void
nearest_try(struct nearest *self, const char *candidate)
{
    size_t edits = edits_between(self->word, candidate);
    if (self->best != NULL && edits >= self->best_edits)
        return;
    self->best = candidate;
    self->best_edits = edits;
}

const char *
nearest_word(const struct nearest *self)
{
    size_t allowed = strlen(self->word) < 5 ? 1 : 2;
    return self->best != NULL && self->best_edits <= allowed ? self->best : NULL;
}
