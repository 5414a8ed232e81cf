/* notes: what the service's threads tell each other beside calls.
 *
 * Plain records that travel whole inside one process, in rpc_worker_note (to the router) and
 * rpc_server_tell (from the router). The first byte says which.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/text.h"
#include "common/base/uuid.h"

enum note_kind {
    /* To the router. */
    NOTE_COMMITTED = 1, /* something newer can be read */
    NOTE_TICKED,        /* struct note_ticked: the writer's answer to a tick */
    NOTE_LET_GO,        /* and on to the exports: the store must be reopened, let it go */
    NOTE_SEARCHED,      /* struct note_searched */
    NOTE_USED,          /* struct note_used */
    /* From the router. */
    NOTE_TICK, /* to the writer and to the exports: do what is due */
    NOTE_USES, /* to the writer: struct note_uses and its items */
};

enum { NOTE_RESULTS_MAX = 10, NOTE_USES_MAX = 256 };

struct note_ticked {
    uint8_t kind;
    bool more; /* tick again as soon as nothing waits */
};

/* The best results of one search, best first. */
struct note_searched {
    uint8_t kind;
    uint8_t count;
    uint64_t principal;
    struct uuid ids[NOTE_RESULTS_MAX];
};

/* A principal worked with an entry. */
struct note_used {
    uint8_t kind;
    uint64_t principal;
    struct uuid id;
};

struct use {
    uint32_t tenant;
    uint32_t count;
    struct uuid id;
    int64_t last_ms;
};

struct note_uses {
    uint8_t kind;
    uint32_t count;
    struct use items[NOTE_USES_MAX];
};

/* One principal among those of all tenants. */
uint64_t context_principal_hash(struct text tenant, struct text name);
