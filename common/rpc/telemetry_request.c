#include "common/rpc/telemetry_request.h"

#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/memory.h"

enum { SAMPLES_MAX = 4096, LABELS_MAX = 16, ARENA_MAX_BYTES = 32 << 20 };

/* All of the message lives in the arena. */
struct telemetry_request {
    struct arena arena;
    Forge__PushRequest message;
    Forge__Sample *samples[SAMPLES_MAX];
};

/* Takes one name="value" off the exposition form of a registry's labels. The text is our own, so
 * only its escapes need care. */
static Forge__Label *
take_label(struct arena *arena, const char **rest)
{
    const char *equals = strchr(*rest, '=');
    if (!equals || equals[1] != '"')
        return NULL;
    Forge__Label *label = arena_new(arena, sizeof *label);
    forge__label__init(label);
    label->name = arena_copy(arena, text_from(*rest, (size_t)(equals - *rest)));

    const char *at = equals + 2;
    char *value = arena_new(arena, strlen(at) + 1);
    label->value = value;
    for (; *at && *at != '"'; at++) {
        bool escaped = *at == '\\' && at[1];
        at += escaped;
        *value = *at;
        if (escaped && *at == 'n')
            *value = '\n';
        value++;
    }
    *value = '\0';
    at += *at == '"';
    *rest = at + (*at == ',');
    return label;
}

static void
add_labels(struct arena *arena, const char *labels, Forge__Sample *sample)
{
    sample->labels = arena_new(arena, LABELS_MAX * sizeof(Forge__Label *));
    while (*labels && sample->n_labels < LABELS_MAX) {
        Forge__Label *label = take_label(arena, &labels);
        if (!label)
            return;
        sample->labels[sample->n_labels++] = label;
    }
}

/* Without the empty buckets at both ends, which are most of them. */
static Forge__Histogram *
copy_histogram(struct arena *arena, const struct metrics_sample *source)
{
    size_t first = 0, end = source->bucket_count;
    while (first < end && !source->buckets[first])
        first++;
    while (end > first && !source->buckets[end - 1])
        end--;
    Forge__Histogram *copy = arena_new(arena, sizeof *copy);
    forge__histogram__init(copy);
    copy->schema = source->schema;
    copy->first_index = source->first_index + (int)first;
    copy->n_buckets = end - first;
    copy->buckets = arena_new(arena, (end - first) * sizeof *copy->buckets);
    memcpy(copy->buckets, source->buckets + first, (end - first) * sizeof *copy->buckets);
    copy->zero_count = source->zero_count;
    copy->count = source->count;
    copy->sum = source->sum;
    return copy;
}

static void
on_sample(void *argument, const struct metrics_sample *source)
{
    static const Forge__MetricType types[] = {
        FORGE__METRIC_TYPE__COUNTER, FORGE__METRIC_TYPE__GAUGE, FORGE__METRIC_TYPE__HISTOGRAM};
    struct telemetry_request *self = argument;
    if (self->message.n_samples == SAMPLES_MAX)
        return;
    Forge__Sample *sample = arena_new(&self->arena, sizeof *sample);
    forge__sample__init(sample);
    sample->name = arena_copy(&self->arena, text_of(source->name));
    sample->help = arena_copy(&self->arena, text_of(source->help));
    sample->type = types[source->type];
    sample->value = source->value;
    add_labels(&self->arena, source->labels, sample);
    if (source->type == METRICS_HISTOGRAM)
        sample->histogram = copy_histogram(&self->arena, source);
    self->samples[self->message.n_samples++] = sample;
}

struct telemetry_request *
telemetry_request_create(struct metrics *metrics)
{
    struct telemetry_request *self = memory_new(sizeof *self);
    arena_init(&self->arena, ARENA_MAX_BYTES);
    forge__push_request__init(&self->message);
    self->message.samples = self->samples;
    metrics_collect(metrics, on_sample, self);
    return self;
}

void
telemetry_request_destroy(struct telemetry_request **self_p)
{
    struct telemetry_request *self = TAKE(*self_p);
    if (!self)
        return;
    arena_release(&self->arena);
    free(self);
}

Forge__PushRequest *
telemetry_request_message(struct telemetry_request *self)
{
    return &self->message;
}
