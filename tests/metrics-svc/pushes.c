#include "pushes.h"

#include <stdio.h>

#include "common/base/memory.h"
#include "metrics-svc/store.h"

void
push_begin(struct push *self, const char *program, int64_t started_at_ms)
{
    static char instances[8][64];
    static size_t next;
    char *instance = instances[next++ % 8];
    snprintf(instance, sizeof instances[0], "%s@test", program);
    forge__push_request__init(&self->request);
    self->request.program = (char *)program;
    self->request.instance = instance;
    self->request.host = (char *)"test";
    self->request.version = (char *)"1";
    self->request.started_at_ms = started_at_ms;
    self->request.samples = self->sample_list;
}

static Forge__Sample *
add(struct push *self, const char *name, Forge__MetricType type, double value)
{
    size_t place = self->request.n_samples++;
    assert_in_range(place, 0, PUSH_TEST_SAMPLES - 1);
    Forge__Sample *sample = self->sample_list[place] = &self->samples[place];
    forge__sample__init(sample);
    sample->name = (char *)name;
    sample->help = (char *)"Help.";
    sample->type = type;
    sample->value = value;
    sample->labels = self->label_lists[place];
    return sample;
}

Forge__Sample *
push_counter(struct push *self, const char *name, double value)
{
    return add(self, name, FORGE__METRIC_TYPE__COUNTER, value);
}

Forge__Sample *
push_gauge(struct push *self, const char *name, double value)
{
    return add(self, name, FORGE__METRIC_TYPE__GAUGE, value);
}

Forge__Sample *
push_histogram(
    struct push *self, const char *name, int first_index, const uint64_t *counts, size_t count)
{
    Forge__Sample *sample = add(self, name, FORGE__METRIC_TYPE__HISTOGRAM, 0);
    sample->histogram = &self->histograms[self->request.n_samples - 1];
    forge__histogram__init(sample->histogram);
    sample->histogram->schema = 3;
    sample->histogram->first_index = first_index;
    sample->histogram->n_buckets = count;
    sample->histogram->buckets = (uint64_t *)counts;
    return sample;
}

void
push_label(struct push *self, const char *name, const char *value)
{
    size_t place = self->request.n_samples - 1;
    Forge__Sample *sample = &self->samples[place];
    assert_in_range(sample->n_labels, 0, PUSH_TEST_LABELS - 1);
    Forge__Label *label = &self->labels[place][sample->n_labels];
    forge__label__init(label);
    label->name = (char *)name;
    label->value = (char *)value;
    self->label_lists[place][sample->n_labels++] = label;
}

struct text
push_pack(const struct push *self)
{
    size_t size = forge__push_request__get_packed_size(&self->request);
    uint8_t *bytes = memory_new(size);
    forge__push_request__pack(&self->request, bytes);
    return text_from(bytes, size);
}

struct store *
memory_store(void)
{
    const struct store_options options = {.engine = STORE_MEMORY, .format = METRICS_STORE_FORMAT};
    struct store *store = NULL;
    struct problem problem = {{0}};
    assert_int_equal(store_open(&options, &store, &problem), STATUS_OK);
    return store;
}
