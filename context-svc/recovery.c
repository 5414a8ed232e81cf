#include "context-svc/recovery.h"

#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/process/log.h"

enum { QUICK_ATTEMPTS = 3, QUICK_WAIT_MS = 200, SLOW_WAIT_MS = 3000 };

struct context_recovery {
    struct context_writer *writer;
    unsigned attempts; /* since it was last writable */
    int64_t next_ms;   /* clock_monotonic_ms */
    bool awaits_space;
    bool given_up;
};

struct context_recovery *
context_recovery_create(struct context_writer *writer)
{
    struct context_recovery *self = memory_new(sizeof *self);
    self->writer = writer;
    return self;
}

void
context_recovery_destroy(struct context_recovery **self_p)
{
    memory_free(self_p);
}

/* The store asks for all snapshots only when it must reopen; want of space it just looks at. */
static enum status
attempt(struct context_recovery *self, struct problem *problem)
{
    struct store *store = context_writer_store(self->writer);
    uint64_t epoch = store_epoch(store);
    enum status status = STATUS_OK;
    if (store_state(store) != STORE_WRITABLE)
        status = store_recover(store, problem);
    if (status == STATUS_UNAVAILABLE && context_writer_view(self->writer)) {
        if (context_writer_withdraw(self->writer))
            status = store_recover(store, problem);
        else
            problem_set(problem, "a reader still holds the store's last view");
    }
    /* Also when it is still read-only: what can be read is served. */
    struct problem reload = {{0}};
    enum status loaded = STATUS_OK;
    if (store_epoch(store) != epoch || !context_writer_view(self->writer))
        loaded = context_writer_reload(self->writer, &reload);
    else if (context_view_is_withdrawn(context_writer_view(self->writer)))
        loaded = context_writer_publish(self->writer, &reload);
    if (status == STATUS_OK && loaded != STATUS_OK) {
        *problem = reload;
        status = loaded;
    }
    return status;
}

/* True: the log is to hear of it. To look for room costs nothing, so that is no attempt. */
static bool
count_attempt(struct context_recovery *self, enum status status)
{
    bool awaited_space = self->awaits_space;
    self->awaits_space = status == STATUS_RESOURCE_EXHAUSTED;
    self->attempts += !self->awaits_space;
    bool quick = self->awaits_space || self->attempts < QUICK_ATTEMPTS;
    self->next_ms = clock_monotonic_ms() + (quick ? QUICK_WAIT_MS : SLOW_WAIT_MS);
    if (self->awaits_space)
        return !awaited_space;
    return self->attempts == 1 || self->attempts == QUICK_ATTEMPTS;
}

bool
context_recovery_tick(struct context_recovery *self)
{
    struct store *store = context_writer_store(self->writer);
    if (store_state(store) == STORE_WRITABLE && context_writer_view(self->writer)) {
        *self = (struct context_recovery){.writer = self->writer};
        return true;
    }
    if (self->given_up || clock_monotonic_ms() < self->next_ms)
        return false;
    struct problem problem = {{0}};
    enum status status = attempt(self, &problem);
    bool is_news = count_attempt(self, status);
    if (status == STATUS_OK) {
        log_warn("Context store is writable again attempts=%u sequence=%llu", self->attempts,
            (unsigned long long)store_sequence(store));
        *self = (struct context_recovery){.writer = self->writer};
        return true;
    }
    if (store_state(store) == STORE_FAILED) {
        self->given_up = true;
        log_error("Context store failed and needs a person reason=\"%s\"", problem.text);
    } else if (is_news) {
        log_warn("Context store is not writable attempts=%u reason=\"%s\"", self->attempts,
            problem.text);
    }
    return false;
}
