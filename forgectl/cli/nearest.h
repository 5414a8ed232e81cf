/* nearest: which known word was meant. */
#pragma once

#include <stddef.h>

/* Keeps the candidate that takes the fewest edits. */
struct nearest {
    const char *word; /* what was written; set both fields below to zero */
    const char *best;
    size_t best_edits;
};

void nearest_try(struct nearest *self, const char *candidate);

/* The best candidate when it is near enough to be a slip; NULL otherwise. */
const char *nearest_word(const struct nearest *self);
