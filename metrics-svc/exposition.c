#include "metrics-svc/exposition.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "common/process/metrics_text.h"

/* A sample on its way into the text; texts and buckets are borrowed from push and arena. */
struct exposed {
    struct metrics_sample sample;
    const char *extra; /* program, instance, host */
};

struct exposition {
    struct arena *arena;
    struct exposed *samples;
    size_t count, capacity;
};

static void
exposition_release(struct exposition *self)
{
    free(self->samples);
}

static char *
keep(struct arena *arena, struct buffer *labels)
{
    char *copy = arena_try(arena, labels->length + 1);
    if (copy)
        memcpy(copy, buffer_string(labels), labels->length + 1);
    return copy;
}

static struct exposed *
add(struct exposition *self)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 1024;
        self->samples = memory_resize(self->samples, self->capacity * sizeof *self->samples);
    }
    struct exposed *fresh = &self->samples[self->count++];
    *fresh = (struct exposed){.extra = ""};
    return fresh;
}

static bool
add_sample(struct exposition *self, const Forge__Sample *source, const char *extra)
{
    CLEANUP(buffer_release) struct buffer labels = {0};
    for (size_t i = 0; i < source->n_labels; i++)
        metrics_text_label(
            &labels, text_of(source->labels[i]->name), text_of(source->labels[i]->value));
    struct exposed *exposed = add(self);
    exposed->extra = extra;
    exposed->sample = (struct metrics_sample){.name = source->name,
        .labels = keep(self->arena, &labels),
        .help = source->help,
        .type = source->type == FORGE__METRIC_TYPE__COUNTER ? METRICS_COUNTER
                : source->type == FORGE__METRIC_TYPE__GAUGE ? METRICS_GAUGE
                                                            : METRICS_HISTOGRAM,
        .value = source->value};
    if (exposed->sample.type == METRICS_HISTOGRAM) {
        const Forge__Histogram *histogram = source->histogram;
        exposed->sample.schema = histogram->schema;
        exposed->sample.first_index = histogram->first_index;
        exposed->sample.buckets = histogram->buckets;
        exposed->sample.bucket_count = histogram->n_buckets;
        exposed->sample.zero_count = exposed->sample.count = histogram->zero_count;
        exposed->sample.sum = histogram->sum;
        for (size_t i = 0; i < histogram->n_buckets; i++)
            exposed->sample.count += histogram->buckets[i];
    }
    return exposed->sample.labels != NULL;
}

static bool
add_program(struct exposition *self, const struct presence_program *program, int64_t clock_ms)
{
    CLEANUP(buffer_release) struct buffer labels = {0};
    metrics_text_label(&labels, TEXT("program"), text_of(program->program));
    metrics_text_label(&labels, TEXT("instance"), text_of(program->instance));
    metrics_text_label(&labels, TEXT("host"), text_of(program->host));
    const char *extra = keep(self->arena, &labels);
    buffer_clear(&labels);
    metrics_text_label(&labels, TEXT("version"), text_of(program->version));
    const char *version = keep(self->arena, &labels);
    if (!extra || !version)
        return false;

    bool up = presence_is_up(program, clock_ms);
    *add(self) = (struct exposed){{.name = "forge_up",
                                      .labels = "",
                                      .help = "1 while the program pushes its numbers, else 0.",
                                      .type = METRICS_GAUGE,
                                      .value = up},
        extra};
    *add(self) = (struct exposed){{.name = "forge_build_info",
                                      .labels = version,
                                      .help = "1, with the program's version as label.",
                                      .type = METRICS_GAUGE,
                                      .value = 1},
        extra};
    if (!up)
        return true;
    Forge__PushRequest *push = forge__push_request__unpack(
        &self->arena->allocator, program->push.length, (const uint8_t *)program->push.data);
    bool whole = push != NULL;
    for (size_t i = 0; whole && i < push->n_samples; i++)
        whole = add_sample(self, push->samples[i], extra);
    return whole;
}

static int
compare(const void *left, const void *right)
{
    const struct exposed *a = left, *b = right;
    int order = strcmp(a->sample.name, b->sample.name);
    order = order ? order : strcmp(a->extra, b->extra);
    return order ? order : strcmp(a->sample.labels, b->sample.labels);
}

/* Of the samples of one name: a second one of the same series, or one of another type than the
 * first, would make the whole text invalid. */
static bool
fits(const struct exposed *first, const struct exposed *before, const struct exposed *exposed)
{
    return exposed == first ||
           (exposed->sample.type == first->sample.type && compare(before, exposed) != 0);
}

enum status
exposition_render(
    const struct presence *presence, int64_t clock_ms, struct arena *arena, struct buffer *out)
{
    CLEANUP(exposition_release) struct exposition self = {.arena = arena};
    for (size_t i = 0; i < presence_count(presence); i++)
        if (!add_program(&self, presence_at(presence, i), clock_ms))
            return STATUS_RESOURCE_EXHAUSTED;
    if (self.count)
        qsort(self.samples, self.count, sizeof *self.samples, compare);
    struct metrics_text text;
    metrics_text_init(&text, out);
    const struct exposed *first = NULL;
    for (size_t i = 0; i < self.count; i++) {
        const struct exposed *exposed = &self.samples[i];
        if (!first || strcmp(first->sample.name, exposed->sample.name) != 0)
            first = exposed;
        if (fits(first, exposed - (exposed != first), exposed))
            metrics_text_add(&text, &exposed->sample, exposed->extra);
    }
    return STATUS_OK;
}
