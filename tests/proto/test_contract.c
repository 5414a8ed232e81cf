/* The contract's rules, held for every method and every message that a method reaches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backup.pb-c.h"
#include "context.pb-c.h"
#include "health.pb-c.h"
#include "metrics.pb-c.h"
#include "session.pb-c.h"
#include "transfer.pb-c.h"
#include "wire.pb-c.h"

#include "common/rpc/header.h"

static const ProtobufCServiceDescriptor *const services[] = {
    &forge__context__descriptor,
    &forge__session__descriptor,
    &forge__transfer__descriptor,
    &forge__metrics__descriptor,
    &forge__backup__descriptor,
    &forge__health__descriptor,
};

enum {
    SERVICES = sizeof services / sizeof services[0],
    MESSAGES_MAX = 256,
    DEPTH_MAX = 6, /* protobuf-c unpacks by recursion without a limit of its own */
};

/* Every message that some method reaches, each once. */
static const ProtobufCMessageDescriptor *messages[MESSAGES_MAX];
static size_t message_count;

static void
collect(const ProtobufCMessageDescriptor *message, unsigned depth)
{
    if (depth > DEPTH_MAX)
        fail_msg("%s lies deeper than %d or contains itself", message->name, DEPTH_MAX);
    for (unsigned i = 0; i < message->n_fields; i++)
        if (message->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
            collect(message->fields[i].descriptor, depth + 1);
    for (size_t i = 0; i < message_count; i++)
        if (messages[i] == message)
            return;
    assert_true(message_count < MESSAGES_MAX);
    messages[message_count++] = message;
}

static void
collect_all(void)
{
    message_count = 0;
    for (size_t i = 0; i < SERVICES; i++)
        for (unsigned j = 0; j < services[i]->n_methods; j++) {
            collect(services[i]->methods[j].input, 1);
            collect(services[i]->methods[j].output, 1);
        }
}

static void
no_message_contains_itself(void **state)
{
    (void)state;
    collect_all();

    assert_true(message_count > 50);
}

static const char *
short_name(const char *full_name)
{
    const char *dot = strrchr(full_name, '.');
    return dot ? dot + 1 : full_name;
}

static void
every_method_has_a_name_of_its_own_that_fits_the_wire(void **state)
{
    (void)state;
    for (size_t i = 0; i < SERVICES; i++) {
        assert_memory_equal(services[i]->name, "forge.", 6);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(services[i]->name, services[j]->name);
        for (unsigned j = 0; j < services[i]->n_methods; j++) {
            const char *name = services[i]->methods[j].name;
            assert_true(strlen(services[i]->name) + 1 + strlen(name) <= RPC_METHOD_MAX);
            assert_ptr_equal(protobuf_c_service_descriptor_get_method_by_name(services[i], name),
                &services[i]->methods[j]);
            for (unsigned k = 0; k < j; k++)
                assert_string_not_equal(services[i]->methods[k].name, name);
        }
    }
}

/* "SaveRequest" for Save, or with the service in front, "SessionStartRequest". */
static void
assert_named_after(const char *type, const ProtobufCServiceDescriptor *service,
    const ProtobufCMethodDescriptor *method, const char *suffix)
{
    char expected[128];
    const char *name = short_name(type);
    const char *room = short_name(service->name);
    size_t skip = strncmp(name, room, strlen(room)) == 0 ? strlen(room) : 0;
    snprintf(expected, sizeof expected, "%s%s", method->name, suffix);
    assert_string_equal(name + skip, expected);
}

static void
every_method_has_its_own_request_and_reply(void **state)
{
    (void)state;
    for (size_t i = 0; i < SERVICES; i++)
        for (unsigned j = 0; j < services[i]->n_methods; j++) {
            const ProtobufCMethodDescriptor *method = &services[i]->methods[j];
            assert_named_after(method->input->name, services[i], method, "Request");
            assert_named_after(method->output->name, services[i], method, "Reply");
        }
}

static void
assert_field_is_plain(
    const ProtobufCMessageDescriptor *message, const ProtobufCFieldDescriptor *field)
{
    bool plain = field->label == PROTOBUF_C_LABEL_NONE || field->label == PROTOBUF_C_LABEL_REPEATED;
    if (!plain)
        fail_msg("%s.%s is required or optional", message->name, field->name);
    if (field->reserved_flags || field->id == 0 || field->id > 2047)
        fail_msg("%s.%s has an unusual number or flag", message->name, field->name);
}

/* A member of a oneof shares its case with nobody: a oneof is how presence is told, and nothing
 * else, since a second member on the wire would silently replace the first. */
static void
assert_oneofs_have_one_member(const ProtobufCMessageDescriptor *message)
{
    for (unsigned i = 0; i < message->n_fields; i++)
        for (unsigned j = 0; j < i; j++) {
            const ProtobufCFieldDescriptor *a = &message->fields[i];
            const ProtobufCFieldDescriptor *b = &message->fields[j];
            bool both = (a->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) &&
                        (b->flags & PROTOBUF_C_FIELD_FLAG_ONEOF);
            if (both && a->quantifier_offset == b->quantifier_offset)
                fail_msg("%s: %s and %s share a oneof", message->name, a->name, b->name);
        }
}

static void
fields_avoid_what_protobuf_c_cannot_do(void **state)
{
    (void)state;
    collect_all();
    for (size_t i = 0; i < message_count; i++) {
        for (unsigned j = 0; j < messages[i]->n_fields; j++)
            assert_field_is_plain(messages[i], &messages[i]->fields[j]);
        assert_oneofs_have_one_member(messages[i]);
    }
}

static bool
ends_in(const char *name, const char *suffix)
{
    size_t length = strlen(name);
    size_t end = strlen(suffix);
    return length >= end && strcmp(name + length - end, suffix) == 0;
}

/* Backups are named for people, by time and a random end; every other id is bytes. */
static bool
is_backup_name(const ProtobufCMessageDescriptor *message)
{
    return strncmp(short_name(message->name), "Backup", 6) == 0;
}

static void
assert_field_type_fits_its_name(
    const ProtobufCMessageDescriptor *message, const ProtobufCFieldDescriptor *field)
{
    const char *name = field->name;
    bool names_id = strcmp(name, "id") == 0 || strcmp(name, "ids") == 0 || ends_in(name, "_id") ||
                    ends_in(name, "_ids");
    bool is_time = ends_in(name, "_at_ms") || strcmp(name, "at_ms") == 0;
    bool is_hash = ends_in(name, "_hash") || ends_in(name, "_key") || strcmp(name, "cursor") == 0 ||
                   strcmp(name, "sha256") == 0;
    bool is_bound = strcmp(name, "limit") == 0 || strncmp(name, "max_", 4) == 0;
    bool good = true;
    if (names_id)
        good = field->type ==
               (is_backup_name(message) ? PROTOBUF_C_TYPE_STRING : PROTOBUF_C_TYPE_BYTES);
    else if (is_time)
        good = field->type == PROTOBUF_C_TYPE_INT64 || field->type == PROTOBUF_C_TYPE_UINT64;
    else if (is_hash)
        good = field->type == PROTOBUF_C_TYPE_BYTES;
    else if (is_bound)
        good = field->type == PROTOBUF_C_TYPE_UINT32;
    else if (strcmp(name, "sequence") == 0 || ends_in(name, "_sequence"))
        good = field->type == PROTOBUF_C_TYPE_UINT64;
    if (!good)
        fail_msg("%s.%s has a type that its name does not promise", message->name, name);
}

static void
types_keep_what_names_promise(void **state)
{
    (void)state;
    collect_all();
    for (size_t i = 0; i < message_count; i++)
        for (unsigned j = 0; j < messages[i]->n_fields; j++)
            assert_field_type_fits_its_name(messages[i], &messages[i]->fields[j]);
}

static void
assert_enum_is_sound(const ProtobufCEnumDescriptor *values)
{
    if (!protobuf_c_enum_descriptor_get_value(values, 0))
        fail_msg("%s has no value 0", values->name);
    for (unsigned i = 1; i < values->n_values; i++)
        assert_true(values->values[i].value > values->values[i - 1].value);
}

static void
every_enum_has_a_zero(void **state)
{
    (void)state;
    collect_all();
    unsigned enums = 0;
    for (size_t i = 0; i < message_count; i++)
        for (unsigned j = 0; j < messages[i]->n_fields; j++)
            if (messages[i]->fields[j].type == PROTOBUF_C_TYPE_ENUM) {
                assert_enum_is_sound(messages[i]->fields[j].descriptor);
                enums++;
            }
    assert_true(enums > 5);
    assert_enum_is_sound(&forge__code__descriptor);
    assert_enum_is_sound(&forge__outcome__descriptor);
    assert_enum_is_sound(&forge__criticality__descriptor);
}

static void
an_empty_message_takes_no_bytes(void **state)
{
    (void)state;
    collect_all();
    for (size_t i = 0; i < message_count; i++) {
        ProtobufCMessage *message = protobuf_c_message_unpack(messages[i], NULL, 0, NULL);

        assert_non_null(message);
        if (protobuf_c_message_get_packed_size(message) != 0)
            fail_msg("%s is not empty when it is new", messages[i]->name);
        protobuf_c_message_free_unpacked(message, NULL);
    }
}

static void
our_numbers_are_those_of_the_wire(void **state)
{
    (void)state;
    assert_int_equal(STATUS_CANCELLED, FORGE__CODE__CANCELLED);
    assert_int_equal(STATUS_UNKNOWN, FORGE__CODE__UNKNOWN);
    assert_int_equal(STATUS_INVALID_ARGUMENT, FORGE__CODE__INVALID_ARGUMENT);
    assert_int_equal(STATUS_DEADLINE_EXCEEDED, FORGE__CODE__DEADLINE_EXCEEDED);
    assert_int_equal(STATUS_NOT_FOUND, FORGE__CODE__NOT_FOUND);
    assert_int_equal(STATUS_ALREADY_EXISTS, FORGE__CODE__ALREADY_EXISTS);
    assert_int_equal(STATUS_PERMISSION_DENIED, FORGE__CODE__PERMISSION_DENIED);
    assert_int_equal(STATUS_RESOURCE_EXHAUSTED, FORGE__CODE__RESOURCE_EXHAUSTED);
    assert_int_equal(STATUS_FAILED_PRECONDITION, FORGE__CODE__FAILED_PRECONDITION);
    assert_int_equal(STATUS_ABORTED, FORGE__CODE__ABORTED);
    assert_int_equal(STATUS_OUT_OF_RANGE, FORGE__CODE__OUT_OF_RANGE);
    assert_int_equal(STATUS_UNIMPLEMENTED, FORGE__CODE__UNIMPLEMENTED);
    assert_int_equal(STATUS_UNAVAILABLE, FORGE__CODE__UNAVAILABLE);
    assert_int_equal(STATUS_DATA_LOSS, FORGE__CODE__DATA_LOSS);
    assert_int_equal(OUTCOME_COMMITTED, FORGE__OUTCOME__COMMITTED);
    assert_int_equal(OUTCOME_NOT_COMMITTED, FORGE__OUTCOME__NOT_COMMITTED);
    assert_int_equal(OUTCOME_UNKNOWN, FORGE__OUTCOME__OUTCOME_UNKNOWN);
    assert_int_equal(CRITICALITY_PROBE, FORGE__CRITICALITY__PROBE);
    assert_int_equal(CRITICALITY_CRITICAL, FORGE__CRITICALITY__CRITICAL);
    assert_int_equal(CRITICALITY_SHEDDABLE, FORGE__CRITICALITY__SHEDDABLE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_message_contains_itself),
        cmocka_unit_test(every_method_has_a_name_of_its_own_that_fits_the_wire),
        cmocka_unit_test(every_method_has_its_own_request_and_reply),
        cmocka_unit_test(fields_avoid_what_protobuf_c_cannot_do),
        cmocka_unit_test(types_keep_what_names_promise),
        cmocka_unit_test(every_enum_has_a_zero),
        cmocka_unit_test(an_empty_message_takes_no_bytes),
        cmocka_unit_test(our_numbers_are_those_of_the_wire),
    };
    return cmocka_run_group_tests_name("contract", tests, NULL, NULL);
}
