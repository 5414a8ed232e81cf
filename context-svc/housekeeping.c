#include "context-svc/housekeeping.h"

#include <stdlib.h>

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/process/log.h"
#include "context-svc/dedupe.h"
#include "context-svc/forget.h"
#include "context-svc/record.h"
#include "context-svc/recovery.h"

enum {
    USES_MAX = 4096,
    USES_A_GROUP = 16,
    USES_A_STEP = 256,
    USE_BYTES_A_STEP = 1024 * 1024,
    USES_WAIT_MS = 10000, /* before uses get a commit of their own */
    EXPIRED_A_STEP = 64,
    DEDUPE_A_STEP = 512,
};

struct context_housekeeping {
    struct context_writer *writer;
    struct context_recovery *recovery;
    struct use *uses;
    size_t use_count;
    int64_t oldest_use_ms; /* clock_monotonic_ms */
    size_t next_tenant;    /* whose index gets the next idle step */
    struct buffer buffer;
};

struct context_housekeeping *
context_housekeeping_create(struct context_writer *writer)
{
    struct context_housekeeping *self = memory_new(sizeof *self);
    self->writer = writer;
    self->recovery = context_recovery_create(writer);
    self->uses = memory_array(USES_MAX, sizeof *self->uses);
    return self;
}

void
context_housekeeping_destroy(struct context_housekeeping **self_p)
{
    struct context_housekeeping *self = TAKE(*self_p);
    if (!self)
        return;
    context_recovery_destroy(&self->recovery);
    buffer_release(&self->buffer);
    free(self->uses);
    free(self);
}

void
context_housekeeping_add_uses(
    struct context_housekeeping *self, const struct use *uses, size_t count)
{
    size_t room = USES_MAX - self->use_count;
    if (count > room)
        count = room;
    if (!count)
        return;
    if (!self->use_count)
        self->oldest_use_ms = clock_monotonic_ms();
    memcpy(self->uses + self->use_count, uses, count * sizeof *uses);
    self->use_count += count;
}

static size_t
fold_one(struct context_housekeeping *self, const struct use *use)
{
    struct context_key key = context_key_entry(use->tenant, &use->id);
    CLEANUP(store_value_release) struct store_value value = {0};
    if (context_source_get(context_writer_source(self->writer), &key, &value) != STATUS_OK ||
        !context_record_count_use(value.bytes, use->count, use->last_ms, &self->buffer))
        return 0;
    context_stage_put(context_writer_stage(self->writer), &key, buffer_text(&self->buffer));
    return self->buffer.length;
}

static void
fold_uses(struct context_housekeeping *self, size_t max)
{
    size_t bytes = 0;
    while (self->use_count && max-- && bytes < USE_BYTES_A_STEP)
        bytes += fold_one(self, &self->uses[--self->use_count]);
}

static bool
step_index(struct context_housekeeping *self, struct context_tenant *tenant)
{
    struct context_writer *writer = self->writer;
    return index_maintain(context_tenant_index(tenant),
        context_view_snapshot(context_writer_view(writer)),
        context_stage_batch(context_writer_stage(writer)));
}

void
context_housekeeping_join_group(struct context_housekeeping *self)
{
    struct problem problem;
    if (context_writer_admits(self->writer, &problem) != STATUS_OK)
        return;
    fold_uses(self, USES_A_GROUP);
    struct context_tenants *tenants = context_writer_tenants(self->writer);
    for (size_t i = 0; i < context_tenants_count(tenants); i++)
        if (context_tenant_is_touched(context_tenants_at(tenants, i)))
            (void)step_index(self, context_tenants_at(tenants, i));
}

/* One tenant's step a tick, in turn. True: its index has more to do. */
static bool
step_next_index(struct context_housekeeping *self)
{
    struct context_tenants *tenants = context_writer_tenants(self->writer);
    size_t count = context_tenants_count(tenants);
    for (size_t i = 0; i < count; i++) {
        size_t at = (self->next_tenant + i) % count;
        struct context_tenant *tenant = context_tenants_at(tenants, at);
        if (!context_tenant_is_committed(tenant) || !step_index(self, tenant))
            continue;
        self->next_tenant = at;
        return true;
    }
    return false;
}

static bool
commit(struct context_housekeeping *self)
{
    struct problem problem = {{0}};
    enum rpc_outcome outcome;
    enum status status = context_writer_commit(self->writer, &problem, &outcome);
    if (status != STATUS_OK)
        log_warn("Store housekeeping was not committed reason=\"%s\"", problem.text);
    return status == STATUS_OK;
}

void
context_housekeeping_finish(struct context_housekeeping *self)
{
    struct problem problem;
    if (!self->use_count || context_writer_admits(self->writer, &problem) != STATUS_OK ||
        store_state(context_writer_store(self->writer)) != STORE_WRITABLE)
        return;
    fold_uses(self, USES_MAX);
    (void)commit(self);
}

bool
context_housekeeping_tick(struct context_housekeeping *self)
{
    struct context_writer *writer = self->writer;
    if (!context_recovery_tick(self->recovery))
        return false;
    int64_t now_ms = clock_wall_ms();
    bool more = context_forget_expired(writer, now_ms, EXPIRED_A_STEP);
    more |= context_dedupe_expire(writer, now_ms, DEDUPE_A_STEP);
    if (self->use_count && clock_monotonic_ms() - self->oldest_use_ms >= USES_WAIT_MS)
        fold_uses(self, USES_A_STEP);
    more |= step_next_index(self);
    return commit(self) && more;
}
