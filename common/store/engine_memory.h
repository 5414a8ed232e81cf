/* Faults for the memory engine, so that tests see the store fail without a broken disk. */
#pragma once

#include <stdbool.h>

struct store;

struct store_memory_faults {
    unsigned writes;  /* so many of the next writes fail */
    bool written;     /* but what they wrote is there: an unknown outcome */
    unsigned reopens; /* so many of the next reopens fail */
    bool lose_commit; /* the next reopen has lost the last commit, as a lying disk does */
};

/* Writer thread. The store must have been opened with STORE_MEMORY. */
void store_memory_set_faults(struct store *self, const struct store_memory_faults *faults);
