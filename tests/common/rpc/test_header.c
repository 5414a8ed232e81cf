#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "wire.pb-c.h"

#include "common/base/memory.h"
#include "common/rpc/header.h"

static const struct rpc_request_header full_request = {
    .call_id = UINT64_C(0x1234567890),
    .service = {"forge.Context", 13},
    .method = {"Save", 4},
    .attempt = 2,
    .remaining_ms = 9980,
    .principal = {{"anna", 4}, {"acme", 4}, ROLE_READER | ROLE_WRITER},
    .project = {"github.com/acme/anvil", 21},
    .key = {"0123456789abcdef", RPC_KEY_SIZE},
    .traceparent = {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", 55},
    .criticality = CRITICALITY_SHEDDABLE,
};

static void
protobuf_reads_the_request_that_we_write(void **state)
{
    (void)state;
    uint8_t bytes[RPC_HEADER_SIZE];
    size_t size = rpc_header_write_request(&full_request, bytes);

    Forge__RequestHeader *read = forge__request_header__unpack(NULL, size, bytes);

    assert_non_null(read);
    assert_int_equal(read->call_id, full_request.call_id);
    assert_string_equal(read->method, "forge.Context/Save");
    assert_int_equal(read->attempt, 2);
    assert_int_equal(read->remaining_ms, 9980);
    assert_string_equal(read->principal, "anna");
    assert_int_equal(read->roles, 3);
    assert_string_equal(read->tenant, "acme");
    assert_string_equal(read->project, "github.com/acme/anvil");
    assert_memory_equal(read->idempotency_key.data, "0123456789abcdef", RPC_KEY_SIZE);
    assert_string_equal(read->traceparent, full_request.traceparent.data);
    assert_int_equal(read->criticality, FORGE__CRITICALITY__SHEDDABLE);
    forge__request_header__free_unpacked(read, NULL);
}

static void
we_read_the_request_that_protobuf_writes(void **state)
{
    (void)state;
    Forge__RequestHeader written = FORGE__REQUEST_HEADER__INIT;
    written.call_id = UINT64_MAX;
    written.method = (char[]){"forge.Context/Save"};
    written.attempt = 1;
    written.remaining_ms = 60000;
    written.principal = (char[]){"anna"};
    written.roles = 4;
    written.tenant = (char[]){"acme"};
    written.criticality = FORGE__CRITICALITY__CRITICAL;
    uint8_t bytes[RPC_HEADER_SIZE];
    size_t size = forge__request_header__pack(&written, bytes);

    struct rpc_request_header read;

    assert_true(rpc_header_read_request(text_from(bytes, size), &read));
    assert_int_equal(read.call_id, UINT64_MAX);
    assert_true(text_is(read.method, "forge.Context/Save"));
    assert_int_equal(read.attempt, 1);
    assert_int_equal(read.remaining_ms, 60000);
    assert_true(text_is(read.principal.name, "anna"));
    assert_true(text_is(read.principal.tenant, "acme"));
    assert_int_equal(read.principal.roles, ROLE_OPERATOR);
    assert_int_equal(read.criticality, CRITICALITY_CRITICAL);
    assert_int_equal(read.project.length, 0);
    assert_int_equal(read.key.length, 0);
}

static void
the_time_left_can_be_set_afterwards(void **state)
{
    (void)state;
    static const uint32_t times_ms[] = {0, 1, 127, 128, 16383, 16384, RPC_REMAINING_MAX_MS};
    uint8_t bytes[RPC_HEADER_SIZE];
    size_t size = rpc_header_write_request(&full_request, bytes);

    for (size_t i = 0; i < sizeof times_ms / sizeof times_ms[0]; i++) {
        rpc_header_set_remaining(bytes + size - RPC_REMAINING_SIZE, times_ms[i]);
        Forge__RequestHeader *read = forge__request_header__unpack(NULL, size, bytes);
        assert_int_equal(read->remaining_ms, times_ms[i]);
        assert_string_equal(read->principal, "anna");
        forge__request_header__free_unpacked(read, NULL);
    }
}

static void
replies_go_both_ways(void **state)
{
    (void)state;
    const struct rpc_reply_header written = {
        .call_id = 9,
        .reply = {.status = STATUS_ABORTED,
            .detail = TEXT("another version"),
            .outcome = OUTCOME_NOT_COMMITTED,
            .commit_sequence = UINT64_C(1) << 40,
            .served_by = TEXT("context-svc@one"),
            .queue_us = 12,
            .work_us = UINT32_MAX},
    };
    uint8_t bytes[RPC_HEADER_SIZE];
    size_t size = rpc_header_write_reply(&written, bytes);

    Forge__ReplyHeader *read = forge__reply_header__unpack(NULL, size, bytes);
    assert_int_equal(read->status, FORGE__CODE__ABORTED);
    assert_string_equal(read->detail, "another version");
    assert_int_equal(read->outcome, FORGE__OUTCOME__NOT_COMMITTED);
    assert_string_equal(read->served_by, "context-svc@one");
    uint8_t again[RPC_HEADER_SIZE];
    assert_int_equal(forge__reply_header__pack(read, again), size);
    assert_memory_equal(again, bytes, size);
    forge__reply_header__free_unpacked(read, NULL);

    struct rpc_reply_header ours;
    assert_true(rpc_header_read_reply(text_from(bytes, size), &ours));
    assert_int_equal(ours.call_id, 9);
    assert_int_equal(ours.reply.commit_sequence, UINT64_C(1) << 40);
    assert_int_equal(ours.reply.work_us, UINT32_MAX);
    assert_true(text_is(ours.reply.served_by, "context-svc@one"));
}

static void
long_words_are_cut_between_characters(void **state)
{
    (void)state;
    char detail[RPC_DETAIL_MAX + 3];
    memset(detail, 'd', sizeof detail);
    detail[RPC_DETAIL_MAX - 1] = (char)0xc3; /* and the character's second byte is cut off */
    detail[RPC_DETAIL_MAX] = (char)0xa4;
    const struct rpc_reply_header written = {
        .reply = {.status = STATUS_INTERNAL, .detail = text_from(detail, sizeof detail)}};
    uint8_t bytes[RPC_HEADER_SIZE];
    size_t size = rpc_header_write_reply(&written, bytes);

    struct rpc_reply_header read;

    assert_true(rpc_header_read_reply(text_from(bytes, size), &read));
    assert_int_equal(read.reply.detail.length, RPC_DETAIL_MAX - 1);
}

static bool
reads(const char *bytes, size_t size)
{
    char *copy = memory_copy(bytes, size);
    struct rpc_request_header read;
    bool good = rpc_header_read_request(text_from(copy, size), &read);
    free(copy);
    return good;
}

#define READS(literal) reads(literal, sizeof(literal) - 1)

static void
unknown_fields_are_passed_over(void **state)
{
    (void)state;
    assert_true(READS("\xf8\x07\x01"));                             /* varint */
    assert_true(READS("\xf9\x07\x01\x02\x03\x04\x05\x06\x07\x08")); /* 64 bits */
    assert_true(READS("\xfd\x07\x01\x02\x03\x04"));                 /* 32 bits */
    assert_true(READS("\xfa\x07\x03"
                      "abc"));
}

static void
broken_headers_are_refused(void **state)
{
    (void)state;
    assert_false(READS("\x08"));                                             /* no value */
    assert_false(READS("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")); /* 11 bytes */
    assert_false(READS("\x00\x01"));                                         /* field 0 */
    assert_false(READS("\x12\x05"
                       "abc")); /* longer than what is there */
    assert_false(READS("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
    assert_false(READS("\xf9\x07\x01\x02"));         /* cut */
    assert_false(READS("\xfb\x07\xfc\x07"));         /* a group */
    assert_false(READS("\x10\x01"));                 /* the method as a number */
    assert_false(READS("\x0a\x01x"));                /* the id as text */
    assert_false(READS("\x18\xff\xff\xff\xff\x1f")); /* attempt beyond 32 bits */
    assert_true(READS(""));
}

static void
unknown_numbers_get_a_safe_meaning(void **state)
{
    (void)state;
    struct rpc_reply_header reply;
    struct rpc_request_header request;

    assert_true(rpc_header_read_reply(TEXT("\x10\x63\x20\x63"), &reply));
    assert_true(rpc_header_read_request(TEXT("\x58\x63"), &request));

    assert_int_equal(reply.reply.status, STATUS_UNKNOWN);
    assert_int_equal(reply.reply.outcome, OUTCOME_UNKNOWN);
    assert_int_equal(request.criticality, CRITICALITY_NORMAL);
}

static void
values_beyond_their_limits_are_told(void **state)
{
    (void)state;
    char long_text[RPC_PROJECT_MAX + 1];
    memset(long_text, 'a', sizeof long_text);
    struct rpc_request_header header = full_request;
    assert_null(rpc_header_problem(&header));

    header.principal.name = text_from(long_text, RPC_NAME_MAX + 1);
    assert_non_null(rpc_header_problem(&header));
    header.principal.name = TEXT("an\0na");
    assert_non_null(rpc_header_problem(&header));
    header.principal.name = TEXT("an\xff");
    assert_non_null(rpc_header_problem(&header));
    header = full_request;
    header.project = text_from(long_text, RPC_PROJECT_MAX + 1);
    assert_non_null(rpc_header_problem(&header));
    header = full_request;
    header.method = text_from(long_text, RPC_METHOD_MAX);
    assert_non_null(rpc_header_problem(&header));
    header = full_request;
    header.key = TEXT("short");
    assert_non_null(rpc_header_problem(&header));
    header = full_request;
    header.traceparent = text_from(long_text, RPC_NAME_MAX + 1);
    assert_non_null(rpc_header_problem(&header));
    header = full_request;
    header.principal.tenant = TEXT("a\nb");
    assert_non_null(rpc_header_problem(&header));
}

static void
the_longest_header_fits_its_room(void **state)
{
    (void)state;
    char text[RPC_PROJECT_MAX];
    memset(text, 'a', sizeof text);
    const struct rpc_request_header header = {
        .call_id = UINT64_MAX,
        .service = text_from(text, 60),
        .method = text_from(text, RPC_METHOD_MAX - 61),
        .attempt = UINT32_MAX,
        .remaining_ms = RPC_REMAINING_MAX_MS,
        .principal = {text_from(text, RPC_NAME_MAX), text_from(text, RPC_NAME_MAX), UINT32_MAX},
        .project = text_from(text, RPC_PROJECT_MAX),
        .key = text_from(text, RPC_KEY_SIZE),
        .traceparent = text_from(text, RPC_NAME_MAX),
        .criticality = CRITICALITY_SHEDDABLE,
    };
    assert_null(rpc_header_problem(&header));
    uint8_t *bytes = memory_new(RPC_HEADER_SIZE);

    assert_true(rpc_header_write_request(&header, bytes) <= RPC_HEADER_SIZE);

    free(bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(protobuf_reads_the_request_that_we_write),
        cmocka_unit_test(we_read_the_request_that_protobuf_writes),
        cmocka_unit_test(the_time_left_can_be_set_afterwards),
        cmocka_unit_test(replies_go_both_ways),
        cmocka_unit_test(long_words_are_cut_between_characters),
        cmocka_unit_test(unknown_fields_are_passed_over),
        cmocka_unit_test(broken_headers_are_refused),
        cmocka_unit_test(unknown_numbers_get_a_safe_meaning),
        cmocka_unit_test(values_beyond_their_limits_are_told),
        cmocka_unit_test(the_longest_header_fits_its_room),
    };
    return cmocka_run_group_tests_name("header", tests, NULL, NULL);
}
