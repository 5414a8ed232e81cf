#include "metrics-svc/push.h"

#include <math.h>

#include "metrics-svc/pack.h"

/* Names and labels that the exposition adds. */
static const char *const reserved_names[] = {"forge_up", "forge_build_info"};
static const char *const reserved_labels[] = {"program", "instance", "host", "le", "quantile"};

static bool
is_one_of(const char *const *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

/* Prometheus' data model: letters, digits, underscores, in metric names colons too. */
static bool
is_identifier(const char *name, size_t max, bool colons)
{
    size_t length = strlen(name);
    if (length == 0 || length > max || (*name >= '0' && *name <= '9'))
        return false;
    for (; *name; name++) {
        bool letter = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z');
        bool digit = *name >= '0' && *name <= '9';
        if (!letter && !digit && *name != '_' && !(colons && *name == ':'))
            return false;
    }
    return true;
}

static bool
is_text(const char *text, size_t min, size_t max)
{
    struct text bytes = text_of(text);
    return bytes.length >= min && bytes.length <= max && text_is_utf8(bytes);
}

static const char *
check_labels(const Forge__Sample *sample)
{
    if (sample->n_labels > PUSH_LABELS_MAX)
        return "more than 16 labels";
    for (size_t i = 0; i < sample->n_labels; i++) {
        const Forge__Label *label = sample->labels[i];
        if (!is_identifier(label->name, PUSH_LABEL_NAME_MAX, false))
            return "a label's name is none";
        if (is_one_of(
                reserved_labels, sizeof reserved_labels / sizeof *reserved_labels, label->name))
            return "a label's name is reserved";
        if (!is_text(label->value, 0, PUSH_LABEL_VALUE_MAX))
            return "a label's value is too long or no UTF-8";
        for (size_t other = 0; other < i; other++)
            if (strcmp(sample->labels[other]->name, label->name) == 0)
                return "a label stands twice";
    }
    return NULL;
}

static const char *
check_histogram(const Forge__Histogram *histogram)
{
    if (!histogram)
        return "the histogram is missing";
    if (histogram->schema < 0 || histogram->schema > SERIES_SCHEMA_MAX)
        return "the histogram's schema is not 0 to 3";
    if (histogram->n_buckets > SERIES_BUCKETS_MAX || histogram->first_index < -SERIES_INDEX_MAX ||
        histogram->first_index > SERIES_INDEX_MAX + 1 - (int)histogram->n_buckets)
        return "the histogram's buckets lie outside -512 to 512";
    return isfinite(histogram->sum) ? NULL : "the histogram's sum is no number";
}

static const char *
check_sample(const Forge__Sample *sample)
{
    if (!is_identifier(sample->name, PUSH_NAME_MAX, true))
        return "the name is none";
    if (is_one_of(reserved_names, sizeof reserved_names / sizeof *reserved_names, sample->name))
        return "the name is reserved";
    if (!is_text(sample->help, 0, PUSH_HELP_MAX))
        return "the help is too long or no UTF-8";
    if (sample->type != FORGE__METRIC_TYPE__COUNTER && sample->type != FORGE__METRIC_TYPE__GAUGE &&
        sample->type != FORGE__METRIC_TYPE__HISTOGRAM)
        return "the type is none";
    const char *wrong = check_labels(sample);
    if (!wrong && sample->type == FORGE__METRIC_TYPE__HISTOGRAM)
        wrong = check_histogram(sample->histogram);
    return wrong;
}

enum status
push_check(const Forge__PushRequest *request, struct problem *problem)
{
    if (!is_text(request->program, 1, PUSH_NAME_MAX) ||
        !is_text(request->instance, 1, PUSH_NAME_MAX) ||
        !is_text(request->host, 0, PUSH_NAME_MAX) || !is_text(request->version, 0, PUSH_NAME_MAX)) {
        problem_set(problem, "program and instance need 1 to 128 bytes of UTF-8, host and version "
                             "at most 128");
        return STATUS_INVALID_ARGUMENT;
    }
    if (request->n_samples > PUSH_SAMPLES_MAX) {
        problem_set(problem, "%zu samples; a push holds at most 4096", request->n_samples);
        return STATUS_INVALID_ARGUMENT;
    }
    size_t buckets = 0;
    for (size_t i = 0; i < request->n_samples; i++) {
        const char *wrong = check_sample(request->samples[i]);
        if (!wrong && request->samples[i]->histogram)
            buckets += request->samples[i]->histogram->n_buckets;
        if (!wrong && buckets > PUSH_BUCKETS_MAX)
            wrong = "the push has more than 65536 buckets";
        if (wrong) {
            problem_set(problem, "sample %zu ('%.64s'): %s", i, request->samples[i]->name, wrong);
            return STATUS_INVALID_ARGUMENT;
        }
    }
    return STATUS_OK;
}

struct metrics_series
push_series(const Forge__Sample *sample, struct buffer *labels)
{
    /* The labels' places in order of their names; there are few. */
    size_t order[PUSH_LABELS_MAX];
    for (size_t i = 0; i < sample->n_labels; i++) {
        size_t at = i;
        for (; at > 0 && strcmp(sample->labels[order[at - 1]]->name, sample->labels[i]->name) > 0;
             at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    buffer_clear(labels);
    for (size_t i = 0; i < sample->n_labels; i++) {
        pack_text(labels, text_of(sample->labels[order[i]]->name));
        pack_text(labels, text_of(sample->labels[order[i]]->value));
    }
    enum series_kind kind = sample->type == FORGE__METRIC_TYPE__COUNTER ? SERIES_COUNTER
                            : sample->type == FORGE__METRIC_TYPE__GAUGE ? SERIES_GAUGE
                                                                        : SERIES_HISTOGRAM;
    return (struct metrics_series){.kind = kind,
        .name = text_of(sample->name),
        .labels = buffer_text(labels),
        .help = text_of(sample->help)};
}

struct series_value
push_value(const Forge__Sample *sample, struct series_bucket buckets[SERIES_BUCKETS_MAX])
{
    struct series_value value = {.number = sample->value};
    if (sample->type != FORGE__METRIC_TYPE__HISTOGRAM)
        return value;
    const Forge__Histogram *source = sample->histogram;
    value.is_histogram = true;
    value.histogram = (struct series_histogram){.schema = source->schema,
        .zero_count = source->zero_count,
        .sum = source->sum,
        .buckets = buckets};
    for (size_t i = 0; i < source->n_buckets; i++)
        if (source->buckets[i])
            buckets[value.histogram.bucket_count++] =
                (struct series_bucket){source->first_index + (int)i, source->buckets[i]};
    return value;
}
