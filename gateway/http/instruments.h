/* http_instruments: the numbers of one listener; of a listener without metrics, none. */
#pragma once

#include "common/process/metrics.h"
#include "gateway/http/exchange_state.h"
#include "gateway/http/refusal.h"

enum { METHODS = METHOD_PATCH + 1, STATUS_CLASSES = 6 };

/* Series come into being with their first event, so most loops carry few. */
struct http_instruments {
    struct metrics *metrics; /* NULL: nothing is counted */
    struct metrics_counter *requests[METHODS][STATUS_CLASSES];
    struct metrics_counter *refused[REFUSED_REASONS];
    struct metrics_histogram *duration;
};

void http_instruments_init(struct http_instruments *self, struct metrics *metrics);
void http_instruments_request(
    struct http_instruments *self, enum http_method method, int http_status, int64_t took_us);
void http_instruments_refused(struct http_instruments *self, enum http_reason reason);
