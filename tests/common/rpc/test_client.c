/* The client when things go wrong: nobody there, killed, stopped, restarted, too much. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "tests/common/rpc/ask.h"
#include "tests/common/rpc/fake.h"

/* The fake service as a process. */
struct process {
    pid_t id;
    int input; /* closed: it ends */
    char endpoint[256];
};

static struct process
start_process(const char *endpoint)
{
    struct process self = {0};
    int input[2];
    int output[2];
    assert_int_equal(pipe(input), 0);
    assert_int_equal(pipe(output), 0);
    self.id = fork();
    assert_true(self.id >= 0);
    if (self.id == 0) {
        dup2(input[0], STDIN_FILENO);
        dup2(output[1], STDOUT_FILENO);
        close(input[1]);
        close(output[0]);
        execl(FAKE_SERVER, FAKE_SERVER, endpoint, (char *)NULL);
        _exit(127);
    }
    close(input[0]);
    close(output[1]);
    self.input = input[1];
    FILE *lines = fdopen(output[0], "r");
    assert_non_null(fgets(self.endpoint, sizeof self.endpoint, lines));
    self.endpoint[strcspn(self.endpoint, "\n")] = '\0';
    fclose(lines);
    return self;
}

static void
end_process(struct process *self, int signal_number)
{
    if (signal_number)
        kill(self->id, signal_number);
    close(self->input);
    int state = 0;
    assert_int_equal(waitpid(self->id, &state, 0), self->id);
    if (!signal_number)
        assert_int_equal(state, 0);
}

static void
turn_until_connected(struct rpc_client *client, bool connected)
{
    int64_t end_ms = clock_monotonic_ms() + 10000;
    while (rpc_client_peer(client)->connected != connected) {
        assert_true(clock_monotonic_ms() < end_ms);
        turn_once(client, 100);
    }
}

static void
without_a_peer_calls_wait_for_the_first_connection_and_then_fail_at_once(void **state)
{
    static const char *const endpoints[] = {"tcp://127.0.0.1:9", "inproc://nobody"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct ask held = {0};
        struct ask refused = {0};
        struct rpc_client *client = ask_client(endpoints[i]);
        int64_t started_ms = clock_monotonic_ms();

        ask_start(client, &held, "held");
        turn_until(client, &held.runs, 1);
        int64_t took_ms = clock_monotonic_ms() - started_ms;
        ask_start(client, &refused, "refused");

        assert_int_equal(held.status, STATUS_UNAVAILABLE);
        assert_int_equal(held.outcome, OUTCOME_NOT_COMMITTED);
        assert_true(took_ms >= 990 && took_ms < 3000);
        assert_int_equal(refused.runs, 1);
        assert_int_equal(refused.status, STATUS_UNAVAILABLE);
        assert_int_equal(refused.outcome, OUTCOME_NOT_COMMITTED);
        rpc_client_destroy(&client);
    }
}

static void
a_call_made_before_the_service_started_is_answered(void **state)
{
    (void)state;
    struct ask ask = {0};
    struct fake_options options = {.endpoint = fake_endpoint("inproc")};
    struct rpc_client *client = ask_client(options.endpoint);

    ask_start(client, &ask, "early");
    rpc_client_turn(client);
    struct fake *fake = fake_create(&options);
    turn_until(client, &ask.runs, 1);

    assert_int_equal(ask.status, STATUS_OK);
    assert_int_equal(fake->handled, 1);
    rpc_client_destroy(&client);
    fake_destroy(&fake);
}

static void
a_killed_peer_ends_its_calls_at_once_and_its_successor_serves(void **state)
{
    (void)state;
    struct ask pending[3] = {0};
    struct ask after = {0};
    char endpoint[128];
    snprintf(endpoint, sizeof endpoint, "%s", fake_endpoint("ipc"));
    struct process process = start_process(endpoint);
    struct rpc_client *client = ask_client(endpoint);
    turn_until_answering(client);
    uint64_t first_start_ms = rpc_client_peer(client)->started_at_ms;
    for (unsigned i = 0; i < 3; i++)
        ask_end(client, &pending[i], "parked");
    turn_for(client, 20);

    int64_t killed_ms = clock_monotonic_ms();
    end_process(&process, SIGKILL);
    for (unsigned i = 0; i < 3; i++)
        turn_until(client, &pending[i].runs, 1);

    assert_true(clock_monotonic_ms() - killed_ms < 1000);
    for (unsigned i = 0; i < 3; i++) {
        /* The first is parked, the others were answered. */
        if (pending[i].status == STATUS_OK)
            continue;
        assert_int_equal(pending[i].status, STATUS_UNAVAILABLE);
        assert_int_equal(pending[i].outcome, OUTCOME_UNKNOWN);
    }
    assert_int_equal(pending[0].status, STATUS_UNAVAILABLE);
    ask_start(client, &after, "nobody");
    assert_int_equal(after.status, STATUS_UNAVAILABLE);

    process = start_process(endpoint);
    turn_until_answering(client);
    assert_true(rpc_client_peer(client)->started_at_ms > first_start_ms);
    ask_start(client, &after, "somebody");
    turn_until(client, &after.runs, 2);
    assert_string_equal(after.text, "somebody");
    rpc_client_destroy(&client);
    end_process(&process, 0);
}

