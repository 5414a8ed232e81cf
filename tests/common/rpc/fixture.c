#include "tests/common/rpc/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/memory.h"

enum { PATIENCE_MS = 10000 };

static const char *used_transport = "inproc";

void
fixture_use(const char *transport)
{
    used_transport = transport;
}

static int
setup(void **state, bool gated)
{
    struct fixture *self = memory_new(sizeof *self);
    struct fake_options options = {
        .endpoint = fake_endpoint(used_transport), .gated = gated, .reader_queue_max = 4};
    self->fake = fake_create(&options);
    self->client = ask_client(self->fake->endpoint);
    *state = self;
    return 0;
}

int
fixture_setup(void **state)
{
    return setup(state, false);
}

int
fixture_setup_gated(void **state)
{
    return setup(state, true);
}

int
fixture_teardown(void **state)
{
    struct fixture *self = *state;
    rpc_client_destroy(&self->client);
    fake_destroy(&self->fake);
    memory_free(&self);
    return 0;
}

void
turn_until_in_gate(struct fixture *self, unsigned threads)
{
    int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;
    while (self->fake->in_gate != threads) {
        assert_true(clock_monotonic_ms() < end_ms);
        turn_once(self->client, 5);
    }
}

void
turn_until_queued(struct fixture *self, unsigned lane, unsigned calls)
{
    int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;
    do {
        assert_true(clock_monotonic_ms() < end_ms);
        turn_once(self->client, 5);
        fake_count(self->fake);
    } while (self->fake->counts.queued[lane] != calls);
}

void
turn_until_parked(struct fixture *self, unsigned calls)
{
    int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;
    do {
        assert_true(clock_monotonic_ms() < end_ms);
        turn_once(self->client, 5);
        fake_count(self->fake);
    } while (self->fake->counts.parked != calls);
}
