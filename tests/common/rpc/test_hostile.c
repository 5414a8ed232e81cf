/* What a server's port may get from anyone: it drops it, counts it, and serves the next caller. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/rpc/header.h"
#include "common/rpc/wire.h"
#include "tests/common/rpc/ask.h"
#include "tests/common/rpc/fake.h"

struct fixture {
    struct fake *fake;
    struct rpc_client *client;
    zsock_t *dealer; /* the intruder's */
};

static int
setup(void **state)
{
    struct fixture *self = memory_new(sizeof *self);
    struct fake_options options = {.endpoint = fake_endpoint("tcp")};
    self->fake = fake_create(&options);
    self->client = ask_client(self->fake->endpoint);
    self->dealer = zsock_new(ZMQ_DEALER);
    zsock_set_rcvtimeo(self->dealer, 5000);
    zsock_connect(self->dealer, "%s", self->fake->endpoint);
    *state = self;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *self = *state;
    rpc_client_destroy(&self->client);
    zsock_destroy(&self->dealer);
    fake_destroy(&self->fake);
    memory_free(&self);
    return 0;
}

static void
send_frame(struct fixture *self, const void *bytes, size_t size)
{
    assert_int_equal(zmq_send(zsock_resolve(self->dealer), bytes, size, 0), size);
}

static void
wait_until_dropped(struct fixture *self, uint64_t messages)
{
    int64_t end_ms = clock_monotonic_ms() + 10000;
    do {
        assert_true(clock_monotonic_ms() < end_ms);
        turn_once(self->client, 5);
        fake_count(self->fake);
    } while (self->fake->counts.dropped_messages < messages);
    assert_int_equal(self->fake->counts.dropped_messages, messages);
}

static void
assert_serves(struct fixture *self)
{
    struct ask ask = {0};
    ask_start(self->client, &ask, "still here");
    turn_until(self->client, &ask.runs, 1);
    assert_string_equal(ask.text, "still here");
}

static void
foreign_frames_are_dropped(void **state)
{
    struct fixture *self = *state;
    static const char *const frames[] = {
        "",
        "FRGE",
        "hello",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    };

    for (size_t i = 0; i < 5; i++)
        send_frame(self, frames[i], strlen(frames[i]));
    wait_until_dropped(self, 5);

    assert_serves(self);
}

