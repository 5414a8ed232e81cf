/* prover: has one service prove itself, again and again, and keeps what came of it. */
#pragma once

#include "common/rpc/call.h"
#include "gateway/backends/pool.h"

enum { PROVER_PROOFS_MAX = 4, PROVE_EVERY_MS = 5000, PROOF_VALID_MS = 3 * PROVE_EVERY_MS };

struct prover_proof {
    char name[24];
    bool good;
    char reason[200];
    uint32_t took_us;
};

/* Embedded in its owner; zeroed and then given pool and backend. */
struct prover {
    struct rpc_call call;
    struct backends_pool *pool;
    enum backend backend;
    bool running;
    int64_t asked_ms;  /* monotonic; 0: never */
    int64_t proved_ms; /* monotonic; of the last answer; 0: never */
    struct prover_proof proofs[PROVER_PROOFS_MAX];
    unsigned proof_count;
    char problem[200]; /* why the last try gave no answer; "" when it did */
};

/* Asks when it is time; call it about once a second. The prover must outlive its open call. */
void prover_tick(struct prover *self);

/* True when the newest answer is fresh enough to stand for now. */
bool prover_is_fresh(const struct prover *self);
/* The first proof that failed, or NULL. */
const struct prover_proof *prover_failure(const struct prover *self);
/* True when the proof of that name is fresh and good. */
bool prover_has(const struct prover *self, const char *name);
