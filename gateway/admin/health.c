#include <stdlib.h>
#include <sys/stat.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "gateway/admin/health_state.h"

enum {
    TICK_MS = 1000,
    EARLY_TICK_MS = 10, /* until everything has been proved once, for EARLY_MS */
    EARLY_MS = 3000,
};

bool
health_module_is_operational(const struct module *module)
{
    return text_is(text_of(module->state), "ok");
}

static void set_state(struct module *module, const char *state, const char *format, ...)
    PRINTF_LIKE(3, 4);

static void
set_state(struct module *module, const char *state, const char *format, ...)
{
    if (!module->state || !text_is(text_of(module->state), state))
        module->since_ms = clock_wall_ms();
    module->state = state;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(module->reason, sizeof module->reason, format, arguments);
    va_end(arguments);
}

/* Nobody answers pings: starting while it may still come, then down. */
static void
judge_absent(struct health *self, enum backend which, struct module *module)
{
    const struct rpc_peer *peer = backends_pool_peer(self->options.pool, which);
    const char *endpoint = self->options.endpoints[which];
    if (!peer->answered_ms && clock_monotonic_ms() - self->started_ms < EARLY_MS)
        set_state(module, "starting", "waiting for the first answer at %s", endpoint);
    else if (peer->connected)
        set_state(module, "down", "%s-svc holds its connection at %s but does not answer pings",
            backend_name(which), endpoint);
    else
        set_state(
            module, "down", "nothing answers at %s; start %s-svc", endpoint, backend_name(which));
}

static void
judge_backend(struct health *self, enum backend which)
{
    struct module *module = &self->modules[which];
    struct prover *prover = &self->provers[which];
    const struct rpc_peer *peer = backends_pool_peer(self->options.pool, which);
    const struct prover_proof *failure = prover_failure(prover);
    if (!peer->answering)
        judge_absent(self, which, module);
    else if (peer->draining)
        set_state(module, "draining", "%s is ending its work", peer->instance);
    else if (!prover->proved_ms)
        set_state(module, prover->problem[0] ? "unknown" : "starting", "%s",
            prover->problem[0] ? prover->problem : "the first proof is under way");
    else if (!prover_is_fresh(prover))
        set_state(module, "unknown", "the last proof is older than %d s: %s", PROOF_VALID_MS / 1000,
            prover->problem);
    else if (failure)
        set_state(module, prover_has(prover, "read") ? "read_only" : "degraded", "%s: %s",
            failure->name, failure->reason);
    else
        set_state(module, "ok", "%s", "");
}

/* The key ring signs session ids, so nobody else may read it. */
static void
judge_security(struct health *self)
{
    struct module *module = &self->modules[MODULE_SECURITY];
    const char *path = self->options.key_file;
    struct stat file;
    if (stat(path, &file))
        set_state(
            module, "degraded", "the key file %s is gone; restore it or restart to make one", path);
    else if (file.st_mode & 077)
        set_state(module, "degraded", "others can read %s; chmod 600 it", path);
    else
        set_state(module, "ok", "%s", "");
}

static void
judge(struct health *self)
{
    for (enum backend which = 0; which < BACKEND_COUNT; which++)
        judge_backend(self, which);
    judge_security(self);
    if (self->draining)
        set_state(&self->modules[MODULE_GATEWAY], "draining", "%s", "asked to stop");
    else
        set_state(&self->modules[MODULE_GATEWAY], "ok", "%s", "");
}

static bool
all_proved(const struct health *self)
{
    for (int i = 0; i < BACKEND_COUNT; i++)
        if (!self->provers[i].proved_ms)
            return false;
    return true;
}

static void
on_tick(uv_timer_t *timer)
{
    struct health *self = timer->data;
    for (int i = 0; i < BACKEND_COUNT; i++)
        prover_tick(&self->provers[i]);
    judge(self);
    bool early = !all_proved(self) && clock_monotonic_ms() - self->started_ms < EARLY_MS;
    uv_timer_start(timer, on_tick, early ? EARLY_TICK_MS : TICK_MS, 0);
}

struct health *
health_create(const struct health_options *options)
{
    struct health *self = memory_new(sizeof *self);
    self->options = *options;
    self->started_ms = clock_monotonic_ms();
    for (enum backend which = 0; which < BACKEND_COUNT; which++) {
        self->provers[which].pool = options->pool;
        self->provers[which].backend = which;
    }
    uv_timer_init(options->loop, &self->timer);
    self->timer.data = self;
    uv_timer_start(&self->timer, on_tick, 0, 0);
    judge(self);
    return self;
}

static void
on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void
health_destroy(struct health **self_p)
{
    if (!*self_p)
        return;
    uv_close((uv_handle_t *)&(*self_p)->timer, on_closed);
    *self_p = NULL;
}

void
health_drain(struct health *self)
{
    self->draining = true;
    judge(self);
}

enum health_status
health_status(struct health *self)
{
    if (!health_is_ready(self, false, NULL) && !self->draining)
        return HEALTH_UNHEALTHY;
    for (int i = 0; i < MODULE_COUNT; i++)
        if (!health_module_is_operational(&self->modules[i]))
            return HEALTH_DEGRADED;
    return HEALTH_HEALTHY;
}

const char *
health_status_name(enum health_status status)
{
    static const char *const names[] = {"healthy", "degraded", "unhealthy"};
    return names[status];
}

bool
health_is_ready(struct health *self, bool for_write, struct problem *reason)
{
    judge(self);
    const struct module *context = &self->modules[BACKEND_CONTEXT];
    const struct prover *prover = &self->provers[BACKEND_CONTEXT];
    bool answering = backends_pool_peer(self->options.pool, BACKEND_CONTEXT)->answering;
    if (self->draining)
        problem_set(reason, "draining");
    else if (!answering || !prover_has(prover, for_write ? "write" : "read"))
        problem_set(reason, "context is %s: %s", context->state, context->reason);
    else
        return true;
    return false;
}
