#include "common/base/nearest.h"

enum { COMPARED_MAX = 64, CONTAINED_MIN = 4, CONTAINED_DISTANCE = 2 };

void
nearest_init(struct nearest *self, struct text wanted)
{
    *self = (struct nearest){.wanted = wanted};
}

static unsigned
smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned
nearest_distance(struct text a, struct text b)
{
    size_t rows = a.length < COMPARED_MAX ? a.length : COMPARED_MAX;
    size_t columns = b.length < COMPARED_MAX ? b.length : COMPARED_MAX;
    unsigned cost[3][COMPARED_MAX + 1] = {0};
    for (size_t j = 0; j <= columns; j++)
        cost[0][j] = (unsigned)j;

    for (size_t i = 1; i <= rows; i++) {
        unsigned *row = cost[i % 3];
        const unsigned *above = cost[(i + 2) % 3];
        const unsigned *two_above = cost[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= columns; j++) {
            unsigned changed = above[j - 1] + (a.data[i - 1] != b.data[j - 1]);
            row[j] = smaller(changed, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1])
                row[j] = smaller(row[j], two_above[j - 2] + 1);
        }
    }
    return cost[rows % 3][columns];
}

static unsigned
distance_of(const struct nearest *self, struct text name)
{
    unsigned distance = nearest_distance(self->wanted, name);
    bool contained = self->wanted.length >= CONTAINED_MIN && name.length >= self->wanted.length &&
                     memmem(name.data, name.length, self->wanted.data, self->wanted.length);
    return contained ? smaller(distance, CONTAINED_DISTANCE) : distance;
}

void
nearest_offer(struct nearest *self, struct text name)
{
    size_t length = self->wanted.length < COMPARED_MAX ? self->wanted.length : COMPARED_MAX;
    unsigned limit = length / 3 > 2 ? (unsigned)(length / 3) : 2;
    unsigned distance = distance_of(self, name);
    if (distance > limit)
        return;

    size_t at = self->count;
    while (at > 0 && self->distances[at - 1] > distance)
        at--;
    if (at == NEAREST_MAX)
        return;
    if (self->count < NEAREST_MAX)
        self->count++;
    for (size_t i = self->count - 1; i > at; i--) {
        self->names[i] = self->names[i - 1];
        self->distances[i] = self->distances[i - 1];
    }
    self->names[at] = name;
    self->distances[at] = distance;
}
