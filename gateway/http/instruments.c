#include "gateway/http/instruments.h"

#include <stdio.h>

void
http_instruments_init(struct http_instruments *self, struct metrics *metrics)
{
    *self = (struct http_instruments){.metrics = metrics};
    if (metrics)
        self->duration = metrics_histogram(metrics, "forge_http_request_duration_seconds", NULL,
            "From a whole request to its sent answer.");
}

static struct metrics_counter *
create_requests(struct metrics *metrics, enum http_method method, int status_class)
{
    char labels[64];
    snprintf(labels, sizeof labels, "code=\"%dxx\",method=\"%s\"", status_class,
        http_method_name(method));
    return metrics_counter(metrics, "forge_http_requests_total", labels, "Answered HTTP requests.");
}

void
http_instruments_request(
    struct http_instruments *self, enum http_method method, int http_status, int64_t took_us)
{
    if (!self->metrics)
        return;
    struct metrics_counter **counter = &self->requests[method][http_status / 100];
    if (!*counter)
        *counter = create_requests(self->metrics, method, http_status / 100);
    metrics_add(*counter, 1);
    metrics_observe(self->duration, (double)took_us / 1e6);
}

void
http_instruments_refused(struct http_instruments *self, enum http_reason reason)
{
    if (!self->metrics)
        return;
    if (!self->refused[reason]) {
        char labels[64];
        snprintf(labels, sizeof labels, "reason=\"%s\"", http_reason_name(reason));
        self->refused[reason] = metrics_counter(self->metrics, "forge_http_refused_total", labels,
            "Requests and connections refused before a handler saw them.");
    }
    metrics_add(self->refused[reason], 1);
}
