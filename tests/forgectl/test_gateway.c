/* forgectl against a real gateway: one mcp_server with the services inside, on ports of its own. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "tests/forgectl/cli_run.h"

enum { READY_MS = 30000, ANSWER_MS = 20000, LOOK_MS = 50 };

static char folder[64];
static char port[8];
static char admin_port[8];
static pid_t server;

#define RUN(...) cli_run((const char *const[]){__VA_ARGS__, NULL}, NULL)

static void
choose_port(char out[8])
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    (void)close(fd);
    (void)snprintf(out, 8, "%u", ntohs(address.sin_port));
}

static char *
word(const char *before, const char *value, const char *after)
{
    static char words[8][128];
    static size_t next;
    char *out = words[next++ % 8];
    (void)snprintf(out, 128, "%s%s%s", before, value, after);
    return out;
}

static void
start_server(void)
{
    char *argv[] = {word("", getenv("FORGE_TEST_GATEWAY"), ""), word("", "--embedded", ""),
        word("--data-dir=", folder, "/data"), word("--port=", port, ""),
        word("--admin-port=", admin_port, ""), word("--log-file=", folder, "/log"), NULL};
    assert_int_equal(posix_spawn(&server, argv[0], NULL, NULL, argv, environ), 0);
    int64_t deadline = clock_monotonic_ms() + READY_MS;
    for (;;) {
        struct cli_result health = RUN("health", "-q", "--timeout", "2s");
        int code = health.code;
        cli_result_release(&health);
        if (code == 0)
            return;
        assert_true(clock_monotonic_ms() < deadline);
        (void)poll(NULL, 0, LOOK_MS);
    }
}

static void
stop_server(int number)
{
    int ended = 0;
    assert_int_equal(kill(server, number), 0);
    assert_int_equal(waitpid(server, &ended, 0), server);
}

static int
set_up(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/forgectl-gateway-XXXXXX");
    if (mkdtemp(folder) == NULL || getenv("FORGE_TEST_GATEWAY") == NULL)
        return -1;
    choose_port(port);
    choose_port(admin_port);
    (void)setenv("FORGE_URL", word("http://127.0.0.1:", admin_port, ""), 1);
    (void)setenv("FORGE_MCP_URL", word("http://127.0.0.1:", port, "/mcp"), 1);
    start_server();
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    stop_server(SIGTERM);
    char command[128];
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command); /* NOLINT(cert-env33-c): our own temporary folder */
}

static void
expect_has(struct cli_result result, int code, const char *words)
{
    assert_string_equal(result.err, "");
    assert_int_equal(result.code, code);
    assert_non_null(strstr(result.out, words));
    cli_result_release(&result);
}

static void
health_and_status_tell_of_the_cluster(void **state)
{
    (void)state;
    expect_has(RUN("health", "-o", "value"), 0, "healthy");
    expect_has(RUN("status"), 0, "services.context-svc.up\ttrue");
}

static void
what_is_saved_is_found_read_and_listed(void **state)
{
    (void)state;
    struct cli_result saved = RUN("context", "save", "Retries use full jitter since the stampede.",
        "--kind", "decision", "--title", "Jitter", "--tag", "retry", "-p", "shop", "-o", "value");
    assert_int_equal(saved.code, 0);
    saved.out[strcspn(saved.out, "\n")] = '\0';

    expect_has(RUN("context", "search", "why", "jitter", "-p", "shop"), 0, saved.out);
    expect_has(RUN("context", "get", saved.out), 0, "Retries use full jitter since the stampede.");
    expect_has(RUN("context", "list", "--tag", "retry"), 0, "decision\tshop\tJitter");
    expect_has(RUN("context", "save", "Retries use full jitter since the stampede.", "--kind",
                   "decision", "--title", "Jitter", "--tag", "retry", "-p", "shop"),
        0, "unchanged");
    struct cli_result missing = RUN("context", "get", "01a20cc2-9e62-753f-a727-fb864a06b7fd");
    assert_int_equal(missing.code, 5);
    cli_result_release(&missing);
    cli_result_release(&saved);
}

