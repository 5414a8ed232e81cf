#include "metrics-svc/buckets.h"

#include <math.h>

enum { NONE_LOWEST = SERIES_BUCKETS_MAX, NONE_HIGHEST = -1 };

void
buckets_clear(struct buckets *self)
{
    for (int i = self->lowest; i <= self->highest; i++)
        self->counts[i] = 0;
    self->zero_count = 0;
    self->sum = 0;
    self->lowest = NONE_LOWEST;
    self->highest = NONE_HIGHEST;
}

static void
widen(struct buckets *self, int lowest, int highest)
{
    if (lowest < self->lowest)
        self->lowest = lowest;
    if (highest > self->highest)
        self->highest = highest;
}

void
buckets_load(struct buckets *self, const struct series_histogram *histogram)
{
    buckets_clear(self);
    self->schema = histogram->schema;
    self->zero_count = histogram->zero_count;
    self->sum = histogram->sum;
    for (size_t i = 0; i < histogram->bucket_count; i++) {
        int place = histogram->buckets[i].index + SERIES_INDEX_MAX;
        self->counts[place] = histogram->buckets[i].count;
        widen(self, place, place);
    }
}

static bool
has_fallen(const struct buckets *now, const struct buckets *before)
{
    if (now->schema != before->schema || now->zero_count < before->zero_count)
        return true;
    for (int i = before->lowest; i <= before->highest; i++)
        if (now->counts[i] < before->counts[i])
            return true;
    return false;
}

void
buckets_add_increase(struct buckets *self, const struct buckets *now, const struct buckets *before)
{
    bool whole = !before || has_fallen(now, before);
    self->schema = now->schema;
    self->zero_count += now->zero_count - (whole ? 0 : before->zero_count);
    self->sum += now->sum - (whole ? 0 : before->sum);
    widen(self, now->lowest, now->highest);
    for (int i = now->lowest; i <= now->highest; i++)
        self->counts[i] += now->counts[i] - (whole ? 0 : before->counts[i]);
}

uint64_t
buckets_count(const struct buckets *self)
{
    uint64_t count = self->zero_count;
    for (int i = self->lowest; i <= self->highest; i++)
        count += self->counts[i];
    return count;
}

/* The upper bound of the bucket at a place, moved down by a part of the bucket's width. */
static double
bound(const struct buckets *self, int place, double below)
{
    return exp2(ldexp(place - SERIES_INDEX_MAX - below, -self->schema));
}

double
buckets_quantile(const struct buckets *self, double quantile)
{
    double rank = quantile * (double)buckets_count(self);
    double seen = (double)self->zero_count;
    double value = 0;
    for (int i = self->lowest; i <= self->highest && seen < rank; i++) {
        double count = (double)self->counts[i];
        if (self->counts[i])
            value = bound(self, i, seen + count > rank ? 1 - (rank - seen) / count : 0);
        seen += count;
    }
    return value;
}

double
buckets_lower_bound(const struct buckets *self)
{
    int place = self->lowest;
    while (place < self->highest && !self->counts[place])
        place++;
    return self->zero_count ? 0 : bound(self, place, 1);
}

double
buckets_upper_bound(const struct buckets *self)
{
    int place = self->highest;
    while (place > self->lowest && !self->counts[place])
        place--;
    bool only_zeros = place < 0 || !self->counts[place];
    return only_zeros ? 0 : bound(self, place, 0);
}