static void
a_stopped_peer_is_noticed_by_pings(void **state)
{
    (void)state;
    struct ask sent = {0};
    struct ask refused = {0};
    struct ask after = {0};
    struct process process = start_process("tcp://127.0.0.1:*");
    struct rpc_client *client = ask_client(process.endpoint);
    turn_until_answering(client);

    kill(process.id, SIGSTOP);
    int64_t stopped_ms = clock_monotonic_ms();
    ask_start(client, &sent, "into the silence");
    turn_until(client, &sent.runs, 1);
    int64_t took_ms = clock_monotonic_ms() - stopped_ms;

    assert_int_equal(sent.status, STATUS_UNAVAILABLE);
    assert_int_equal(sent.outcome, OUTCOME_UNKNOWN);
    assert_true(took_ms < 2000);
    assert_false(rpc_client_peer(client)->answering);
    ask_start(client, &refused, "refused");
    assert_int_equal(refused.status, STATUS_UNAVAILABLE);
    assert_int_equal(refused.outcome, OUTCOME_NOT_COMMITTED);

    kill(process.id, SIGCONT);
    turn_until_answering(client);
    ask_start(client, &after, "awake");
    turn_until(client, &after.runs, 1);
    assert_string_equal(after.text, "awake");
    assert_int_equal(sent.runs, 1);
    rpc_client_destroy(&client);
    end_process(&process, 0);
}

static void
an_inproc_peer_that_went_is_noticed_and_its_successor_found(void **state)
{
    (void)state;
    struct ask ask = {0};
    struct fake_options options = {.endpoint = fake_endpoint("inproc")};
    struct fake *fake = fake_create(&options);
    struct rpc_client *client = ask_client(options.endpoint);
    turn_until_answering(client);

    fake_destroy(&fake);
    turn_until_connected(client, false);
    fake = fake_create(&options);
    turn_until_answering(client);
    ask_start(client, &ask, "again");
    turn_until(client, &ask.runs, 1);

    assert_string_equal(ask.text, "again");
    rpc_client_destroy(&client);
    fake_destroy(&fake);
}

static void
no_more_calls_are_open_than_allowed(void **state)
{
    (void)state;
    struct ask asks[3] = {0};
    struct rpc_client_options options = {.endpoint = "inproc://nobody", .max_open_calls = 2};
    struct rpc_client *client = rpc_client_create(&options);

    for (unsigned i = 0; i < 3; i++)
        ask_start(client, &asks[i], "one of three");

    assert_int_equal(rpc_client_peer(client)->open_calls, 2);
    assert_int_equal(asks[2].runs, 1);
    assert_int_equal(asks[2].status, STATUS_RESOURCE_EXHAUSTED);
    rpc_client_destroy(&client);
}

static void
destroying_the_client_ends_its_calls(void **state)
{
    (void)state;
    struct ask asks[100] = {0};
    struct rpc_client *client = ask_client("inproc://nobody");

    for (unsigned i = 0; i < 100; i++)
        ask_start(client, &asks[i], "abandoned");
    rpc_client_turn(client);
    rpc_client_destroy(&client);

    assert_null(client);
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(asks[i].runs, 1);
        assert_int_equal(asks[i].status, STATUS_UNAVAILABLE);
    }
}

