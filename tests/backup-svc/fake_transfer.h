/* fake_transfer: a service that is nothing but a store and its forge.Transfer, in a thread. */
#pragma once

#include <czmq.h>

#include "common/rpc/actor.h"
#include "common/store/store.h"

struct fake_transfer_options {
    const char *endpoint;
    struct store *store;   /* borrowed; its writer is the service's thread while it runs */
    unsigned page_records; /* an export's pages are this small; 0: as asked */
    unsigned slow_ms;      /* every export page takes so long */
    unsigned fails_after;  /* this many export pages, and then INTERNAL; 0: never */
};

extern const struct rpc_actor fake_transfer_actor;
