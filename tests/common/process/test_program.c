#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/process/program.h"

enum { OUTPUT_MAX = 16384, PATIENCE_MS = 20000 };

/* A started tiny_program with its standard output and error on one pipe. */
struct child {
    pid_t pid;
    int output_fd;
    char output[OUTPUT_MAX];
    size_t length;
};

static void
start(struct child *self, const char *const words[])
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    self->length = 0;
    self->output[0] = '\0';
    self->pid = fork();
    assert_true(self->pid >= 0);
    if (self->pid == 0) {
        dup2(fds[1], STDOUT_FILENO);
        dup2(fds[1], STDERR_FILENO);
        close(fds[0]);
        close(fds[1]);
        execv(TINY_PROGRAM, (char *const *)words);
        _exit(127);
    }
    close(fds[1]);
    self->output_fd = fds[0];
}

/* Takes what the child wrote; false when it ended or the time did. */
static bool
read_more(struct child *self, int64_t deadline_ms)
{
    struct pollfd wait = {.fd = self->output_fd, .events = POLLIN};
    int left_ms = (int)(deadline_ms - clock_monotonic_ms());
    if (left_ms <= 0 || poll(&wait, 1, left_ms) <= 0)
        return false;
    ssize_t size =
        read(self->output_fd, self->output + self->length, OUTPUT_MAX - 1 - self->length);
    self->length += size > 0 ? (size_t)size : 0;
    self->output[self->length] = '\0';
    return size > 0;
}

static void
read_until(struct child *self, const char *text)
{
    int64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
    while (!strstr(self->output, text))
        if (!read_more(self, deadline_ms))
            fail_msg("no '%s' in: %s", text, self->output);
}

static int
end(struct child *self)
{
    int64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
    while (read_more(self, deadline_ms))
        continue;
    close(self->output_fd);
    int result = 0;
    assert_int_equal(waitpid(self->pid, &result, 0), self->pid);
    assert_true(WIFEXITED(result));
    return WEXITSTATUS(result);
}

static int
run(struct child *self, const char *const words[])
{
    start(self, words);
    return end(self);
}

#define WORDS(...) ((const char *const[]){TINY_PROGRAM, __VA_ARGS__, NULL})

static int
set_up(void **state)
{
    static struct child child;
    *state = &child;
    setenv("FORGE_DATA_DIR", "/tmp/forge-test-program", 1);
    unsetenv("FORGE_CONFIG");
    unsetenv("TINY_END_WITH");
    unsetenv("TINY_TOKEN");
    return 0;
}

static void
help_comes_from_the_rows_and_wins_over_errors(void **state)
{
    struct child *child = *state;

    assert_int_equal(run(child, WORDS("--no-such-flag", "--help")), EXIT_OK);

    assert_non_null(strstr(child->output, "tiny_program " PROJECT_VERSION));
    assert_non_null(strstr(child->output, "waits for a signal"));
    assert_non_null(strstr(child->output, "--end-with N\n"
                                          "      exit code to end with at once; -1: wait for a "
                                          "signal; default -1; -1 to 100\n"
                                          "      TINY_END_WITH, end_with\n"));
    assert_non_null(strstr(child->output, "--log-level debug|info|warn|error\n"));
}

static void
help_is_the_documents_table_too(void **state)
{
    struct child *child = *state;

    assert_int_equal(run(child, WORDS("--help=markdown")), EXIT_OK);

    assert_non_null(strstr(child->output, "| `threads` | `TINY_THREADS` | `--threads` | `1` | 1 to "
                                          "4 | threads, none of which is started |\n"));
    assert_non_null(strstr(child->output, "debug\\|info\\|warn\\|error"));
}

static void
the_version_is_the_projects(void **state)
{
    struct child *child = *state;

    assert_int_equal(run(child, WORDS("--version")), EXIT_OK);

    assert_memory_equal(
        child->output, "tiny_program " PROJECT_VERSION, strlen("tiny_program " PROJECT_VERSION));
}

static void
check_config_prints_values_and_sources_but_no_secret(void **state)
{
    struct child *child = *state;
    setenv("TINY_TOKEN", "hunter2", 1);

    assert_int_equal(
        run(child, WORDS("--check-config", "--threads", "9", "--data-dir=/srv/d")), EXIT_OK);

    assert_non_null(strstr(child->output, "data_dir = /srv/d  (flag --data-dir)\n"));
    assert_non_null(strstr(child->output, "threads = 4  (flag --threads, clamped)\n"));
    assert_non_null(strstr(child->output, "token = ********  (environment TINY_TOKEN)\n"));
    assert_non_null(strstr(child->output, "end_with = -1  (default)\n"));
    assert_null(strstr(child->output, "hunter2"));
}

static void
a_wrong_command_line_ends_with_2(void **state)
{
    struct child *child = *state;

    assert_int_equal(run(child, WORDS("--end-wiht", "1")), EXIT_USAGE);

    assert_string_equal(
        child->output, "tiny_program: unknown flag --end-wiht; did you mean --end-with?\n");
}