static void
an_import_run_twice_changes_nothing(void **state)
{
    (void)state;
    CLEANUP(buffer_release) struct buffer lines = {0};
    for (int i = 0; i < 300; i++)
        buffer_format(
            &lines, "{\"_id\":\"%d\",\"text\":\"Fact %d is of platypus %d.\"}\n", i, i, i);
    const char *const words[] = {"context", "import", "-", "-p", "zoo", "-o", "json", NULL};
    expect_has(cli_run(words, buffer_string(&lines)), 0,
        "{\"created\":300,\"merged\":0,\"unchanged\":0,\"skipped\":0,\"failed\":0");
    expect_has(cli_run(words, buffer_string(&lines)), 0,
        "{\"created\":0,\"merged\":0,\"unchanged\":300,\"skipped\":0,\"failed\":0");
    expect_has(RUN("context", "search", "platypus 217", "-p", "zoo", "-n", "1"), 0, "Fact 217");
}

static void
a_backup_is_made_listed_and_proved(void **state)
{
    (void)state;
    struct cli_result made = RUN("backup", "run", "--note", "before the change", "-o", "value");
    assert_int_equal(made.code, 0);
    made.out[strcspn(made.out, "\n")] = '\0';

    expect_has(RUN("backup", "list"), 0, made.out);
    expect_has(RUN("backup", "verify", made.out), 0, "good\ttrue");
    struct cli_result refused = RUN("backup", "restore", made.out);
    assert_int_equal(refused.code, 2);
    cli_result_release(&refused);
    cli_result_release(&made);
}

struct bridge_process {
    pid_t id;
    int in;
    int out;
    char got[65536];
    size_t length;
};

static void
bridge_start(struct bridge_process *self)
{
    int in[2];
    int out[2];
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    (void)posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    char *argv[] = {word("", getenv("FORGE_TEST_FORGECTL"), ""), word("", "mcp", ""),
        word("", "stdio", ""), NULL};
    assert_int_equal(posix_spawn(&self->id, argv[0], &actions, NULL, argv, environ), 0);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(in[0]);
    (void)close(out[1]);
    self->in = in[1];
    self->out = out[0];
    self->length = 0;
}

static void
bridge_ask(struct bridge_process *self, const char *line, const char *expected)
{
    assert_int_equal(write(self->in, line, strlen(line)), strlen(line));
    int64_t deadline = clock_monotonic_ms() + ANSWER_MS;
    self->length = 0;
    self->got[0] = '\0';
    while (strstr(self->got, expected) == NULL) {
        struct pollfd there = {.fd = self->out, .events = POLLIN};
        assert_true(clock_monotonic_ms() < deadline);
        if (poll(&there, 1, LOOK_MS) <= 0)
            continue;
        ssize_t size =
            read(self->out, self->got + self->length, sizeof(self->got) - self->length - 1);
        assert_true(size > 0);
        self->length += (size_t)size;
        self->got[self->length] = '\0';
    }
}

static void
the_bridge_keeps_its_session_over_a_restart(void **state)
{
    (void)state;
    static struct bridge_process bridge;
    bridge_start(&bridge);
    bridge_ask(&bridge,
        "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
        "\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}\n",
        "\"protocolVersion\":\"2025-11-25\"");
    bridge_ask(
        &bridge, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n", "\"id\":1,\"result\":{}");

    stop_server(SIGKILL);
    start_server();

    bridge_ask(&bridge,
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":"
        "\"context_search\",\"arguments\":{\"query\":\"jitter\"}}}\n",
        "\"id\":2,\"result\":");
    assert_non_null(strstr(bridge.got, "Retries use full jitter"));
    (void)close(bridge.in);
    int ended = 0;
    assert_int_equal(waitpid(bridge.id, &ended, 0), bridge.id);
    assert_int_equal(ended, 0);
    (void)close(bridge.out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(health_and_status_tell_of_the_cluster),
        cmocka_unit_test(what_is_saved_is_found_read_and_listed),
        cmocka_unit_test(an_import_run_twice_changes_nothing),
        cmocka_unit_test(a_backup_is_made_listed_and_proved),
        cmocka_unit_test(the_bridge_keeps_its_session_over_a_restart),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    int failures = cmocka_run_group_tests_name("gateway", tests, set_up, tear_down);
    curl_global_cleanup();
    return failures;
}
