/* A client whose peer is none of ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "tests/common/rpc/ask.h"
#include "tests/common/rpc/fake.h"

/* A peer made of a bare ROUTER, which answers what no server of ours would. */
struct stranger {
    zsock_t *router;
    char id[256];
    size_t id_size;
};

static void
stranger_receive(struct stranger *self, struct rpc_client *client)
{
    int64_t end_ms = clock_monotonic_ms() + 5000;
    int size = -1;
    while (size < 0) {
        assert_true(clock_monotonic_ms() < end_ms);
        turn_once(client, 5);
        size = zmq_recv(zsock_resolve(self->router), self->id, sizeof self->id, ZMQ_DONTWAIT);
    }
    self->id_size = (size_t)size;
    char rest[4096];
    zmq_recv(zsock_resolve(self->router), rest, sizeof rest, 0);
}

static void
stranger_send(struct stranger *self, const void *bytes, size_t size)
{
    zmq_send(zsock_resolve(self->router), self->id, self->id_size, ZMQ_SNDMORE);
    zmq_send(zsock_resolve(self->router), bytes, size, 0);
}

static void
another_version_ends_calls_as_unimplemented(void **state)
{
    (void)state;
    struct ask ask = {0};
    struct ask next = {0};
    struct stranger stranger = {.router = zsock_new_router("@inproc://stranger-1")};
    struct rpc_client *client = ask_client("inproc://stranger-1");
    ask_start(client, &ask, "hello");

    stranger_receive(&stranger, client);
    stranger_send(&stranger, "FRGE\x09\x04\x00\x00\x0c\x00\x00\x00", 12);
    turn_until(client, &ask.runs, 1);
    ask_start(client, &next, "hello again");

    assert_int_equal(ask.status, STATUS_UNIMPLEMENTED);
    assert_int_equal(next.status, STATUS_UNIMPLEMENTED);
    rpc_client_destroy(&client);
    zsock_destroy(&stranger.router);
}

static void
garbage_from_a_peer_is_passed_over(void **state)
{
    (void)state;
    struct ask ask = {0};
    struct stranger stranger = {.router = zsock_new_router("@inproc://stranger-2")};
    struct rpc_client *client = ask_client("inproc://stranger-2");
    stranger_receive(&stranger, client);

    stranger_send(&stranger, "", 0);
    stranger_send(&stranger, "HTTP/1.1 200 OK\r\n\r\n", 19);
    stranger_send(
        &stranger, "FRGE\x01\x01\x01\x00\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 20);
    stranger_send(
        &stranger, "FRGE\x01\x02\x01\x00\x15\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xff", 21);
    zmq_send(zsock_resolve(stranger.router), stranger.id, stranger.id_size, ZMQ_SNDMORE);
    zmq_send(zsock_resolve(stranger.router), "two", 3, ZMQ_SNDMORE);
    zmq_send(zsock_resolve(stranger.router), "frames", 6, 0);
    turn_for(client, 50);

    /* A reply for an id that was never given, then the call ends by its own deadline. */
    ask.call = ask_call();
    ask.call.deadline_ms = clock_monotonic_ms() + 100;
    ask_start(client, &ask, "unanswered");
    stranger_receive(&stranger, client);
    stranger_send(&stranger,
        "FRGE\x01\x02\x01\x00\x1a\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00\x08\x80\x80\x80\x80"
        "\x70",
        26);
    turn_until(client, &ask.runs, 1);
    assert_int_equal(ask.status, STATUS_DEADLINE_EXCEEDED);
    rpc_client_destroy(&client);
    zsock_destroy(&stranger.router);
}

static void
write_32(uint8_t *at, unsigned value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/* A reply whose body is a million empty sessions, which would be a hundred times as large in
 * memory. */
static void
a_reply_that_unfolds_beyond_the_cap_is_refused(void **state)
{
    (void)state;
    enum { BODY = 2000000, HEADER = 6, SIZE = 20 + HEADER + BODY };
    struct ask ask = {0};
    struct stranger stranger = {.router = zsock_new_router("@inproc://stranger-3")};
    struct rpc_client *client = ask_client("inproc://stranger-3");
    static const uint8_t start[8] = {'F', 'R', 'G', 'E', 1, 2, 1, 0};
    static const uint8_t header[HEADER] = {0x08, 0x80, 0x80, 0x80, 0x80, 0x10}; /* id 1 << 32 */
    uint8_t *bytes = memory_new(SIZE);
    memcpy(bytes, start, sizeof start);
    write_32(bytes + 8, SIZE);
    write_32(bytes + 12, HEADER);
    write_32(bytes + 16, BODY);
    memcpy(bytes + 20, header, HEADER);
    for (size_t i = 20 + HEADER; i < SIZE; i += 2)
        bytes[i] = 0x0a; /* and a 0: field 1, of length 0 */

    /* A goodbye first: whoever was heard is there, and the call leaves. */
    stranger_receive(&stranger, client);
    stranger_send(&stranger, "FRGE\x01\x04\x00\x00\x0c\x00\x00\x00", 12);
    ask_list(client, &ask, "bomb");
    turn_for(client, 20);
    assert_int_equal(ask.call.call_id, UINT64_C(1) << 32);
    stranger_send(&stranger, bytes, SIZE);
    turn_until(client, &ask.runs, 1);

    assert_int_equal(ask.status, STATUS_INTERNAL);
    free(bytes);
    rpc_client_destroy(&client);
    zsock_destroy(&stranger.router);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_version_ends_calls_as_unimplemented),
        cmocka_unit_test(garbage_from_a_peer_is_passed_over),
        cmocka_unit_test(a_reply_that_unfolds_beyond_the_cap_is_refused),
    };
    zsys_init();
    zsys_handler_set(NULL);
    return cmocka_run_group_tests_name("stranger", tests, NULL, NULL);
}