static void
a_wrong_configuration_ends_with_78(void **state)
{
    struct child *child = *state;

    assert_int_equal(run(child, WORDS("--config", "/nowhere.yaml")), EXIT_CONFIG);
    setenv("TINY_END_WITH", "soon", 1);
    assert_int_equal(run(child, WORDS("--check-config")), EXIT_CONFIG);

    assert_string_equal(child->output,
        "tiny_program: TINY_END_WITH: end_with must be a whole number, not 'soon'\n");
}

static void
a_log_that_cannot_be_had_ends_with_69(void **state)
{
    struct child *child = *state;

    assert_int_equal(run(child, WORDS("--log-file=/nowhere/x.log")), EXIT_UNAVAILABLE);
}

static void
the_exit_code_is_what_run_returned(void **state)
{
    struct child *child = *state;

    assert_int_equal(run(child, WORDS("--end-with", "70", "--threads", "9")), EXIT_INTERNAL);

    assert_non_null(strstr(child->output, "INFO tiny_program Program started version="));
    assert_non_null(strstr(child->output,
        "WARN tiny_program Setting clamped key=threads value=4 min=1 max=4 from=--threads"));
    assert_non_null(strstr(child->output, "Program ended exit=70"));
}

static void
signals_arrive_by_the_descriptor_and_czmq_sees_none(void **state)
{
    struct child *child = *state;
    start(child, WORDS("--log-level", "info"));
    read_until(child, "Tiny ready");

    kill(child->pid, SIGHUP);
    read_until(child, "Tiny got signal=1 interrupted=0");
    kill(child->pid, SIGTERM);

    assert_int_equal(end(child), EXIT_OK);
    assert_non_null(strstr(child->output, "Tiny got signal=15 interrupted=0"));
}

static void
the_folder_of_sockets_is_made(void **state)
{
    struct child *child = *state;
    char folder[] = "/tmp/forge-program-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char data[64], run_folder[80];
    snprintf(data, sizeof data, "%s/a/b", folder);
    snprintf(run_folder, sizeof run_folder, "%s/run", data);

    assert_int_equal(run(child, WORDS("--data-dir", data, "--end-with", "0")), EXIT_OK);
    assert_int_equal(access(run_folder, R_OK | W_OK | X_OK), 0);
    assert_int_equal(run(child, WORDS("--data-dir", data, "--end-with", "0")), EXIT_OK);
    assert_int_equal(
        run(child, WORDS("--data-dir", "/proc/none", "--end-with", "0")), EXIT_UNAVAILABLE);
    assert_non_null(strstr(child->output, "ERROR tiny_program Data folder not made"));

    rmdir(run_folder);
    rmdir(data);
    *strrchr(data, '/') = '\0';
    rmdir(data);
    rmdir(folder);
}

static void
usr1_opens_the_log_again(void **state)
{
    struct child *child = *state;
    char folder[] = "/tmp/forge-program-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char path[64], moved[72];
    snprintf(path, sizeof path, "%s/log", folder);
    snprintf(moved, sizeof moved, "%s.1", path);
    start(child, WORDS("--log-file", path));

    int64_t deadline = clock_monotonic_ms() + PATIENCE_MS;
    while (rename(path, moved) != 0 && clock_monotonic_ms() < deadline)
        usleep(1000);
    kill(child->pid, SIGUSR1);
    while (access(path, F_OK) != 0 && clock_monotonic_ms() < deadline)
        usleep(1000);

    assert_int_equal(access(path, F_OK), 0);
    kill(child->pid, SIGINT);
    assert_int_equal(end(child), EXIT_OK);
    unlink(path);
    unlink(moved);
    rmdir(folder);
}

static void
an_instance_is_named_by_the_configuration_or_by_program_and_host(void **state)
{
    (void)state;
    static const struct config_field fields[] = {PROGRAM_FIELDS};
    const char *named[] = {"x", "--instance", "left"};
    unsetenv("FORGE_INSTANCE");
    char host[PROGRAM_NAME_SIZE], instance[PROGRAM_NAME_SIZE], expected[2 * PROGRAM_NAME_SIZE];
    struct config *config = NULL;
    struct problem problem;
    program_host(host);
    snprintf(expected, sizeof expected, "context-svc@%s", host);

    assert_int_equal(config_read(fields, 6, 1, (char **)named, &config, &problem), STATUS_OK);
    program_instance(config, "context-svc", instance);
    config_destroy(&config);
    assert_string_equal(instance, expected);

    assert_int_equal(config_read(fields, 6, 3, (char **)named, &config, &problem), STATUS_OK);
    program_instance(config, "context-svc", instance);
    config_destroy(&config);
    assert_string_equal(instance, "left");
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(help_comes_from_the_rows_and_wins_over_errors),
        TEST(help_is_the_documents_table_too),
        TEST(the_version_is_the_projects),
        TEST(check_config_prints_values_and_sources_but_no_secret),
        TEST(a_wrong_command_line_ends_with_2),
        TEST(a_wrong_configuration_ends_with_78),
        TEST(a_log_that_cannot_be_had_ends_with_69),
        TEST(the_exit_code_is_what_run_returned),
        TEST(signals_arrive_by_the_descriptor_and_czmq_sees_none),
        TEST(the_folder_of_sockets_is_made),
        TEST(usr1_opens_the_log_again),
        TEST(an_instance_is_named_by_the_configuration_or_by_program_and_host),
    };
    return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
