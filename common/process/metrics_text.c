#include "common/process/metrics_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { BOUNDS_MAX = 14 };

static const double bounds_of_seconds[] = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
static const double bounds_of_sizes[] = {
    64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864, 268435456};

_Static_assert(sizeof bounds_of_seconds / sizeof *bounds_of_seconds <= BOUNDS_MAX, "BOUNDS_MAX");
_Static_assert(sizeof bounds_of_sizes / sizeof *bounds_of_sizes <= BOUNDS_MAX, "BOUNDS_MAX");

void
metrics_text_init(struct metrics_text *self, struct buffer *out)
{
    *self = (struct metrics_text){.out = out};
}

void
metrics_text_number(struct buffer *out, double value)
{
    if (isnan(value) || isinf(value)) {
        buffer_add_text(out, isnan(value) ? TEXT("NaN") : value > 0 ? TEXT("+Inf") : TEXT("-Inf"));
        return;
    }
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    buffer_add_text(out, text_of(text));
}

static void
add_escaped(struct buffer *out, struct text text, bool quotes)
{
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.data[i];
        if (byte == '\n')
            buffer_add_text(out, TEXT("\\n"));
        else if (byte == '\\' || (quotes && byte == '"'))
            buffer_add(out, (char[]){'\\', byte}, 2);
        else
            buffer_add_byte(out, byte);
    }
}

void
metrics_text_label(struct buffer *out, struct text name, struct text value)
{
    if (out->length)
        buffer_add_byte(out, ',');
    buffer_add_text(out, name);
    buffer_add_text(out, TEXT("=\""));
    add_escaped(out, value, true);
    buffer_add_byte(out, '"');
}

static void
add_head(struct metrics_text *self, const struct metrics_sample *sample)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};
    struct text name = text_of(sample->name);
    if (self->name_length &&
        text_equals(text_from(self->out->data + self->name_at, self->name_length), name))
        return;
    buffer_add_text(self->out, TEXT("# HELP "));
    self->name_at = self->out->length;
    self->name_length = name.length;
    buffer_format(self->out, "%s ", sample->name);
    add_escaped(self->out, text_of(sample->help), false);
    buffer_format(self->out, "\n# TYPE %s %s\n", sample->name, types[sample->type]);
}

/* name suffix {extra,labels,le="…"}; without braces when there is no label. */
static void
add_name(struct buffer *out, const struct metrics_sample *sample, const char *suffix,
    const char *extra, const char *le)
{
    const char *parts[] = {extra, sample->labels, le};
    bool open = false;
    buffer_format(out, "%s%s", sample->name, suffix);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!parts[i] || !*parts[i])
            continue;
        buffer_add_byte(out, open ? ',' : '{');
        open = true;
        buffer_add_text(out, text_of(parts[i]));
    }
    buffer_add_text(out, open ? TEXT("} ") : TEXT(" "));
}

/* How many of the bucket's values lie at or under the bound. */
static uint64_t
share_under(double log_bound, int index, uint64_t count)
{
    double share = log_bound - (index - 1);
    if (share >= 1)
        return count;
    return share <= 0 ? 0 : (uint64_t)((double)count * share);
}

static uint64_t
count_under(const struct metrics_sample *sample, double bound)
{
    /* The bound as an index with its fraction. Rounding must not cut a bucket that ends exactly
     * there, hence the small addition. */
    double log_bound = ldexp(log2(bound), sample->schema) + 1e-9;
    uint64_t count = sample->zero_count;
    for (size_t i = 0; i < sample->bucket_count; i++)
        if (sample->buckets[i])
            count += share_under(log_bound, sample->first_index + (int)i, sample->buckets[i]);
    return count;
}

static void
add_histogram(struct buffer *out, const struct metrics_sample *sample, const char *extra)
{
    size_t length = strlen(sample->name);
    bool seconds = length >= 8 && strcmp(sample->name + length - 8, "_seconds") == 0;
    const double *bounds = seconds ? bounds_of_seconds : bounds_of_sizes;
    size_t bound_count = seconds ? sizeof bounds_of_seconds / sizeof *bounds
                                 : sizeof bounds_of_sizes / sizeof *bounds;
    for (size_t i = 0; i < bound_count; i++) {
        char le[40];
        snprintf(le, sizeof le, "le=\"%.10g\"", bounds[i]);
        add_name(out, sample, "_bucket", extra, le);
        buffer_format(out, "%" PRIu64 "\n", count_under(sample, bounds[i]));
    }
    add_name(out, sample, "_bucket", extra, "le=\"+Inf\"");
    buffer_format(out, "%" PRIu64 "\n", sample->count);
    add_name(out, sample, "_sum", extra, NULL);
    metrics_text_number(out, sample->sum);
    buffer_add_byte(out, '\n');
    add_name(out, sample, "_count", extra, NULL);
    buffer_format(out, "%" PRIu64 "\n", sample->count);
}

void
metrics_text_add(struct metrics_text *self, const struct metrics_sample *sample, const char *extra)
{
    add_head(self, sample);
    if (sample->type == METRICS_HISTOGRAM) {
        add_histogram(self->out, sample, extra);
        return;
    }
    add_name(self->out, sample, "", extra, NULL);
    metrics_text_number(self->out, sample->value);
    buffer_add_byte(self->out, '\n');
}

struct rendering {
    struct metrics_text text;
    const char *extra;
};

static void
on_sample(void *argument, const struct metrics_sample *sample)
{
    struct rendering *self = argument;
    metrics_text_add(&self->text, sample, self->extra);
}

void
metrics_text_render(struct metrics *metrics, const char *extra, struct buffer *out)
{
    struct rendering rendering = {.extra = extra};
    metrics_text_init(&rendering.text, out);
    metrics_collect(metrics, on_sample, &rendering);
}
