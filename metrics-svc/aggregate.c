#include "metrics-svc/aggregate.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "metrics-svc/buckets.h"

/* A first row so soon after the program's start holds what happened since; later, when that was
 * is not known. */
enum { FRESH_MS = 60000 };

/* What one step has seen. */
struct step {
    size_t count; /* rows that gave a value or an increment */
    double sum, least, greatest;
    double elapsed_seconds; /* between the rows of the increments */
    double first, last;     /* of a gauge */
    int64_t first_ms, last_ms;
    double *values; /* for quantiles of counters and gauges; grows, kept over steps */
    size_t value_capacity;
};

struct aggregate {
    struct aggregate_options options;
    int64_t step_end_ms;
    struct step step;

    bool has_previous;
    int64_t previous_ms, previous_started_ms;
    double previous;

    struct buckets *now, *before, *increase; /* histograms only */

    struct aggregate_point *points;
    size_t point_count, point_capacity;
};

struct aggregate *
aggregate_create(const struct aggregate_options *options)
{
    struct aggregate *self = memory_new(sizeof *self);
    self->options = *options;
    self->step_end_ms = options->start_ms;
    if (options->kind == SERIES_HISTOGRAM) {
        struct buckets **each[] = {&self->now, &self->before, &self->increase};
        for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
            *each[i] = memory_new(sizeof **each[i]);
            buckets_clear(*each[i]);
        }
    }
    return self;
}

void
aggregate_destroy(struct aggregate **self_p)
{
    struct aggregate *self = TAKE(*self_p);
    if (!self)
        return;
    free(self->now);
    free(self->before);
    free(self->increase);
    free(self->step.values);
    free(self->points);
    free(self);
}

static int
compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double
values_quantile(struct step *step, double quantile)
{
    qsort(step->values, step->count, sizeof *step->values, compare);
    size_t rank = (size_t)ceil(quantile * (double)step->count);
    return step->values[rank ? rank - 1 : 0];
}

/* NaN where there is no answer. */
static double
histogram_value(const struct aggregate *self)
{
    const struct buckets *increase = self->increase;
    uint64_t count = buckets_count(increase);
    double quantile;
    if (self->options.aggregation == AGGREGATE_SUM)
        return increase->sum;
    if (self->options.aggregation == AGGREGATE_RATE)
        return (double)count / self->step.elapsed_seconds;
    if (count == 0)
        return (double)NAN;
    if (aggregation_is_quantile(self->options.aggregation, &quantile))
        return buckets_quantile(increase, quantile);
    switch (self->options.aggregation) {
    case AGGREGATE_MIN: return buckets_lower_bound(increase);
    case AGGREGATE_MAX: return buckets_upper_bound(increase);
    default: return increase->sum / (double)count;
    }
}

static double
gauge_rate(const struct step *step)
{
    return (step->last - step->first) / ((double)(step->last_ms - step->first_ms) / 1000.0);
}

static double
number_value(struct aggregate *self)
{
    struct step *step = &self->step;
    bool counter = self->options.kind == SERIES_COUNTER;
    double quantile;
    if (aggregation_is_quantile(self->options.aggregation, &quantile))
        return values_quantile(step, quantile);
    switch (self->options.aggregation) {
    case AGGREGATE_MIN: return step->least;
    case AGGREGATE_MAX: return step->greatest;
    case AGGREGATE_SUM: return step->sum;
    case AGGREGATE_RATE: return counter ? step->sum / step->elapsed_seconds : gauge_rate(step);
    default: return step->sum / (counter ? step->elapsed_seconds : (double)step->count);
    }
}

static void
add_point(struct aggregate *self, double value)
{
    if (!isfinite(value))
        return;
    if (self->point_count == self->point_capacity) {
        self->point_capacity = self->point_capacity ? self->point_capacity * 2 : 64;
        self->points = memory_resize(self->points, self->point_capacity * sizeof *self->points);
    }
    int64_t at_ms =
        self->step_end_ms < self->options.end_ms ? self->step_end_ms : self->options.end_ms;
    self->points[self->point_count++] = (struct aggregate_point){at_ms, value};
}

static void
close_step(struct aggregate *self)
{
    if (self->step.count)
        add_point(self,
            self->options.kind == SERIES_HISTOGRAM ? histogram_value(self) : number_value(self));
    self->step =
        (struct step){.values = self->step.values, .value_capacity = self->step.value_capacity};
    if (self->increase)
        buckets_clear(self->increase);
}

