/* What a server's port may get from anyone: it drops it, counts it, and serves the next caller. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/memory.h"
#include "common/rpc/wire.h"
#include "tests/common/rpc/intruder.h"

static void
foreign_frames_are_dropped(void **state)
{
    struct intruder *self = *state;
    static const char *const frames[] = {
        "",
        "FRGE",
        "hello",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    };

    for (size_t i = 0; i < 5; i++)
        intruder_send(self, frames[i], strlen(frames[i]));
    wait_until_dropped(self, 5);

    assert_serves(self);
}

static void
wrong_counts_and_lengths_are_dropped(void **state)
{
    struct intruder *self = *state;

    intruder_send(self, "FRGE\x01\x01\x00\x00\x0c\x00\x00\x00", 12);
    intruder_send(self, "FRGE\x01\x01\xff\xff\x0c\x00\x00\x00", 12);
    intruder_send(self, "FRGE\x01\x01\x40\x00\x0c\x00\x00\x00", 12);
    intruder_send(self, "FRGE\x01\x01\x01\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 20);
    intruder_send(self, "FRGE\x01\x01\x01\x00\x14\x00\x00\x00\xff\x0f\x00\x00\xff\xff\x00\x00", 20);
    intruder_send(self, "FRGE\x01\x02\x01\x00\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 20);
    intruder_send(self, "FRGE\x01\x07\x01\x00\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 20);
    wait_until_dropped(self, 7);

    assert_serves(self);
}

static void
another_version_is_answered_with_a_goodbye(void **state)
{
    struct intruder *self = *state;
    char answer[64];

    intruder_send(self, "FRGE\x63\x01\x01\x00\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 20);
    int size = zmq_recv(zsock_resolve(self->dealer), answer, sizeof answer, 0);

    assert_int_equal(size, 12);
    assert_memory_equal(answer, "FRGE\x01\x04\x00\x00\x0c\x00\x00\x00", 12);
}

static void
messages_of_many_frames_are_dropped_whole(void **state)
{
    struct intruder *self = *state;
    void *handle = zsock_resolve(self->dealer);

    for (unsigned i = 0; i < 10000; i++)
        assert_int_equal(zmq_send(handle, "FRGE", 4, ZMQ_SNDMORE), 4);
    intruder_send(self, "end", 3);
    wait_until_dropped(self, 1);

    assert_serves(self);
}

static void
a_sender_with_an_id_of_its_own_is_refused(void **state)
{
    struct intruder *self = *state;
    zsock_t *named = zsock_new(ZMQ_DEALER);
    zsock_set_identity(named, "mcp-gateway-1");
    zsock_connect(named, "%s", self->fake->endpoint);

    zmq_send(zsock_resolve(named), "FRGE\x01\x04\x00\x00\x0c\x00\x00\x00", 12, 0);
    wait_until_dropped(self, 1);
    zsock_destroy(&named);

    assert_serves(self);
}

static void
a_frame_beyond_the_limit_closes_the_connection(void **state)
{
    struct intruder *self = *state;
    char *bytes = memory_new(RPC_WIRE_MESSAGE_MAX + 1);

    intruder_send(self, bytes, RPC_WIRE_MESSAGE_MAX + 1);
    free(bytes);

    assert_serves(self);
    fake_count(self->fake);
    assert_int_equal(self->fake->counts.dropped_messages, 0);
}

static long
resident_kib(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

/* Writes the bytes to the port and waits until the server closes, or 300 ms. */
static void
throw_at_port(const struct intruder *self, const void *bytes, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((uint16_t)strtoul(strrchr(self->fake->endpoint, ':') + 1, NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval wait = {.tv_usec = 300000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    (void)send(fd, bytes, size, MSG_NOSIGNAL);
    char answer[256];
    while (recv(fd, answer, sizeof answer, 0) > 0) {
    }
    close(fd);
}

static void
garbage_on_the_port_harms_nobody(void **state)
{
    struct intruder *self = *state;
    static const char text[] = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
    static const char tls[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
    /* A ZMTP 3.0 greeting with the NULL mechanism, a READY command of a DEALER, and then a long
     * frame of 2^62 bytes. */
    static const char ready[] = "\x04\x1a\x05READY\x0bSocket-Type\x00\x00\x00\x06"
                                "DEALER";
    static const char frame[] = "\x02\x40\x00\x00\x00\x00\x00\x00\x00";
    char zmtp[64 + 28 + 9] = "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x00NULL";
    memcpy(zmtp + 64, ready, sizeof ready - 1);
    memcpy(zmtp + 92, frame, sizeof frame - 1);
    char noise[1000];
    uint32_t seed = 7;
    for (size_t i = 0; i < sizeof noise; i++) {
        seed = seed * 1664525 + 1013904223;
        noise[i] = (char)(seed >> 24);
    }
    assert_serves(self);
    long before_kib = resident_kib();

    throw_at_port(self, "", 0);
    throw_at_port(self, text, sizeof text - 1);
    throw_at_port(self, tls, sizeof tls - 1);
    throw_at_port(self, noise, sizeof noise);
    throw_at_port(self, zmtp, sizeof zmtp);

    assert_serves(self);
    assert_true(resident_kib() - before_kib < 65536);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, intruder_setup, intruder_teardown)
    const struct CMUnitTest tests[] = {
        CASE(foreign_frames_are_dropped),
        CASE(wrong_counts_and_lengths_are_dropped),
        CASE(another_version_is_answered_with_a_goodbye),
        CASE(messages_of_many_frames_are_dropped_whole),
        CASE(a_sender_with_an_id_of_its_own_is_refused),
        CASE(a_frame_beyond_the_limit_closes_the_connection),
        CASE(garbage_on_the_port_harms_nobody),
    };
    zsys_init();
    zsys_handler_set(NULL);
    return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
