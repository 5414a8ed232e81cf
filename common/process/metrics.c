#include "common/process/metrics.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/base/text.h"
#include "common/process/metrics_process.h"

/* base^i over one octave, 2^((k-8)/8): the upper bounds of the buckets of a mantissa in [0.5, 1).
 */
static const double octave[] = {0.5, 0.5452538663326288, 0.5946035575013605, 0.6484197773255048,
    0.7071067811865476, 0.7711054127039704, 0.8408964152537145, 0.9170040432046712};

enum { OCTAVE = 8, FIRST_INDEX_SECONDS = -159, FIRST_INDEX_SIZES = 1 };

struct metrics_counter {
    _Atomic uint64_t value;
};

struct metrics_gauge {
    _Atomic double value;
};

struct metrics_histogram {
    int first_index;
    _Atomic uint64_t zero_count;
    _Atomic double sum;
    _Atomic uint64_t buckets[METRICS_BUCKETS];
};

/* One thread's share of a series. Instruments are only ever added, at the head of a list that is
 * swung by compare and exchange, so collecting walks it without a lock. */
struct instrument {
    struct instrument *next;
    char *name, *labels, *help;
    enum metrics_type type;
    union {
        struct metrics_counter counter;
        struct metrics_gauge gauge;
        struct metrics_histogram histogram;
    } as;
};

struct metrics {
    _Atomic(struct instrument *) first;
    double process_started;
};

struct metrics *
metrics_create(void)
{
    struct metrics *self = memory_new(sizeof *self);
    self->process_started = metrics_process_started();
    return self;
}

void
metrics_destroy(struct metrics **self_p)
{
    struct metrics *self = TAKE(*self_p);
    if (!self)
        return;
    struct instrument *each = atomic_load(&self->first);
    while (each) {
        struct instrument *next = each->next;
        free(each->name);
        free(each->labels);
        free(each->help);
        free(each);
        each = next;
    }
    free(self);
}

static struct instrument *
add_instrument(struct metrics *self, enum metrics_type type, const char *name, const char *labels,
    const char *help)
{
    struct instrument *fresh = memory_new(sizeof *fresh);
    fresh->type = type;
    fresh->name = text_copy(text_of(name));
    fresh->labels = text_copy(text_of(labels));
    fresh->help = text_copy(text_of(help));
    if (type == METRICS_HISTOGRAM) {
        size_t length = strlen(name);
        bool seconds = length >= 8 && strcmp(name + length - 8, "_seconds") == 0;
        fresh->as.histogram.first_index = seconds ? FIRST_INDEX_SECONDS : FIRST_INDEX_SIZES;
    }
    struct instrument *first = atomic_load(&self->first);
    do
        fresh->next = first;
    while (!atomic_compare_exchange_weak(&self->first, &first, fresh));
    return fresh;
}

struct metrics_counter *
metrics_counter(struct metrics *self, const char *name, const char *labels, const char *help)
{
    return &add_instrument(self, METRICS_COUNTER, name, labels, help)->as.counter;
}

struct metrics_gauge *
metrics_gauge(struct metrics *self, const char *name, const char *labels, const char *help)
{
    return &add_instrument(self, METRICS_GAUGE, name, labels, help)->as.gauge;
}

struct metrics_histogram *
metrics_histogram(struct metrics *self, const char *name, const char *labels, const char *help)
{
    return &add_instrument(self, METRICS_HISTOGRAM, name, labels, help)->as.histogram;
}

void
metrics_add(struct metrics_counter *self, uint64_t amount)
{
    atomic_fetch_add_explicit(&self->value, amount, memory_order_relaxed);
}

void
metrics_set(struct metrics_gauge *self, double value)
{
    atomic_store_explicit(&self->value, value, memory_order_relaxed);
}

/* The index i with base^(i-1) < value <= base^i. */
static int
bucket_index(double value)
{
    int exponent;
    double mantissa = frexp(value, &exponent);
    int above = 0;
    for (int half = OCTAVE / 2; half; half /= 2)
        if (mantissa > octave[above + half - 1])
            above += half;
    above += mantissa > octave[above];
    return (exponent - 1) * OCTAVE + above;
}

