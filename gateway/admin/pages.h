/* pages: the routes that ask a service before they can answer. */
#pragma once

#include "gateway/admin/routes.h"

/* Every series of the cluster in Prometheus' text format; the gateway's own alone, with
 * forge_up 0 for metrics-svc, when that service is away. */
void page_metrics(
    const struct routes_options *options, struct http_exchange *exchange, bool is_public);

/* The relevance score as a bare number ("0.21"), or NaN when nothing was searched. */
void page_context_score(
    const struct routes_options *options, struct http_exchange *exchange, bool is_public);
