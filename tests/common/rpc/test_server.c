/* Whom a server serves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "tests/common/rpc/fixture.h"

static void
a_role_that_the_rule_does_not_name_is_refused(void **state)
{
    struct fixture *self = *state;
    struct ask reader = {.call = ask_call()};
    struct ask nobody = {.call = ask_call()};
    struct ask homeless = {.call = ask_call()};

    reader.call.principal.roles = ROLE_READER;
    ask_checkpoint(self->client, &reader, "s1");
    nobody.call.principal.name = TEXT("");
    ask_start(self->client, &nobody, "who");
    homeless.call.principal.tenant = TEXT("");
    ask_start(self->client, &homeless, "whose");
    turn_until(self->client, &reader.runs, 1);
    turn_until(self->client, &nobody.runs, 1);
    turn_until(self->client, &homeless.runs, 1);

    assert_int_equal(reader.status, STATUS_PERMISSION_DENIED);
    assert_int_equal(reader.outcome, OUTCOME_NOT_COMMITTED);
    assert_int_equal(nobody.status, STATUS_UNAUTHENTICATED);
    assert_int_equal(homeless.status, STATUS_UNAUTHENTICATED);
    assert_int_equal(self->fake->handled, 0);
}

static void
on_context(const Forge__CountReply *reply, void *data)
{
    assert_null(reply);
    ++*(unsigned *)data;
}

static void
a_method_that_nobody_offers_is_unimplemented(void **state)
{
    struct fixture *self = *state;
    struct rpc_call call = ask_call();
    Forge__CountRequest request = FORGE__COUNT_REQUEST__INIT;
    unsigned runs = 0;

    forge__context__count(rpc_client_bind(self->client, &forge__context__descriptor, &call),
        &request, on_context, &runs);
    turn_until(self->client, &runs, 1);

    assert_int_equal(call.reply.status, STATUS_UNIMPLEMENTED);
}

static void
draining_refuses_new_calls_and_finishes_old_ones(void **state)
{
    struct fixture *self = *state;
    struct ask old = {0};
    struct ask new = {0};

    ask_checkpoint(self->client, &old, "old");
    turn_until_in_gate(self, 1);
    fake_drain(self->fake);
    ask_checkpoint(self->client, &new, "new");
    turn_until(self->client, &new.runs, 1);
    fake_open_gate(self->fake, 1);
    turn_until(self->client, &old.runs, 1);

    assert_int_equal(new.status, STATUS_UNAVAILABLE);
    assert_int_equal(new.outcome, OUTCOME_NOT_COMMITTED);
    assert_int_equal(old.status, STATUS_OK);
    assert_true(rpc_client_peer(self->client)->draining);
}

static void
several_clients_get_their_own_answers(void **state)
{
    enum { CLIENTS = 5, CALLS = 20 };
    struct fixture *self = *state;
    struct rpc_client *clients[CLIENTS];
    struct ask asks[CLIENTS][CALLS] = {0};

    for (unsigned i = 0; i < CLIENTS; i++) {
        clients[i] = ask_client(self->fake->endpoint);
        for (unsigned j = 0; j < CALLS; j++) {
            char task[32];
            snprintf(task, sizeof task, "%u of %u", j, i);
            ask_start(clients[i], &asks[i][j], task);
        }
        rpc_client_turn(clients[i]);
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        for (unsigned j = 0; j < CALLS; j++) {
            char task[32];
            snprintf(task, sizeof task, "%u of %u", j, i);
            turn_until(clients[i], &asks[i][j].runs, 1);
            assert_string_equal(asks[i][j].text, task);
        }
        rpc_client_destroy(&clients[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_role_that_the_rule_does_not_name_is_refused),
        CASE(a_method_that_nobody_offers_is_unimplemented),
        GATED_CASE(draining_refuses_new_calls_and_finishes_old_ones),
        CASE(several_clients_get_their_own_answers),
    };
    zsys_init();
    zsys_handler_set(NULL);
    return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