void
metrics_observe(struct metrics_histogram *self, double value)
{
    if (!isfinite(value))
        return;
    double sum = atomic_load_explicit(&self->sum, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(
        &self->sum, &sum, sum + value, memory_order_relaxed, memory_order_relaxed))
        continue;

    int at = value > 0 ? bucket_index(value) - self->first_index : -1;
    _Atomic uint64_t *count = at < 0                 ? &self->zero_count
                              : at < METRICS_BUCKETS ? &self->buckets[at]
                                                     : &self->buckets[METRICS_BUCKETS - 1];
    atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

/* A series while it is summed; the buckets belong to the collecting call. */
struct sum {
    struct metrics_sample sample;
    uint64_t buckets[METRICS_BUCKETS];
};

static void
sum_add_histogram(struct sum *self, const struct metrics_histogram *part)
{
    struct metrics_sample *sample = &self->sample;
    sample->first_index = part->first_index;
    uint64_t zeros = atomic_load_explicit(&part->zero_count, memory_order_relaxed);
    sample->zero_count += zeros;
    sample->count += zeros;
    sample->sum += atomic_load_explicit(&part->sum, memory_order_relaxed);
    for (size_t i = 0; i < METRICS_BUCKETS; i++) {
        uint64_t count = atomic_load_explicit(&part->buckets[i], memory_order_relaxed);
        self->buckets[i] += count;
        sample->count += count;
    }
}

static void
sum_add(struct sum *self, const struct instrument *part)
{
    switch (part->type) {
    case METRICS_COUNTER:
        self->sample.value +=
            (double)atomic_load_explicit(&part->as.counter.value, memory_order_relaxed);
        break;
    case METRICS_GAUGE:
        self->sample.value += atomic_load_explicit(&part->as.gauge.value, memory_order_relaxed);
        break;
    case METRICS_HISTOGRAM: sum_add_histogram(self, &part->as.histogram); break;
    }
}

struct part {
    const struct instrument *instrument;
};

static int
compare(const void *left, const void *right)
{
    const struct instrument *a = ((const struct part *)left)->instrument;
    const struct instrument *b = ((const struct part *)right)->instrument;
    int names = strcmp(a->name, b->name);
    return names ? names : strcmp(a->labels, b->labels);
}

static void
visit_process(const struct metrics *self,
    void (*visit)(void *argument, const struct metrics_sample *sample), void *argument)
{
    struct metrics_process now;
    metrics_process_read(&now);
    const struct metrics_sample samples[] = {
        {.name = "process_cpu_seconds_total",
            .type = METRICS_COUNTER,
            .value = now.cpu_seconds,
            .help = "CPU time of the process, user and system, in seconds."},
        {.name = "process_open_fds",
            .type = METRICS_GAUGE,
            .value = now.open_fds,
            .help = "Open file descriptors."},
        {.name = "process_resident_memory_bytes",
            .type = METRICS_GAUGE,
            .value = now.resident_bytes,
            .help = "Resident memory of the process in bytes."},
        {.name = "process_start_time_seconds",
            .type = METRICS_GAUGE,
            .value = self->process_started,
            .help = "Start of the process, seconds since 1970."},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct metrics_sample sample = samples[i];
        sample.labels = "";
        visit(argument, &sample);
    }
}

void
metrics_collect(struct metrics *self,
    void (*visit)(void *argument, const struct metrics_sample *sample), void *argument)
{
    visit_process(self, visit, argument);

    struct instrument *first = atomic_load(&self->first);
    size_t count = 0;
    for (const struct instrument *each = first; each; each = each->next)
        count++;
    CLEANUP(memory_free) struct part *parts = memory_array(count, sizeof *parts);
    size_t filled = 0;
    for (const struct instrument *each = first; each; each = each->next)
        parts[filled++].instrument = each;
    qsort(parts, count, sizeof *parts, compare);

    for (size_t i = 0; i < count;) {
        const struct part first_part = parts[i];
        const struct instrument *head = first_part.instrument;
        struct sum sum = {.sample = {.name = head->name,
                              .labels = head->labels,
                              .help = head->help,
                              .type = head->type,
                              .schema = METRICS_SCHEMA}};
        for (; i < count && compare(&parts[i], &first_part) == 0; i++) {
            assert(parts[i].instrument->type == head->type);
            sum_add(&sum, parts[i].instrument);
        }
        sum.sample.buckets = head->type == METRICS_HISTOGRAM ? sum.buckets : NULL;
        sum.sample.bucket_count = head->type == METRICS_HISTOGRAM ? METRICS_BUCKETS : 0;
        visit(argument, &sum.sample);
    }
}
