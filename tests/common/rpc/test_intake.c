/* Well-formed messages with calls that no client of ours makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/memory.h"
#include "common/rpc/header.h"
#include "common/rpc/wire.h"
#include "tests/common/rpc/intruder.h"

/* A request of the intruder's, with this header and body. */
static void
send_request(struct intruder *self, struct text header, struct text body)
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
await_status(struct intruder *self, uint64_t *call_id)
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
    struct intruder *self = *state;
    uint64_t call_id = 0;

    send_request(self, TEXT("\x08\x4d\x12\x7f"), TEXT(""));

    assert_int_equal(await_status(self, &call_id), STATUS_INVALID_ARGUMENT);
    assert_int_equal(call_id, 77);
    assert_serves(self);
}

static void
values_that_no_client_sends_are_refused(void **state)
{
    struct intruder *self = *state;
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
    struct intruder *self = *state;
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
    struct intruder *self = *state;
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

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, intruder_setup, intruder_teardown)
    const struct CMUnitTest tests[] = {
        CASE(broken_headers_get_an_answer_under_their_id),
        CASE(values_that_no_client_sends_are_refused),
        CASE(a_body_that_is_not_the_methods_is_refused),
        CASE(a_body_that_unfolds_beyond_the_cap_is_refused),
    };
    zsys_init();
    zsys_handler_set(NULL);
    return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}
