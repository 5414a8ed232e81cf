/* fixture: the fake service and a client of it, for tests that turn the client. */
#pragma once

#include "tests/common/rpc/ask.h"
#include "tests/common/rpc/fake.h"

struct fixture {
    struct fake *fake;
    struct rpc_client *client;
};

/* Setup functions of cmocka over the transport of fixture_use, "inproc" at first; the second makes
 * commits and slow lists wait in the gate. In both the reader lane's queue holds four calls. */
void fixture_use(const char *transport);
int fixture_setup(void **state);
int fixture_setup_gated(void **state);
int fixture_teardown(void **state);

#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
#define GATED_CASE(name)                                                                           \
    cmocka_unit_test_setup_teardown(name, fixture_setup_gated, fixture_teardown)

/* Turn the client until so many threads wait in the gate, calls are queued in a lane or parked. */
void turn_until_in_gate(struct fixture *self, unsigned threads);
void turn_until_queued(struct fixture *self, unsigned lane, unsigned calls);
void turn_until_parked(struct fixture *self, unsigned calls);
