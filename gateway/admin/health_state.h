/* health_state: the inside of health, shared by the files that judge and that report. */
#pragma once

#include "gateway/admin/health.h"
#include "gateway/admin/prover.h"

enum { MODULE_GATEWAY = BACKEND_COUNT, MODULE_SECURITY, MODULE_COUNT };

struct module {
    const char *state; /* a literal */
    char reason[256];
    int64_t since_ms; /* wall clock */
};

struct health {
    struct health_options options;
    uv_timer_t timer;
    int64_t started_ms; /* monotonic */
    bool draining;
    struct prover provers[BACKEND_COUNT];
    struct module modules[MODULE_COUNT]; /* the backends first, by their numbers */
};

bool health_module_is_operational(const struct module *module);
