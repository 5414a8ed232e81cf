/* program: what every main of this house does, once.
 *
 * program_run reads the configuration, answers --help, --version and --check-config
 * (--help=markdown prints the table of the documents), blocks the signals (they arrive by the
 * signal descriptor), opens the log, makes data_dir and its folder "run" for sockets, takes CZMQ's
 * signal handling off, and calls run. Exit codes: 0
 * ended as asked, 2 usage, 69 a needed thing cannot be had (address in use, store locked), 70
 * internal, 78 configuration.
 */
#pragma once

#include "common/process/config.h"

enum { EXIT_OK = 0, EXIT_USAGE = 2, EXIT_UNAVAILABLE = 69, EXIT_INTERNAL = 70, EXIT_CONFIG = 78 };

struct program {
    const char *name;    /* "context-svc"; the log's component */
    const char *purpose; /* one line for --help */
    const struct config_field *fields;
    size_t field_count;
    /* Returns an exit code. signal_fd is a signalfd for SIGTERM, SIGINT, SIGHUP and SIGUSR1. */
    int (*run)(const struct config *config, int signal_fd);
};

int program_run(const struct program *program, int argc, char **argv);

/* Reads one signal from the descriptor; 0 when there is none. SIGUSR1 was already answered with
 * log_reopen. */
int program_signal(int signal_fd);

/* "0.1.0+4d8812f0c1aa"; without the commit where the build did not know it. */
const char *program_version(void);

enum { PROGRAM_NAME_SIZE = 128 };

/* This machine's name. */
void program_host(char host[PROGRAM_NAME_SIZE]);

/* The instance that the configuration names, else "program@host". */
void program_instance(
    const struct config *config, const char *program, char instance[PROGRAM_NAME_SIZE]);

/* The rows that every program has: config, log.level, log.file, log.format, data_dir, instance. */
#define PROGRAM_FIELDS                                                                             \
    {"config", "FORGE_CONFIG", "--config", CONFIG_TEXT, "", 0, 0, NULL, 0,                         \
        "YAML file with settings"},                                                                \
        {"data_dir", "FORGE_DATA_DIR", "--data-dir", CONFIG_TEXT,                                  \
            "${HOME}/.local/share/context-forge", 0, 0, NULL, 0,                                   \
            "folder of stores, keys and sockets"},                                                 \
        {"instance", "FORGE_INSTANCE", "--instance", CONFIG_TEXT, "", 0, 0, NULL, 0,               \
            "name of this instance in a cluster; default: program@host"},                          \
        {"log.level", "FORGE_LOG_LEVEL", "--log-level", CONFIG_CHOICE, "info", 0, 0,               \
            "debug|info|warn|error", 0, "least important lines to log"},                           \
        {"log.file", "FORGE_LOG_FILE", "--log-file", CONFIG_TEXT, "", 0, 0, NULL, 0,               \
            "log file; default: standard error"},                                                  \
    {                                                                                              \
        "log.format", "FORGE_LOG_FORMAT", "--log-format", CONFIG_CHOICE, "text", 0, 0,             \
            "text|json", 0, "form of a log line"                                                   \
    }
