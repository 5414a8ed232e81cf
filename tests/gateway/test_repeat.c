#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "context.pb-c.h"

#include "common/base/clock.h"
#include "gateway/backends/repeat.h"

/* A peer that is away for the first `failures` attempts, then answers. */
struct fixture {
    struct backends_repeat_owner owner; /* first */
    struct rpc_call call;
    ProtobufCService service;
    int failures;
    enum rpc_outcome failed_outcome;
    bool refuses; /* the failures come from a service that answered */
    bool worth_waiting;
    int attempts;
    int closures;
    enum status last;
};

static void
answer(ProtobufCService *service, unsigned method, const ProtobufCMessage *input,
    ProtobufCClosure closure, void *closure_data)
{
    struct fixture *self =
        (struct fixture *)(void *)((char *)service - offsetof(struct fixture, service));
    (void)method;
    self->attempts++;
    assert_int_equal(((const Forge__GetRequest *)input)->n_ids, 1);
    if (self->attempts <= self->failures) {
        self->call.reply = (struct rpc_reply){.status = STATUS_UNAVAILABLE,
            .outcome = self->failed_outcome,
            .served_by = self->refuses ? TEXT("context-svc@here") : TEXT("")};
        closure(NULL, closure_data);
        return;
    }
    Forge__GetReply reply = FORGE__GET_REPLY__INIT;
    self->call.reply = (struct rpc_reply){.status = STATUS_OK};
    closure(&reply.base, closure_data);
}

static ProtobufCService *
attempt(struct backends_repeat_owner *owner, struct backends_repeat *repeat)
{
    (void)repeat;
    return &((struct fixture *)(void *)owner)->service;
}

static bool
worth_waiting(struct backends_repeat_owner *owner, struct backends_repeat *repeat)
{
    (void)repeat;
    return ((struct fixture *)(void *)owner)->worth_waiting;
}

static void
on_got(const Forge__GetReply *reply, void *closure_data)
{
    struct fixture *self = closure_data;
    self->closures++;
    self->last = self->call.reply.status;
    assert_int_equal(reply != NULL, self->last == STATUS_OK);
}

static int
set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){
        .owner = {.attempt = attempt, .worth_waiting = worth_waiting},
        .service = {.descriptor = &forge__context__descriptor, .invoke = answer},
        .worth_waiting = true,
    };
    fixture.call.deadline_ms = clock_monotonic_ms() + 5000;
    *state = &fixture;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *self = *state;
    backends_repeat_end(&self->owner);
    return 0;
}

static void
call_get(struct fixture *self)
{
    uint8_t id[16] = {0};
    ProtobufCBinaryData ids[] = {{sizeof id, id}};
    Forge__GetRequest request = FORGE__GET_REQUEST__INIT;
    request.ids = ids;
    request.n_ids = 1;
    ProtobufCService *service =
        backends_repeat_bind(&self->owner, 0, &forge__context__descriptor, &self->call);
    forge__context__get(service, &request, on_got, self);
}

static void
an_answered_call_is_made_once(void **state)
{
    struct fixture *self = *state;

    call_get(self);

    assert_int_equal(self->attempts, 1);
    assert_int_equal(self->closures, 1);
    assert_int_equal(self->last, STATUS_OK);
}

static void
a_read_waits_for_a_service_that_restarts(void **state)
{
    struct fixture *self = *state;
    self->failures = 2;
    self->failed_outcome = OUTCOME_UNKNOWN;

    call_get(self);
    assert_int_equal(self->closures, 0);
    backends_repeat_run(&self->owner);
    backends_repeat_run(&self->owner);

    assert_int_equal(self->attempts, 3);
    assert_int_equal(self->closures, 1);
    assert_int_equal(self->last, STATUS_OK);
    assert_int_equal(self->call.attempt, 2);
}

static void
a_refusal_by_the_service_is_final(void **state)
{
    struct fixture *self = *state;
    self->failures = 1;
    self->refuses = true;

    call_get(self);

    assert_int_equal(self->closures, 1);
    assert_int_equal(self->last, STATUS_UNAVAILABLE);
}

static void
a_service_long_gone_is_not_waited_for(void **state)
{
    struct fixture *self = *state;
    self->failures = 1;
    self->worth_waiting = false;

    call_get(self);

    assert_int_equal(self->closures, 1);
    assert_int_equal(self->last, STATUS_UNAVAILABLE);
}

static void
a_call_past_its_deadline_is_not_repeated(void **state)
{
    struct fixture *self = *state;
    self->failures = 1;
    self->call.deadline_ms = clock_monotonic_ms() + 5;

    call_get(self);

    assert_int_equal(self->closures, 1);
}

static void
a_waiting_call_can_be_cancelled(void **state)
{
    struct fixture *self = *state;
    self->failures = 100;
    call_get(self);

    assert_true(backends_repeat_cancel(&self->owner, &self->call));

    assert_int_equal(self->closures, 1);
    assert_int_equal(self->last, STATUS_CANCELLED);
    assert_false(backends_repeat_cancel(&self->owner, &self->call));
}

static void
the_end_ends_waiting_calls(void **state)
{
    struct fixture *self = *state;
    self->failures = 100;
    call_get(self);

    backends_repeat_end(&self->owner);

    assert_int_equal(self->closures, 1);
    assert_int_equal(self->last, STATUS_UNAVAILABLE);
}

static void
on_saved(const Forge__SaveReply *reply, void *closure_data)
{
    struct fixture *self = closure_data;
    (void)reply;
    self->closures++;
    self->last = self->call.reply.status;
}

static void
fail_save(ProtobufCService *service, unsigned method, const ProtobufCMessage *input,
    ProtobufCClosure closure, void *closure_data)
{
    struct fixture *self =
        (struct fixture *)(void *)((char *)service - offsetof(struct fixture, service));
    (void)method;
    (void)input;
    self->attempts++;
    self->call.reply =
        (struct rpc_reply){.status = STATUS_UNAVAILABLE, .outcome = self->failed_outcome};
    closure(NULL, closure_data);
}

static void
a_write_is_repeated_only_under_its_key(void **state)
{
    struct fixture *self = *state;
    self->service.invoke = fail_save;
    self->failed_outcome = OUTCOME_UNKNOWN;
    Forge__SaveRequest request = FORGE__SAVE_REQUEST__INIT;

    ProtobufCService *service =
        backends_repeat_bind(&self->owner, 0, &forge__context__descriptor, &self->call);
    forge__context__save(service, &request, on_saved, self);
    assert_int_equal(self->closures, 1);

    static const uint8_t key[RPC_KEY_SIZE] = {1};
    self->call.idempotency_key = key;
    service = backends_repeat_bind(&self->owner, 0, &forge__context__descriptor, &self->call);
    forge__context__save(service, &request, on_saved, self);
    assert_int_equal(self->closures, 1);
    backends_repeat_run(&self->owner);
    assert_int_equal(self->attempts, 3);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(an_answered_call_is_made_once),
        CASE(a_read_waits_for_a_service_that_restarts),
        CASE(a_refusal_by_the_service_is_final),
        CASE(a_service_long_gone_is_not_waited_for),
        CASE(a_call_past_its_deadline_is_not_repeated),
        CASE(a_waiting_call_can_be_cancelled),
        CASE(the_end_ends_waiting_calls),
        CASE(a_write_is_repeated_only_under_its_key),
    };
    return cmocka_run_group_tests_name("backends_repeat", tests, NULL, NULL);
}
