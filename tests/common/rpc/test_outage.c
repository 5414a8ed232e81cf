/* Peers that are killed, stopped or gone, and those that come after them. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/memory.h"
#include "tests/common/rpc/fixture.h"

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_peer_ends_its_calls_at_once_and_its_successor_serves),
        cmocka_unit_test(a_stopped_peer_is_noticed_by_pings),
        cmocka_unit_test(an_inproc_peer_that_went_is_noticed_and_its_successor_found),
    };
    zsys_init();
    zsys_handler_set(NULL);
    return cmocka_run_group_tests_name("outage", tests, NULL, NULL);
}