static void
a_call_that_is_cancelled_before_it_left_never_leaves(void **state)
{
    (void)state;
    struct ask cancelled = {0};
    struct ask kept = {0};
    struct fake_options options = {.endpoint = fake_endpoint("inproc")};
    struct fake *fake = fake_create(&options);
    struct rpc_client *client = ask_client(options.endpoint);

    ask_start(client, &cancelled, "cancelled");
    ask_start(client, &kept, "kept");
    rpc_client_cancel(client, &cancelled.call);
    assert_int_equal(cancelled.runs, 0);
    turn_until(client, &kept.runs, 1);
    turn_until(client, &cancelled.runs, 1);

    assert_int_equal(cancelled.status, STATUS_CANCELLED);
    assert_int_equal(cancelled.outcome, OUTCOME_NOT_COMMITTED);
    assert_int_equal(kept.status, STATUS_OK);
    assert_int_equal(fake->handled, 1);
    rpc_client_cancel(client, &cancelled.call);
    rpc_client_destroy(&client);
    fake_destroy(&fake);
}

static void
a_bad_principal_is_told_before_anything_is_sent(void **state)
{
    (void)state;
    char name[65];
    memset(name, 'a', sizeof name);
    struct ask ask = {.call = ask_call()};
    ask.call.principal.name = text_from(name, sizeof name);
    struct rpc_client *client = ask_client("inproc://nobody");

    ask_start(client, &ask, "never sent");

    assert_int_equal(ask.status, STATUS_INVALID_ARGUMENT);
    rpc_client_destroy(&client);
}

/* A closure that starts the next call, until there were enough. */
struct chain {
    struct ask ask; /* first */
    struct rpc_client *client;
    unsigned left;
};

static void on_link(const Forge__SessionStartReply *reply, void *data);

static void
start_link(struct chain *self)
{
    Forge__SessionStartRequest request = FORGE__SESSION_START_REQUEST__INIT;
    request.task = (char[]){"next"};
    self->ask.call.deadline_ms = clock_monotonic_ms() + 5000;
    forge__session__start(
        rpc_client_bind(self->client, &forge__session__descriptor, &self->ask.call), &request,
        on_link, self);
}

static void
on_link(const Forge__SessionStartReply *reply, void *data)
{
    struct chain *self = data;
    assert_non_null(reply);
    self->ask.runs++;
    if (self->left-- > 0) {
        start_link(self);
        rpc_client_turn(self->client);
    }
}

static void
a_closure_may_start_the_next_call(void **state)
{
    (void)state;
    struct fake_options options = {.endpoint = fake_endpoint("inproc")};
    struct fake *fake = fake_create(&options);
    struct rpc_client *client = ask_client(options.endpoint);
    struct chain chains[100];

    for (unsigned i = 0; i < 100; i++) {
        chains[i] = (struct chain){.client = client, .left = 50, .ask = {.call = ask_call()}};
        start_link(&chains[i]);
    }
    for (unsigned i = 0; i < 100; i++)
        turn_until(client, &chains[i].ask.runs, 51);

    assert_int_equal(rpc_client_peer(client)->open_calls, 0);
    assert_int_equal(fake->handled, 100 * 51);
    rpc_client_destroy(&client);
    fake_destroy(&fake);
}

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
    uint8_t *bytes = memory_new(SIZE);
    memcpy(bytes, "FRGE\x01\x02\x01\x00", 8);
    write_32(bytes + 8, SIZE);
    write_32(bytes + 12, HEADER);
    write_32(bytes + 16, BODY);
    memcpy(bytes + 20, "\x08\x80\x80\x80\x80\x10", HEADER); /* call id 1 << 32 */
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
        cmocka_unit_test(without_a_peer_calls_wait_for_the_first_connection_and_then_fail_at_once),
        cmocka_unit_test(a_call_made_before_the_service_started_is_answered),
        cmocka_unit_test(a_killed_peer_ends_its_calls_at_once_and_its_successor_serves),
        cmocka_unit_test(a_stopped_peer_is_noticed_by_pings),
        cmocka_unit_test(an_inproc_peer_that_went_is_noticed_and_its_successor_found),
        cmocka_unit_test(no_more_calls_are_open_than_allowed),
        cmocka_unit_test(destroying_the_client_ends_its_calls),
        cmocka_unit_test(a_call_that_is_cancelled_before_it_left_never_leaves),
        cmocka_unit_test(a_bad_principal_is_told_before_anything_is_sent),
        cmocka_unit_test(a_closure_may_start_the_next_call),
        cmocka_unit_test(another_version_ends_calls_as_unimplemented),
        cmocka_unit_test(garbage_from_a_peer_is_passed_over),
        cmocka_unit_test(a_reply_that_unfolds_beyond_the_cap_is_refused),
    };
    zsys_init();
    zsys_handler_set(NULL);
    return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
