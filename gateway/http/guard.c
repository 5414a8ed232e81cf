#include "gateway/http/guard.h"

#include <stdlib.h>

#include "common/base/memory.h"

struct http_guard {
    char **hosts;
    size_t host_count;
    char **origins;
    size_t origin_count;
};

static const char *const local_names[] = {"localhost", "127.0.0.1", "[::1]"};

enum { LOCAL_NAMES = sizeof local_names / sizeof *local_names };

static char **
copy_names(const char *const *names, size_t count)
{
    char **copies = memory_array(count, sizeof *copies);
    for (size_t i = 0; i < count; i++)
        copies[i] = text_copy(text_of(names[i]));
    return copies;
}

static void
free_names(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

struct http_guard *
http_guard_create(
    const char *const *hosts, size_t host_count, const char *const *origins, size_t origin_count)
{
    struct http_guard *self = memory_new(sizeof *self);
    self->host_count = hosts ? host_count : LOCAL_NAMES;
    self->hosts = copy_names(hosts ? hosts : local_names, self->host_count);
    self->origin_count = origin_count;
    self->origins = copy_names(origins, origin_count);
    return self;
}

void
http_guard_destroy(struct http_guard **self_p)
{
    struct http_guard *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    free_names(self->origins, self->origin_count);
    free_names(self->hosts, self->host_count);
    free(self);
}

/* Without ":8051" at its end; anything else stays, and then equals no name. */
static struct text
without_port(struct text host)
{
    size_t digits = 0;
    while (digits < host.length && digits < 5 && host.data[host.length - 1 - digits] >= '0' &&
           host.data[host.length - 1 - digits] <= '9')
        digits++;
    if (digits && digits < host.length && host.data[host.length - 1 - digits] == ':')
        host.length -= digits + 1;
    return host;
}

static bool
is_one_of(struct text name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equals_ignoring_case(name, text_of(names[i])))
            return true;
    return false;
}

bool
http_guard_host_is_allowed(const struct http_guard *self, struct text host)
{
    return is_one_of(without_port(host), (const char *const *)self->hosts, self->host_count);
}

bool
http_guard_origin_is_allowed(const struct http_guard *self, struct text origin)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < self->origin_count; i++)
        if (text_is(origin, self->origins[i]))
            return true;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        struct text scheme = text_of(schemes[i]);
        if (!text_starts_with(origin, scheme))
            continue;
        struct text host = text_from(origin.data + scheme.length, origin.length - scheme.length);
        return is_one_of(without_port(host), local_names, LOCAL_NAMES);
    }
    return false;
}