/* Closes the step under way when the row lies behind it, and opens the row's. */
static void
move_to(struct aggregate *self, int64_t time_ms)
{
    if (time_ms <= self->step_end_ms)
        return;
    close_step(self);
    int64_t steps =
        (time_ms - self->options.start_ms + self->options.step_ms - 1) / self->options.step_ms;
    self->step_end_ms = self->options.start_ms + steps * self->options.step_ms;
}

static void
keep_value(struct step *step, double value)
{
    if (step->count == step->value_capacity) {
        step->value_capacity = step->value_capacity ? step->value_capacity * 2 : 64;
        step->values = memory_resize(step->values, step->value_capacity * sizeof *step->values);
    }
    step->values[step->count] = value;
}

/* A gauge's value or a counter's rate; `amount` is what sums up. */
static void
step_add(struct aggregate *self, double value, double amount)
{
    struct step *step = &self->step;
    double quantile;
    if (aggregation_is_quantile(self->options.aggregation, &quantile))
        keep_value(step, value);
    step->least = step->count ? fmin(step->least, value) : value;
    step->greatest = step->count ? fmax(step->greatest, value) : value;
    step->sum += amount;
    step->count++;
}

static void
add_gauge(struct aggregate *self, int64_t time_ms, double value)
{
    struct step *step = &self->step;
    if (!step->count) {
        step->first = value;
        step->first_ms = time_ms;
    }
    step->last = value;
    step->last_ms = time_ms;
    step_add(self, value, value);
}

/* Since when the increment up to this row was counted; 0 when that is not known. `whole` when it
 * was counted from zero. */
static int64_t
counted_since(const struct aggregate *self, const struct aggregate_row *row, bool fell, bool *whole)
{
    bool same_run = self->has_previous && self->previous_started_ms == row->started_at_ms;
    *whole = !same_run || fell;
    if (same_run)
        return self->previous_ms;
    if (row->absent_ms)
        return row->absent_ms;
    int64_t since = row->started_at_ms;
    if (self->has_previous && (since < self->previous_ms || since >= row->time_ms))
        return self->previous_ms;
    return since < row->time_ms && since >= row->time_ms - FRESH_MS ? since : 0;
}

static void
add_counter(struct aggregate *self, const struct aggregate_row *row, double value)
{
    bool whole;
    int64_t since = counted_since(self, row, value < self->previous, &whole);
    double increase = value - (whole ? 0 : self->previous);
    if (since && row->time_ms > self->options.start_ms) {
        double elapsed = (double)(row->time_ms - since) / 1000.0;
        self->step.elapsed_seconds += elapsed;
        step_add(self, increase / elapsed, increase);
    }
    self->previous = value;
}

static void
add_histogram(
    struct aggregate *self, const struct aggregate_row *row, const struct series_histogram *value)
{
    bool whole;
    int64_t since = counted_since(self, row, false, &whole);
    buckets_load(self->now, value);
    if (since && row->time_ms > self->options.start_ms) {
        buckets_add_increase(self->increase, self->now, whole ? NULL : self->before);
        self->step.elapsed_seconds += (double)(row->time_ms - since) / 1000.0;
        self->step.count++;
    }
    struct buckets *before = self->before;
    self->before = self->now;
    self->now = before;
}

void
aggregate_add(
    struct aggregate *self, const struct aggregate_row *row, const struct series_value *value)
{
    if (value->is_histogram != (self->options.kind == SERIES_HISTOGRAM))
        return;
    move_to(self, row->time_ms);
    if (self->options.kind == SERIES_HISTOGRAM)
        add_histogram(self, row, &value->histogram);
    else if (self->options.kind == SERIES_COUNTER)
        add_counter(self, row, value->number);
    else if (row->time_ms > self->options.start_ms)
        add_gauge(self, row->time_ms, value->number);
    self->has_previous = true;
    self->previous_ms = row->time_ms;
    self->previous_started_ms = row->started_at_ms;
}

void
aggregate_forget(struct aggregate *self)
{
    self->has_previous = false;
}

size_t
aggregate_finish(struct aggregate *self, const struct aggregate_point **points)
{
    close_step(self);
    *points = self->points;
    return self->point_count;
}
