#include "gateway/admin/performance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "context.pb-c.h"

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/base/text.h"
#include "common/process/log.h"

enum { TICK_MS = 1000, IDLE_TICKS = 15, COUNT_EVERY_TICKS = 15, BUCKETS_MAX = 512 };

static const double tolerable_s = 0.1; /* the procedures' target */

/* What the duration histogram and the error counter showed at one moment. */
struct reading {
    uint64_t buckets[BUCKETS_MAX];
    size_t bucket_count;
    int schema, first_index;
    uint64_t count;
    uint64_t zero_count;
    double sum;
    double errors;
};

struct performance {
    struct rpc_call call;
    struct performance_options options;
    uv_timer_t timer;
    struct reading before;
    struct reading now;
    unsigned idle_ticks;
    unsigned count_ticks;
    bool counting, closed, destroyed;
    double relevance;
    uint64_t entries;
};

static void
add_histogram(struct reading *reading, const struct metrics_sample *sample)
{
    reading->schema = sample->schema;
    reading->first_index = sample->first_index;
    reading->count += sample->count;
    reading->zero_count += sample->zero_count;
    reading->sum += sample->sum;
    size_t count = sample->bucket_count < BUCKETS_MAX ? sample->bucket_count : BUCKETS_MAX;
    reading->bucket_count = count;
    for (size_t i = 0; i < count; i++)
        reading->buckets[i] += sample->buckets[i];
}

static void
visit(void *argument, const struct metrics_sample *sample)
{
    struct reading *reading = argument;
    if (text_is(text_of(sample->name), "forge_http_request_duration_seconds"))
        add_histogram(reading, sample);
    else if (text_is(text_of(sample->name), "forge_http_requests_total") &&
             strstr(sample->labels, "code=\"5xx"))
        reading->errors += sample->value;
}

static double
bucket_bound(const struct reading *reading, size_t bucket)
{
    return exp2((double)(reading->first_index + (int)bucket) / exp2(reading->schema));
}

static uint64_t
bucket_growth(const struct performance *self, size_t bucket)
{
    return self->now.buckets[bucket] - self->before.buckets[bucket];
}

/* Upper bound of the bucket in which the given share of the last second's requests ends. */
static double
quantile(const struct performance *self, uint64_t count, double share)
{
    double rank = share * (double)count;
    double seen = (double)(self->now.zero_count - self->before.zero_count);
    for (size_t i = 0; i < self->now.bucket_count; i++) {
        seen += (double)bucket_growth(self, i);
        if (seen >= rank && seen > 0)
            return bucket_bound(&self->now, i);
    }
    return 0;
}

static double
apdex(const struct performance *self, uint64_t count)
{
    double satisfied = (double)(self->now.zero_count - self->before.zero_count);
    double tolerating = 0;
    for (size_t i = 0; i < self->now.bucket_count; i++) {
        double bound = bucket_bound(&self->now, i);
        if (bound <= tolerable_s)
            satisfied += (double)bucket_growth(self, i);
        else if (bound <= 4 * tolerable_s)
            tolerating += (double)bucket_growth(self, i);
    }
    return count ? (satisfied + tolerating / 2) / (double)count : 1;
}

static void
write_line(const struct performance *self, uint64_t count)
{
    double mean = count ? (self->now.sum - self->before.sum) / (double)count : 0;
    char relevance[16];
    snprintf(relevance, sizeof relevance, isnan(self->relevance) ? "NaN" : "%.2f", self->relevance);
    log_info("Performance score=%.2f rps=%.1f errors=%.0f p50=%.4f p99=%.4f Context relevance=%s "
             "sessions=%ld entries=%llu Response time: %.4f",
        apdex(self, count), (double)count, self->now.errors - self->before.errors,
        quantile(self, count, 0.5), quantile(self, count, 0.99), relevance,
        mcp_session_registry_active(self->options.sessions), (unsigned long long)self->entries,
        mean > 0.0001 ? mean : 0.0001);
}

static void
release(struct performance *self)
{
    if (self->destroyed && self->closed && !self->counting)
        free(self);
}

static void
on_counted(const Forge__CountReply *reply, void *closure_data)
{
    struct performance *self = closure_data;
    self->counting = false;
    if (reply) {
        self->relevance = reply->relevance;
        self->entries = reply->entries;
    }
    release(self);
}

static void
ask_count(struct performance *self)
{
    if (self->counting || self->count_ticks++ % COUNT_EVERY_TICKS)
        return;
    self->counting = true;
    self->call = (struct rpc_call){
        .deadline_ms = clock_monotonic_ms() + TICK_MS,
        .principal = {TEXT("mcp_server"), TEXT("default"), ROLE_PROGRAM | ROLE_READER},
        .criticality = CRITICALITY_SHEDDABLE,
    };
    ProtobufCService *context = self->options.backends->bind(
        self->options.backends, &forge__context__descriptor, &self->call);
    Forge__CountRequest request = FORGE__COUNT_REQUEST__INIT;
    forge__context__count(context, &request, on_counted, self);
}

static void
on_tick(uv_timer_t *timer)
{
    struct performance *self = timer->data;
    ask_count(self);
    self->now = (struct reading){0};
    metrics_collect(self->options.metrics, visit, &self->now);
    uint64_t count = self->now.count - self->before.count;
    if (count || ++self->idle_ticks >= IDLE_TICKS) {
        write_line(self, count);
        self->idle_ticks = 0;
    }
    self->before = self->now;
}

struct performance *
performance_create(const struct performance_options *options)
{
    struct performance *self = memory_new(sizeof *self);
    self->options = *options;
    self->relevance = (double)NAN;
    uv_timer_init(options->loop, &self->timer);
    self->timer.data = self;
    uv_timer_start(&self->timer, on_tick, TICK_MS, TICK_MS);
    return self;
}

static void
on_closed(uv_handle_t *handle)
{
    struct performance *self = handle->data;
    self->closed = true;
    release(self);
}

void
performance_destroy(struct performance **self_p)
{
    struct performance *self = *self_p;
    if (!self)
        return;
    *self_p = NULL;
    self->destroyed = true;
    uv_close((uv_handle_t *)&self->timer, on_closed);
}
