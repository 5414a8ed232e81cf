#include "metrics-svc/query.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "common/base/nearest.h"
#include "metrics-svc/query_plan.h"
#include "metrics-svc/scan.h"

enum { LABELS_EXTRA = 3, POINTS_MAX_IN_ALL = 100000 };

/* A series that answers the query. The texts live in the arena. */
struct candidate {
    struct metrics_series series;
    const struct metrics_instance *instance;
    struct aggregate *aggregate;
};

struct query {
    const struct query_plan *plan;
    struct arena *arena;
    struct metrics_instance *instances;
    size_t instance_count;
    struct candidate candidates[QUERY_SERIES_MAX];
    size_t count;
    bool metric_seen;
    bool truncated;
};

static void
query_destroy(struct query **self_p)
{
    struct query *self = TAKE(*self_p);
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++)
        aggregate_destroy(&self->candidates[i].aggregate);
    free(self->instances);
    free(self);
}

static struct text
keep(struct arena *arena, struct text text)
{
    return text_from(arena_copy(arena, text), text.length);
}

static void
on_instance(void *argument, const struct metrics_instance *instance)
{
    struct query *self = argument;
    self->instances =
        memory_resize(self->instances, (self->instance_count + 1) * sizeof *self->instances);
    self->instances[self->instance_count++] =
        (struct metrics_instance){instance->id, keep(self->arena, instance->program),
            keep(self->arena, instance->instance), keep(self->arena, instance->host)};
}

static const struct metrics_instance *
find_instance(const struct query *self, uint32_t id)
{
    for (size_t i = 0; i < self->instance_count; i++)
        if (self->instances[i].id == id)
            return &self->instances[i];
    return NULL;
}

/* The value of a label, of the series' own or of its instance; empty when it has none. */
static struct text
label_value(const struct metrics_series *series, const struct metrics_instance *instance,
    struct text wanted)
{
    if (text_is(wanted, "program"))
        return instance->program;
    if (text_is(wanted, "instance"))
        return instance->instance;
    if (text_is(wanted, "host"))
        return instance->host;
    struct text labels = series->labels, name, value;
    while (metrics_labels_next(&labels, &name, &value))
        if (text_equals(name, wanted))
            return value;
    return TEXT("");
}

static bool
matches(const struct query_plan *plan, const struct metrics_series *series,
    const struct metrics_instance *instance)
{
    for (size_t i = 0; i < plan->label_count; i++) {
        struct text value = label_value(series, instance, text_of(plan->labels[i]->name));
        if (!text_is(value, plan->labels[i]->value))
            return false;
    }
    return true;
}

static void
on_series(void *argument, const struct metrics_series *series)
{
    struct query *self = argument;
    const struct metrics_instance *instance = find_instance(self, series->instance_id);
    self->metric_seen = true;
    if (!instance || !matches(self->plan, series, instance))
        return;
    if (self->count == QUERY_SERIES_MAX) {
        self->truncated = true;
        return;
    }
    struct candidate *candidate = &self->candidates[self->count++];
    *candidate = (struct candidate){.series = *series, .instance = instance};
    candidate->series.labels = keep(self->arena, series->labels);
    candidate->series.help = TEXT("");
    candidate->series.name = self->plan->metric;

    enum aggregation aggregation = aggregation_of(series->kind);
    (void)aggregation_parse(text_of(self->plan->aggregation), &aggregation);
    const struct aggregate_options options = {.kind = series->kind,
        .aggregation = aggregation,
        .start_ms = self->plan->start_ms,
        .step_ms = self->plan->step_ms,
        .end_ms = self->plan->end_ms};
    candidate->aggregate = aggregate_create(&options);
}

struct offering {
    struct nearest nearest;
    struct arena *arena;
};

static void
on_name(void *argument, struct text name)
{
    struct offering *self = argument;
    nearest_offer(&self->nearest, keep(self->arena, name));
}

static enum status
refuse_metric(struct query *self, const struct store_snapshot *snapshot, struct problem *problem)
{
    struct offering offering = {.arena = self->arena};
    struct nearest *nearest = &offering.nearest;
    nearest_init(nearest, self->plan->metric);
    enum status status = metrics_store_each_name(snapshot, on_name, &offering);
    if (status != STATUS_OK)
        return status;
    CLEANUP(buffer_release) struct buffer words = {0};
    for (size_t i = 0; i < nearest->count; i++)
        buffer_format(
            &words, "%s%.*s", i ? ", " : "; did you mean ", TEXT_FORMAT(nearest->names[i]));
    problem_set(problem, "no metric is named '%.*s'%.*s%s", TEXT_FORMAT(self->plan->metric),
        TEXT_FORMAT(buffer_text(&words)), words.length ? "?" : "");
    return STATUS_NOT_FOUND;
}

