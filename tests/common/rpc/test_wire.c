#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/memory.h"
#include "common/rpc/header.h"
#include "common/rpc/wire.h"

/* The examples of proto/WIRE.md. */
static const uint8_t ping_bytes[] = "\x46\x52\x47\x45\x01\x01\x01\x00\x44\x00\x00\x00"
                                    "\x30\x00\x00\x00\x00\x00\x00\x00"
                                    "\x08\xff\xff\xff\xff\x1f"
                                    "\x12\x11"
                                    "forge.Health/Ping"
                                    "\x2a\x04ping\x30\x08"
                                    "\x3a\x07"
                                    "cluster\x58\x01"
                                    "\x20\xd0\x8f\x00";
static const uint8_t reply_bytes[] = "\x46\x52\x47\x45\x01\x02\x01\x00\x1e\x00\x00\x00"
                                     "\x0a\x00\x00\x00\x00\x00\x00\x00"
                                     "\x08\x07\x10\x05\x1a\x04gone";
static const uint8_t cancel_bytes[] = "\x46\x52\x47\x45\x01\x03\x01\x00\x1c\x00\x00\x00"
                                      "\x08\x00\x00\x00\x00\x00\x00\x00"
                                      "\x07\x00\x00\x00\x00\x00\x00\x00";
static const uint8_t goodbye_bytes[] = "\x46\x52\x47\x45\x01\x04\x00\x00\x0c\x00\x00\x00";

static void
add(struct rpc_batch *batch, struct text header, struct text body)
{
    uint8_t *place = rpc_batch_place(batch, header.length + body.length);
    memcpy(place, header.data, header.length);
    if (body.length)
        memcpy(place + header.length, body.data, body.length);
    rpc_batch_add(batch, header.length, body.length);
}

/* The verdict over exactly these bytes, in a block of exactly this size. */
static enum rpc_wire_fault
judge(const void *bytes, size_t size)
{
    uint8_t *copy = memory_copy(bytes, size);
    struct rpc_wire wire;
    enum rpc_wire_fault fault = rpc_wire_open(&wire, copy, size);
    free(copy);
    return fault;
}

static void
assert_sealed(zmq_msg_t *message, const uint8_t *bytes, size_t size)
{
    assert_int_equal(zmq_msg_size(message), size);
    assert_memory_equal(zmq_msg_data(message), bytes, size);
    zmq_msg_close(message);
}

static void
the_examples_of_the_description_are_true(void **state)
{
    (void)state;
    struct rpc_batch batch = {0};
    zmq_msg_t message;
    uint8_t bytes[RPC_HEADER_SIZE];
    const struct rpc_request_header ping = {
        .call_id = UINT32_MAX | UINT64_C(1) << 32,
        .service = TEXT("forge.Health"),
        .method = TEXT("Ping"),
        .remaining_ms = 2000,
        .principal = {TEXT("ping"), TEXT("cluster"), ROLE_PROGRAM},
        .criticality = CRITICALITY_PROBE,
    };
    const struct rpc_reply_header reply = {
        .call_id = 7, .reply = {.status = STATUS_NOT_FOUND, .detail = TEXT("gone")}};

    add(&batch, text_from(bytes, rpc_header_write_request(&ping, bytes)), TEXT(""));
    rpc_batch_seal(&batch, RPC_WIRE_REQUEST, &message);
    assert_sealed(&message, ping_bytes, sizeof ping_bytes - 1);

    add(&batch, text_from(bytes, rpc_header_write_reply(&reply, bytes)), TEXT(""));
    rpc_batch_seal(&batch, RPC_WIRE_REPLY, &message);
    assert_sealed(&message, reply_bytes, sizeof reply_bytes - 1);

    rpc_batch_add_cancel(&batch, 7);
    rpc_batch_seal(&batch, RPC_WIRE_CANCEL, &message);
    assert_sealed(&message, cancel_bytes, sizeof cancel_bytes - 1);

    rpc_wire_seal_goodbye(&message);
    assert_sealed(&message, goodbye_bytes, sizeof goodbye_bytes - 1);
    rpc_batch_release(&batch);
}

