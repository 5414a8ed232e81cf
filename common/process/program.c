#include "common/process/program.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <czmq.h>

#include "common/base/memory.h"
#include "common/base/path.h"
#include "common/process/log.h"

struct arguments {
    int count;
    char **words; /* without the three that every program answers itself */
    bool help, markdown, version, check;
};

/* "--help" and its like may stand anywhere and win over everything else on the line. */
static struct arguments
sort_arguments(const struct program *program, int argc, char **argv)
{
    struct arguments sorted = {.words = memory_array((size_t)argc + 2, sizeof *sorted.words)};
    sorted.words[sorted.count++] = (char *)program->name;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            sorted.help = true;
        else if (strcmp(argv[i], "--help=markdown") == 0)
            sorted.help = sorted.markdown = true;
        else if (strcmp(argv[i], "--version") == 0)
            sorted.version = true;
        else if (strcmp(argv[i], "--check-config") == 0)
            sorted.check = true;
        else
            sorted.words[sorted.count++] = argv[i];
    }
    return sorted;
}

static void
print_help(const struct program *program, bool markdown)
{
    if (!markdown)
        printf("%s %s: %s\n\nUsage: %s [flags]\n\n"
               "Flags win over environment, environment over the YAML file, the file over the "
               "default.\nUnder each flag: its meaning, its environment variable, its YAML key.\n\n"
               "  --help[=markdown], --version, --check-config\n",
            program->name, program_version(), program->purpose, program->name);
    config_print_help(program->fields, program->field_count, markdown);
}

static enum log_level
level_of(const char *name)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    int level = LOG_LEVEL_ERROR;
    while (level > LOG_LEVEL_DEBUG && strcmp(names[level], name) != 0)
        level--;
    return (enum log_level)level;
}

/* Signals are blocked before the first thread starts, so that every thread inherits the mask and
 * they arrive by the descriptor alone. A closed pipe is an error of the write that met it. */
static int
take_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGUSR1);
    signal(SIGPIPE, SIG_IGN);
    if (pthread_sigmask(SIG_BLOCK, &signals, NULL) != 0)
        return -1;
    return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* data_dir and its folder of sockets. */
static bool
make_folders(const char *data_dir)
{
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%s/run", data_dir);
    if (size < 0 || (size_t)size >= sizeof path) {
        errno = ENAMETOOLONG;
        return false;
    }
    return path_make_folder(path);
}

static int
run_with_log(const struct program *program, const struct config *config, int signal_fd)
{
    const char *data_dir = config_text(config, "data_dir");
    if (*data_dir && !make_folders(data_dir)) {
        log_error("Data folder not made path=%s reason=%s", data_dir, strerror(errno));
        return EXIT_UNAVAILABLE;
    }
    zsys_handler_set(NULL);
    if (!zsys_init()) {
        log_error("ZeroMQ context not made");
        return EXIT_INTERNAL;
    }
    config_log_clamped(config);
    log_info("Program started version=%s pid=%d", program_version(), (int)getpid());
    int code = program->run(config, signal_fd);
    log_info("Program ended exit=%d", code);
    zsys_shutdown();
    return code;
}

static int
run_with_config(const struct program *program, const struct config *config)
{
    const char *path = config_text(config, "log.file");
    bool json = strcmp(config_text(config, "log.format"), "json") == 0;
    struct problem problem = {{0}};
    int signal_fd = take_signals();
    if (signal_fd < 0) {
        fprintf(stderr, "%s: signal descriptor: %s\n", program->name, strerror(errno));
        return EXIT_INTERNAL;
    }
    enum status status = log_open(program->name, *path ? path : NULL,
        level_of(config_text(config, "log.level")), json, &problem);
    if (status != STATUS_OK) {
        fprintf(stderr, "%s: %s\n", program->name, problem.text);
        close(signal_fd);
        return EXIT_UNAVAILABLE;
    }
    int code = run_with_log(program, config, signal_fd);
    log_close();
    close(signal_fd);
    return code;
}

int
program_run(const struct program *program, int argc, char **argv)
{
    struct arguments arguments = sort_arguments(program, argc, argv);
    CLEANUP(memory_free) char **words = arguments.words;
    if (arguments.help) {
        print_help(program, arguments.markdown);
        return EXIT_OK;
    }
    if (arguments.version) {
        printf("%s %s\n", program->name, program_version());
        return EXIT_OK;
    }

    CLEANUP(config_destroy) struct config *config = NULL;
    struct problem problem = {{0}};
    enum status status = config_read(
        program->fields, program->field_count, arguments.count, words, &config, &problem);
    if (status != STATUS_OK) {
        fprintf(stderr, "%s: %s\n", program->name, problem.text);
        return status == STATUS_INVALID_ARGUMENT ? EXIT_USAGE : EXIT_CONFIG;
    }
    if (arguments.check) {
        config_print(config);
        return EXIT_OK;
    }
    return run_with_config(program, config);
}

int
program_signal(int signal_fd)
{
    struct signalfd_siginfo info;
    if (read(signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
        return 0;
    if (info.ssi_signo == SIGUSR1)
        log_reopen();
    return (int)info.ssi_signo;
}

const char *
program_version(void)
{
    return FORGE_VERSION;
}

void
program_host(char host[PROGRAM_NAME_SIZE])
{
    /* gethostname leaves a name that it had to cut without its NUL. */
    if (gethostname(host, PROGRAM_NAME_SIZE) != 0)
        snprintf(host, PROGRAM_NAME_SIZE, "localhost");
    host[PROGRAM_NAME_SIZE - 1] = '\0';
}

void
program_instance(const struct config *config, const char *program, char instance[PROGRAM_NAME_SIZE])
{
    const char *name = config_text(config, "instance");
    char host[PROGRAM_NAME_SIZE];
    program_host(host);
    int size = *name ? snprintf(instance, PROGRAM_NAME_SIZE, "%s", name)
                     : snprintf(instance, PROGRAM_NAME_SIZE, "%s@%s", program, host);
    assert(size > 0);
}
