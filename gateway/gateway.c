#include "gateway/gateway.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "common/process/log.h"
#include "gateway/loop.h"

struct gateway {
    struct gateway_options options;
    struct gateway_shared shared;
    struct mcp_session_keys *session_keys;
    struct gateway_loop *loops[GATEWAY_LOOPS_MAX];
    pthread_t threads[GATEWAY_LOOPS_MAX];
    unsigned running; /* threads beside the caller's */
};

enum status
gateway_create(
    const struct gateway_options *options, struct gateway **self_p, struct problem *problem)
{
    struct gateway *self = memory_new(sizeof *self);
    self->options = *options;
    self->shared.options = &self->options;
    self->shared.metrics = metrics_create();
    self->shared.sessions = mcp_session_registry_create();
    enum status status =
        mcp_session_keys_open(options->key_file, true, &self->session_keys, problem);
    self->shared.session_keys = self->session_keys;
    for (unsigned i = 0; i < options->loops && status == STATUS_OK; i++)
        status = gateway_loop_create(&self->shared, i, &self->loops[i], problem);
    if (status == STATUS_OK)
        *self_p = self;
    else
        gateway_destroy(&self);
    return status;
}

static void *
run_loop(void *loop)
{
    gateway_loop_run(loop);
    return NULL;
}

static void
on_signal(void *argument, int signal)
{
    struct gateway *self = argument;
    for (unsigned i = 0; i < self->options.loops; i++) {
        if (signal == SIGTERM || signal == SIGINT)
            gateway_loop_stop(self->loops[i]);
        else if (signal == SIGUSR1)
            gateway_loop_reopen_logs(self->loops[i]);
    }
    if (signal == SIGTERM || signal == SIGINT)
        log_info("Gateway stops signal=%d", signal);
}

void
gateway_run(struct gateway *self, int signal_fd)
{
    gateway_loop_watch_signals(self->loops[0], signal_fd, on_signal, self);
    for (unsigned i = 1; i < self->options.loops; i++) {
        int failed = pthread_create(&self->threads[i], NULL, run_loop, self->loops[i]);
        assert(!failed);
        char name[16];
        snprintf(name, sizeof name, "loop-%u", i);
        pthread_setname_np(self->threads[i], name);
        self->running = i;
    }
    log_info("Gateway serves address=%s port=%d admin_port=%d loops=%u", self->options.address,
        self->options.port, self->options.admin_port, self->options.loops);
    gateway_loop_run(self->loops[0]);
    for (unsigned i = 1; i <= self->running; i++)
        pthread_join(self->threads[i], NULL);
}

void
gateway_destroy(struct gateway **self_p)
{
    struct gateway *self = *self_p;
    if (!self)
        return;
    *self_p = NULL;
    for (unsigned i = 0; i < GATEWAY_LOOPS_MAX; i++)
        gateway_loop_destroy(&self->loops[i]);
    mcp_session_registry_destroy(&self->shared.sessions);
    mcp_session_keys_close(&self->session_keys);
    metrics_destroy(&self->shared.metrics);
    free(self);
}