static void
several_calls_come_out_as_they_went_in(void **state)
{
    (void)state;
    struct rpc_batch batch = {0};
    char header[8];
    char body[8];
    for (unsigned i = 0; i < RPC_WIRE_CALLS_MAX; i++) {
        assert_true(rpc_batch_fits(&batch, 8, 8));
        int length = snprintf(header, sizeof header, "h%u", i);
        snprintf(body, sizeof body, "b%u", i);
        add(&batch, text_from(header, (size_t)length), i % 3 ? text_of(body) : TEXT(""));
    }
    assert_false(rpc_batch_fits(&batch, 0, 0));

    zmq_msg_t message;
    rpc_batch_seal(&batch, RPC_WIRE_REQUEST, &message);
    struct rpc_wire wire;
    struct text got_header;
    struct text got_body;

    assert_int_equal(
        rpc_wire_open(&wire, zmq_msg_data(&message), zmq_msg_size(&message)), RPC_WIRE_GOOD);
    assert_int_equal(wire.kind, RPC_WIRE_REQUEST);
    for (unsigned i = 0; i < RPC_WIRE_CALLS_MAX; i++) {
        assert_true(rpc_wire_next(&wire, &got_header, &got_body));
        snprintf(header, sizeof header, "h%u", i);
        snprintf(body, sizeof body, "b%u", i);
        assert_true(text_is(got_header, header));
        assert_true(text_is(got_body, i % 3 ? body : ""));
    }
    assert_false(rpc_wire_next(&wire, &got_header, &got_body));
    zmq_msg_close(&message);
    rpc_batch_release(&batch);
}

static void
a_batch_ends_at_its_bytes(void **state)
{
    (void)state;
    struct rpc_batch batch = {0};
    char *body = memory_new(RPC_WIRE_BATCH_BYTES);

    assert_true(rpc_batch_fits(&batch, 1, RPC_WIRE_BODY_MAX));
    add(&batch, TEXT("h"), text_from(body, RPC_WIRE_BATCH_BYTES / 2));

    assert_true(rpc_batch_fits(&batch, 1, 1000));
    assert_false(rpc_batch_fits(&batch, 1, RPC_WIRE_BATCH_BYTES / 2));
    rpc_batch_release(&batch);
    free(body);
}

static void
big_messages_give_their_memory_away(void **state)
{
    (void)state;
    struct rpc_batch batch = {0};
    struct buffer alone = {0};
    zmq_msg_t message;
    char *body = memory_new(200000);
    memset(body, 'b', 200000);

    add(&batch, TEXT("h"), text_from(body, 200000));
    rpc_batch_seal(&batch, RPC_WIRE_REPLY, &message);
    assert_null(batch.bytes.data);
    assert_int_equal(judge(zmq_msg_data(&message), zmq_msg_size(&message)), RPC_WIRE_GOOD);
    zmq_msg_close(&message);

    buffer_reserve(&alone, RPC_WIRE_HEADROOM);
    alone.length = RPC_WIRE_HEADROOM;
    buffer_add(&alone, body, 200000);
    rpc_wire_seal_single(RPC_WIRE_REPLY, TEXT("head"), &alone, &message);
    assert_null(alone.data);
    struct rpc_wire wire;
    struct text got_header;
    struct text got_body;
    assert_int_equal(
        rpc_wire_open(&wire, zmq_msg_data(&message), zmq_msg_size(&message)), RPC_WIRE_GOOD);
    assert_true(rpc_wire_next(&wire, &got_header, &got_body));
    assert_true(text_is(got_header, "head"));
    assert_true(text_equals(got_body, text_from(body, 200000)));
    zmq_msg_close(&message);
    free(body);
}

static void
a_cancel_names_a_call(void **state)
{
    (void)state;
    struct rpc_wire wire;
    struct text header;
    struct text body;

    assert_int_equal(rpc_wire_open(&wire, cancel_bytes, sizeof cancel_bytes - 1), RPC_WIRE_GOOD);
    assert_true(rpc_wire_next(&wire, &header, &body));

    assert_int_equal(rpc_wire_cancelled_id(header), 7);
}

static void
every_cut_of_a_message_is_refused(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof ping_bytes - 1; size++)
        assert_int_not_equal(judge(ping_bytes, size), RPC_WIRE_GOOD);
    uint8_t longer[sizeof ping_bytes] = {0};
    memcpy(longer, ping_bytes, sizeof ping_bytes - 1);
    assert_int_equal(judge(longer, sizeof longer), RPC_WIRE_BAD_LENGTH);
}

