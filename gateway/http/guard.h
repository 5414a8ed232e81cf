/* http_guard: which names a request may call us by, and which web pages may ask.
 *
 * Host is checked against the names of this listener, so that a page cannot reach a local server
 * under a name of its own (DNS rebinding); Origin against pages of this machine and configured
 * ones. Immutable after creation.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/text.h"

struct http_guard;

/* The names are copied. hosts NULL: localhost, 127.0.0.1 and [::1]. */
struct http_guard *http_guard_create(
    const char *const *hosts, size_t host_count, const char *const *origins, size_t origin_count);
void http_guard_destroy(struct http_guard **self_p);

/* "name", "name:port", "[::1]:port"; the port is any, case does not count. */
bool http_guard_host_is_allowed(const struct http_guard *self, struct text host);

/* "http://localhost:6274", or a configured origin, exactly; never "null". */
bool http_guard_origin_is_allowed(const struct http_guard *self, struct text origin);