static int
compare(const void *left, const void *right)
{
    const struct metrics_series *a = &((const struct candidate *)left)->series;
    const struct metrics_series *b = &((const struct candidate *)right)->series;
    if (a->instance_id != b->instance_id)
        return a->instance_id < b->instance_id ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

/* The candidates of one instance lie together; one scan of its rows serves them all. */
static enum status
scan_instances(
    struct query *self, const struct store_snapshot *snapshot, const struct scan_range *range)
{
    qsort(self->candidates, self->count, sizeof *self->candidates, compare);
    enum status status = STATUS_OK;
    for (size_t first = 0; first < self->count && status == STATUS_OK;) {
        struct scan_series series[QUERY_SERIES_MAX] = {{0}};
        size_t count = 0;
        uint32_t instance_id = self->candidates[first].series.instance_id;
        for (; first < self->count && self->candidates[first].series.instance_id == instance_id;
             first++)
            series[count++] = (struct scan_series){.id = self->candidates[first].series.id,
                .aggregate = self->candidates[first].aggregate};
        status = scan_run(snapshot, instance_id, range, series, count);
    }
    return status;
}

static Forge__Label *
make_label(struct arena *arena, struct text name, struct text value)
{
    Forge__Label *label = arena_new(arena, sizeof *label);
    forge__label__init(label);
    label->name = arena_copy(arena, name);
    label->value = arena_copy(arena, value);
    return label;
}

static void
fill_labels(struct arena *arena, const struct candidate *candidate, Forge__Series *series)
{
    size_t count = LABELS_EXTRA;
    struct text labels = candidate->series.labels, name, value;
    while (metrics_labels_next(&labels, &name, &value))
        count++;
    series->labels = arena_new(arena, count * sizeof(Forge__Label *));
    labels = candidate->series.labels;
    while (metrics_labels_next(&labels, &name, &value))
        series->labels[series->n_labels++] = make_label(arena, name, value);
    const struct metrics_instance *instance = candidate->instance;
    series->labels[series->n_labels++] = make_label(arena, TEXT("program"), instance->program);
    series->labels[series->n_labels++] = make_label(arena, TEXT("instance"), instance->instance);
    series->labels[series->n_labels++] = make_label(arena, TEXT("host"), instance->host);
}

static void
fill_points(
    struct arena *arena, const struct aggregate_point *points, size_t count, Forge__Series *series)
{
    series->points = arena_new(arena, count * sizeof(Forge__Point *));
    for (; series->n_points < count; series->n_points++) {
        Forge__Point *point = arena_new(arena, sizeof *point);
        forge__point__init(point);
        point->at_ms = points[series->n_points].at_ms;
        point->value = points[series->n_points].value;
        series->points[series->n_points] = point;
    }
}

/* Series without a point in the range are left out. */
static void
fill_reply(struct query *self, Forge__QueryReply *reply)
{
    size_t points_in_all = 0;
    reply->series = arena_new(self->arena, self->count * sizeof(Forge__Series *));
    for (size_t i = 0; i < self->count; i++) {
        struct candidate *candidate = &self->candidates[i];
        const struct aggregate_point *points;
        size_t count = aggregate_finish(candidate->aggregate, &points);
        if (!count)
            continue;
        points_in_all += count;
        if (points_in_all > POINTS_MAX_IN_ALL) {
            self->truncated = true;
            break;
        }
        Forge__Series *series = arena_new(self->arena, sizeof *series);
        forge__series__init(series);
        series->name = arena_copy(self->arena, candidate->series.name);
        fill_labels(self->arena, candidate, series);
        fill_points(self->arena, points, count, series);
        reply->series[reply->n_series++] = series;
    }
    enum aggregation aggregation =
        aggregation_of(self->count ? self->candidates[0].series.kind : SERIES_GAUGE);
    (void)aggregation_parse(text_of(self->plan->aggregation), &aggregation);
    reply->aggregation = arena_copy(self->arena, text_of(aggregation_name(aggregation)));
    reply->step_ms = (uint32_t)self->plan->step_ms;
    reply->truncated = self->truncated || self->plan->truncated;
}

enum status
query_run(const struct store_snapshot *snapshot, const Forge__QueryRequest *request,
    const struct query_times *times, struct arena *arena, Forge__QueryReply *reply,
    struct problem *problem)
{
    struct query_plan plan;
    enum status status = query_plan_make(request, times->now_ms, &plan, problem);
    if (status != STATUS_OK)
        return status;
    CLEANUP(query_destroy) struct query *self = memory_new(sizeof *self);
    self->plan = &plan;
    self->arena = arena;
    status = metrics_store_each_instance(snapshot, on_instance, self);
    if (status == STATUS_OK)
        status = metrics_store_each_series(snapshot, plan.metric, on_series, self);
    if (status == STATUS_OK && !self->metric_seen)
        status = refuse_metric(self, snapshot, problem);
    const struct scan_range range = {plan.start_ms, plan.end_ms, times->deadline_ms};
    if (status == STATUS_OK)
        status = scan_instances(self, snapshot, &range);
    if (status == STATUS_OK)
        fill_reply(self, reply);
    else if (status != STATUS_NOT_FOUND)
        problem_set(problem, "the query ended with %s", status_name(status));
    return status;
}
