#include "tests/retrieval/measure.h"

#include <math.h>
#include <stdbool.h>

static bool
is_among(const uint32_t *items, size_t count, uint32_t item)
{
    for (size_t i = 0; i < count; i++)
        if (items[i] == item)
            return true;
    return false;
}

static double
discount(size_t rank)
{
    return 1 / log2((double)rank + 2);
}

void
measure_add(struct measure *self, const uint32_t *ranked, size_t ranked_count,
    const uint32_t *relevant, size_t relevant_count)
{
    if (!relevant_count) {
        self->unanswerable++;
        self->filled_5 += ranked_count < 5 ? ranked_count : 5;
        return;
    }
    double found_5 = 0;
    double found_10 = 0;
    double first = 0;
    double gain = 0;
    for (size_t i = 0; i < ranked_count; i++) {
        if (!is_among(relevant, relevant_count, ranked[i]))
            continue;
        first = first > 0 ? first : 1 / ((double)i + 1);
        found_5 += i < 5;
        found_10 += i < 10;
        gain += i < 10 ? discount(i) : 0;
    }
    double ideal = 0;
    for (size_t i = 0; i < relevant_count && i < 10; i++)
        ideal += discount(i);
    self->queries++;
    self->recall_5 += found_5 / (double)relevant_count;
    self->recall_10 += found_10 / (double)relevant_count;
    self->reciprocal_rank += first;
    self->gain_10 += gain / ideal;
}

double
measure_mean(const struct measure *self, double sum)
{
    return self->queries ? sum / (double)self->queries : 0;
}

double
measure_filled(const struct measure *self)
{
    return self->unanswerable ? (double)self->filled_5 / (5 * (double)self->unanswerable) : 0;
}
