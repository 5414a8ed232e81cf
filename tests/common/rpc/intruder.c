#include "tests/common/rpc/intruder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/memory.h"

int
intruder_setup(void **state)
{
    struct intruder *self = memory_new(sizeof *self);
    struct fake_options options = {.endpoint = fake_endpoint("tcp")};
    self->fake = fake_create(&options);
    self->client = ask_client(self->fake->endpoint);
    self->dealer = zsock_new(ZMQ_DEALER);
    zsock_set_rcvtimeo(self->dealer, 5000);
    zsock_connect(self->dealer, "%s", self->fake->endpoint);
    *state = self;
    return 0;
}

int
intruder_teardown(void **state)
{
    struct intruder *self = *state;
    rpc_client_destroy(&self->client);
    zsock_destroy(&self->dealer);
    fake_destroy(&self->fake);
    memory_free(&self);
    return 0;
}

void
intruder_send(struct intruder *self, const void *bytes, size_t size)
{
    assert_int_equal(zmq_send(zsock_resolve(self->dealer), bytes, size, 0), size);
}

void
wait_until_dropped(struct intruder *self, uint64_t messages)
{
    int64_t end_ms = clock_monotonic_ms() + 10000;
    do {
        assert_true(clock_monotonic_ms() < end_ms);
        turn_once(self->client, 5);
        fake_count(self->fake);
    } while (self->fake->counts.dropped_messages < messages);
    assert_int_equal(self->fake->counts.dropped_messages, messages);
}

void
assert_serves(struct intruder *self)
{
    struct ask ask = {0};
    ask_start(self->client, &ask, "still here");
    turn_until(self->client, &ask.runs, 1);
    assert_string_equal(ask.text, "still here");
}
