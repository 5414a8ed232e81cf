/* intruder: a bare DEALER at the fake service's tcp port, beside a client that behaves. */
#pragma once

#include "tests/common/rpc/ask.h"
#include "tests/common/rpc/fake.h"

struct intruder {
    struct fake *fake;
    struct rpc_client *client;
    zsock_t *dealer;
};

int intruder_setup(void **state);
int intruder_teardown(void **state);

void intruder_send(struct intruder *self, const void *bytes, size_t size);

/* Until the service dropped exactly so many messages. */
void wait_until_dropped(struct intruder *self, uint64_t messages);

/* The client that behaves gets its answer. */
void assert_serves(struct intruder *self);