/* The ping with one byte replaced. */
static enum rpc_wire_fault
judge_with(size_t at, uint8_t byte)
{
    uint8_t bytes[sizeof ping_bytes - 1];
    memcpy(bytes, ping_bytes, sizeof bytes);
    bytes[at] = byte;
    return judge(bytes, sizeof bytes);
}

static void
each_part_is_checked_before_the_next(void **state)
{
    (void)state;
    assert_int_equal(judge("", 0), RPC_WIRE_SHORT);
    assert_int_equal(judge("GET / HTTP/1.1\r\n\r\n", 18), RPC_WIRE_FOREIGN);
    assert_int_equal(judge_with(4, 0), RPC_WIRE_UNKNOWN_VERSION);
    assert_int_equal(judge_with(4, 99), RPC_WIRE_UNKNOWN_VERSION);
    assert_int_equal(judge_with(5, 0), RPC_WIRE_UNKNOWN_KIND);
    assert_int_equal(judge_with(5, 5), RPC_WIRE_UNKNOWN_KIND);
    assert_int_equal(judge_with(5, RPC_WIRE_GOODBYE), RPC_WIRE_BAD_COUNT);
    assert_int_equal(judge_with(5, RPC_WIRE_CANCEL), RPC_WIRE_BAD_LENGTH);
    assert_int_equal(judge_with(6, 0), RPC_WIRE_BAD_COUNT);
    assert_int_equal(judge_with(6, 65), RPC_WIRE_BAD_COUNT);
    assert_int_equal(judge_with(7, 0xff), RPC_WIRE_BAD_COUNT);
    assert_int_equal(judge_with(6, 64), RPC_WIRE_BAD_LENGTH);
    assert_int_equal(judge_with(8, 0x45), RPC_WIRE_BAD_LENGTH);
    assert_int_equal(judge_with(11, 0xff), RPC_WIRE_BAD_LENGTH);
    assert_int_equal(judge_with(12, 0x31), RPC_WIRE_BAD_LENGTH);
    assert_int_equal(judge_with(15, 0xff), RPC_WIRE_BAD_LENGTH);
    assert_int_equal(judge_with(19, 0xff), RPC_WIRE_BAD_LENGTH);
}

static void
lengths_that_wrap_around_are_refused(void **state)
{
    (void)state;
    /* Two rows whose sum is right in 32 bits. */
    uint8_t bytes[12 + 16] = "FRGE\x01\x01\x02\x00\x1c\x00\x00\x00"
                             "\x00\x00\x00\x80\x00\x00\x00\x80"
                             "\x00\x00\x00\x00\x00\x00\x00\x00";

    assert_int_equal(judge(bytes, sizeof bytes), RPC_WIRE_BAD_LENGTH);
}

static void
the_largest_body_fits_and_one_byte_more_does_not(void **state)
{
    (void)state;
    size_t size = RPC_WIRE_PREAMBLE + RPC_WIRE_TABLE_ROW + RPC_WIRE_BODY_MAX;
    uint8_t *bytes = memory_new(size + 1);
    memcpy(bytes, reply_bytes, 8);
    for (unsigned more = 0; more < 2; more++) {
        for (unsigned i = 0; i < 4; i++) {
            bytes[8 + i] = (uint8_t)((size + more) >> 8 * i);
            bytes[16 + i] = (uint8_t)((RPC_WIRE_BODY_MAX + more) >> 8 * i);
        }
        assert_int_equal(judge(bytes, size + more), more ? RPC_WIRE_BAD_LENGTH : RPC_WIRE_GOOD);
    }
    free(bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_description_are_true),
        cmocka_unit_test(several_calls_come_out_as_they_went_in),
        cmocka_unit_test(a_batch_ends_at_its_bytes),
        cmocka_unit_test(big_messages_give_their_memory_away),
        cmocka_unit_test(a_cancel_names_a_call),
        cmocka_unit_test(every_cut_of_a_message_is_refused),
        cmocka_unit_test(each_part_is_checked_before_the_next),
        cmocka_unit_test(lengths_that_wrap_around_are_refused),
        cmocka_unit_test(the_largest_body_fits_and_one_byte_more_does_not),
    };
    return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