static void
wrong_counts_and_lengths_are_dropped(void **state)
{
    struct fixture *self = *state;

    send_frame(self, "FRGE\x01\x01\x00\x00\x0c\x00\x00\x00", 12);
    send_frame(self, "FRGE\x01\x01\xff\xff\x0c\x00\x00\x00", 12);
    send_frame(self, "FRGE\x01\x01\x40\x00\x0c\x00\x00\x00", 12);
    send_frame(self, "FRGE\x01\x01\x01\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 20);
    send_frame(self, "FRGE\x01\x01\x01\x00\x14\x00\x00\x00\xff\x0f\x00\x00\xff\xff\x00\x00", 20);
    send_frame(self, "FRGE\x01\x02\x01\x00\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 20);
    send_frame(self, "FRGE\x01\x07\x01\x00\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 20);
    wait_until_dropped(self, 7);

    assert_serves(self);
}

static void
another_version_is_answered_with_a_goodbye(void **state)
{
    struct fixture *self = *state;
    char answer[64];

    send_frame(self, "FRGE\x63\x01\x01\x00\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 20);
    int size = zmq_recv(zsock_resolve(self->dealer), answer, sizeof answer, 0);

    assert_int_equal(size, 12);
    assert_memory_equal(answer, "FRGE\x01\x04\x00\x00\x0c\x00\x00\x00", 12);
}

static void
messages_of_many_frames_are_dropped_whole(void **state)
{
    struct fixture *self = *state;
    void *handle = zsock_resolve(self->dealer);

    for (unsigned i = 0; i < 10000; i++)
        assert_int_equal(zmq_send(handle, "FRGE", 4, ZMQ_SNDMORE), 4);
    send_frame(self, "end", 3);
    wait_until_dropped(self, 1);

    assert_serves(self);
}

static void
a_sender_with_an_id_of_its_own_is_refused(void **state)
{
    struct fixture *self = *state;
    zsock_t *named = zsock_new(ZMQ_DEALER);
    zsock_set_identity(named, "mcp-gateway-1");
    zsock_connect(named, "%s", self->fake->endpoint);

    zmq_send(zsock_resolve(named), "FRGE\x01\x04\x00\x00\x0c\x00\x00\x00", 12, 0);
    wait_until_dropped(self, 1);
    zsock_destroy(&named);

    assert_serves(self);
}

/* A request of the intruder's, with this header and body. */
static void
send_request(struct fixture *self, struct text header, struct text body)
{
    struct rpc_batch batch = {0};
    uint8_t *place = rpc_batch_place(&batch, header.length + body.length);
    memcpy(place, header.data, header.length);
    if (body.length)
        memcpy(place + header.length, body.data, body.length);
    rpc_batch_add(&batch, header.length, body.length);
    zmq_msg_t message;
    rpc_batch_seal(&batch, RPC_WIRE_REQUEST, &message);
    assert_true(zmq_msg_send(&message, zsock_resolve(self->dealer), 0) >= 0);
    rpc_batch_release(&batch);
}

static enum status
await_status(struct fixture *self, uint64_t *call_id)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    assert_true(zmq_msg_recv(&message, zsock_resolve(self->dealer), 0) > 0);
    struct rpc_wire wire;
    struct text header_bytes;
    struct text body;
    struct rpc_reply_header header;
    assert_int_equal(
        rpc_wire_open(&wire, zmq_msg_data(&message), zmq_msg_size(&message)), RPC_WIRE_GOOD);
    assert_true(rpc_wire_next(&wire, &header_bytes, &body));
    assert_true(rpc_header_read_reply(header_bytes, &header));
    *call_id = header.call_id;
    zmq_msg_close(&message);
    return header.reply.status;
}

static struct rpc_request_header
good_header(void)
{
    return (struct rpc_request_header){
        .call_id = 77,
        .service = TEXT("forge.Session"),
        .method = TEXT("Start"),
        .remaining_ms = 5000,
        .principal = {TEXT("eve"), TEXT("acme"), ROLE_READER | ROLE_WRITER},
    };
}

static void
broken_headers_get_an_answer_under_their_id(void **state)
{
    struct fixture *self = *state;
    uint64_t call_id = 0;

    send_request(self, TEXT("\x08\x4d\x12\x7f"), TEXT(""));

    assert_int_equal(await_status(self, &call_id), STATUS_INVALID_ARGUMENT);
    assert_int_equal(call_id, 77);
    assert_serves(self);
}

static void
values_that_no_client_sends_are_refused(void **state)
{
    struct fixture *self = *state;
    uint8_t bytes[RPC_HEADER_SIZE];
    uint64_t call_id = 0;
    struct rpc_request_header headers[] = {good_header(), good_header(), good_header()};
    static const enum status statuses[] = {
        STATUS_INVALID_ARGUMENT, STATUS_INVALID_ARGUMENT, STATUS_UNIMPLEMENTED};
    headers[0].remaining_ms = 0;
    headers[1].key = TEXT("of a wrong length");
    headers[2].method = TEXT("Start\0");

    for (size_t i = 0; i < 3; i++) {
        size_t size = rpc_header_write_request(&headers[i], bytes);
        send_request(self, text_from(bytes, size), TEXT(""));
        assert_int_equal(await_status(self, &call_id), statuses[i]);
    }
    assert_int_equal(self->fake->handled, 0);
}

static void
a_body_that_is_not_the_methods_is_refused(void **state)
{
    struct fixture *self = *state;
    uint8_t bytes[RPC_HEADER_SIZE];
    uint64_t call_id = 0;
    const struct rpc_request_header header = good_header();
    size_t size = rpc_header_write_request(&header, bytes);

    send_request(self, text_from(bytes, size), TEXT("\x0a\xff\xff\xff\xff\x0f"));

    assert_int_equal(await_status(self, &call_id), STATUS_INVALID_ARGUMENT);
    assert_int_equal(self->fake->handled, 0);
}

static void
a_body_that_unfolds_beyond_the_cap_is_refused(void **state)
{
    enum { BODY = 2000000 };
    struct fixture *self = *state;
    uint8_t bytes[RPC_HEADER_SIZE];
    uint64_t call_id = 0;
    struct rpc_request_header header = good_header();
    header.method = TEXT("End");
    size_t size = rpc_header_write_request(&header, bytes);
    char *body = memory_new(BODY);
    for (size_t i = 0; i < BODY; i += 2)
        body[i] = 0x1a; /* field 3, `keep`, of length 0 */

    send_request(self, text_from(bytes, size), text_from(body, BODY));

    assert_int_equal(await_status(self, &call_id), STATUS_INVALID_ARGUMENT);
    assert_int_equal(self->fake->handled, 0);
    free(body);
    assert_serves(self);
}

static void
a_frame_beyond_the_limit_closes_the_connection(void **state)
{
    struct fixture *self = *state;
    char *bytes = memory_new(RPC_WIRE_MESSAGE_MAX + 1);

    send_frame(self, bytes, RPC_WIRE_MESSAGE_MAX + 1);
    free(bytes);

    assert_serves(self);
    fake_count(self->fake);
    assert_int_equal(self->fake->counts.dropped_messages, 0);
}

static long
resident_kib(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long total = 0;
    long resident = 0;
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &total, &resident), 2);
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Writes the bytes to the port and waits until the server closes, or 300 ms. */
static void
throw_at_port(const struct fixture *self, const void *bytes, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((uint16_t)atoi(strrchr(self->fake->endpoint, ':') + 1));
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
    struct fixture *self = *state;
    static const char text[] = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
    static const char tls[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
    /* A ZMTP 3.0 greeting with the NULL mechanism, a READY command of a DEALER, and then a long
     * frame of 2^62 bytes. */
    char zmtp[64 + 28 + 9] = "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x00NULL";
    memcpy(zmtp + 64,
        "\x04\x1a\x05READY\x0bSocket-Type\x00\x00\x00\x06"
        "DEALER",
        28);
    memcpy(zmtp + 92, "\x02\x40\x00\x00\x00\x00\x00\x00\x00", 9);
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
    assert_true(resident_kib() - before_kib < 64 * 1024);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(foreign_frames_are_dropped),
        CASE(wrong_counts_and_lengths_are_dropped),
        CASE(another_version_is_answered_with_a_goodbye),
        CASE(messages_of_many_frames_are_dropped_whole),
        CASE(a_sender_with_an_id_of_its_own_is_refused),
        CASE(broken_headers_get_an_answer_under_their_id),
        CASE(values_that_no_client_sends_are_refused),
        CASE(a_body_that_is_not_the_methods_is_refused),
        CASE(a_body_that_unfolds_beyond_the_cap_is_refused),
        CASE(a_frame_beyond_the_limit_closes_the_connection),
        CASE(garbage_on_the_port_harms_nobody),
    };
    zsys_init();
    zsys_handler_set(NULL);
    return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
