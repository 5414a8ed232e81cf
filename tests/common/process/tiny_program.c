/* The smallest program of the house: waits for a signal, or ends as --end-with says. */
#include <poll.h>
#include <signal.h>

#include <czmq.h>

#include "common/process/log.h"
#include "common/process/program.h"

static const struct config_field fields[] = {
    PROGRAM_FIELDS,
    {"end_with", "TINY_END_WITH", "--end-with", CONFIG_INTEGER, "-1", -1, 100, NULL, 0,
        "exit code to end with at once; -1: wait for a signal"},
    {"threads", "TINY_THREADS", "--threads", CONFIG_INTEGER, "1", 1, 4, NULL, CONFIG_CLAMPED,
        "threads, none of which is started"},
    {"token", "TINY_TOKEN", NULL, CONFIG_TEXT, "", 0, 0, NULL, CONFIG_SECRET, "a secret"},
};

static int
run(const struct config *config, int signal_fd)
{
    int64_t code = config_integer(config, "end_with");
    if (code >= 0)
        return (int)code;
    /* A socket of CZMQ's context, so that its signal handling would show if it were on. */
    zsock_t *socket = zsock_new_router("inproc://tiny");
    log_info("Tiny ready");
    struct pollfd wait = {.fd = signal_fd, .events = POLLIN};
    int signal = 0;
    while (signal != SIGTERM && signal != SIGINT)
        if (poll(&wait, 1, 30000) > 0 && (signal = program_signal(signal_fd)) != 0)
            log_info("Tiny got signal=%d interrupted=%d", signal, zsys_interrupted);
    zsock_destroy(&socket);
    return EXIT_OK;
}

int
main(int argc, char **argv)
{
    const struct program program = {
        "tiny_program", "waits for a signal", fields, sizeof fields / sizeof *fields, run};
    return program_run(&program, argc, argv);
}
