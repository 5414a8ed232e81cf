#include "gateway/admin/prover.h"

#include <stdio.h>

#include "health.pb-c.h"

#include "common/base/clock.h"

enum { PROVE_DEADLINE_MS = 3000 };

static void
on_proved(const Forge__ProveReply *reply, void *closure_data)
{
    struct prover *self = closure_data;
    self->running = false;
    if (!reply) {
        struct text detail = self->call.reply.detail;
        snprintf(self->problem, sizeof self->problem, "%.*s", TEXT_FORMAT(detail));
        return;
    }
    self->problem[0] = '\0';
    self->proved_ms = clock_monotonic_ms();
    self->proof_count = 0;
    for (size_t i = 0; i < reply->n_proofs && i < PROVER_PROOFS_MAX; i++) {
        const Forge__Proof *from = reply->proofs[i];
        struct prover_proof *to = &self->proofs[self->proof_count++];
        snprintf(to->name, sizeof to->name, "%s", from->name);
        snprintf(to->reason, sizeof to->reason, "%s", from->reason);
        to->good = from->good;
        to->took_us = from->took_us;
    }
}

void
prover_tick(struct prover *self)
{
    int64_t now = clock_monotonic_ms();
    bool first = self->proved_ms == 0;
    if (self->running || (!first && now - self->asked_ms < PROVE_EVERY_MS))
        return;
    if (!backends_pool_peer(self->pool, self->backend)->answering)
        return;
    self->running = true;
    self->asked_ms = now;
    self->call = (struct rpc_call){
        .deadline_ms = now + PROVE_DEADLINE_MS,
        .principal = {TEXT("mcp_server"), TEXT("default"), ROLE_PROGRAM},
        .criticality = CRITICALITY_PROBE,
    };
    ProtobufCService *service =
        backends_pool_bind(self->pool, self->backend, &forge__health__descriptor, &self->call);
    Forge__ProveRequest request = FORGE__PROVE_REQUEST__INIT;
    forge__health__prove(service, &request, on_proved, self);
}

bool
prover_is_fresh(const struct prover *self)
{
    return self->proved_ms && clock_monotonic_ms() - self->proved_ms <= PROOF_VALID_MS;
}

const struct prover_proof *
prover_failure(const struct prover *self)
{
    for (unsigned i = 0; i < self->proof_count; i++)
        if (!self->proofs[i].good)
            return &self->proofs[i];
    return NULL;
}

bool
prover_has(const struct prover *self, const char *name)
{
    for (unsigned i = 0; prover_is_fresh(self) && i < self->proof_count; i++)
        if (text_is(text_of(self->proofs[i].name), name))
            return self->proofs[i].good;
    return false;
}
