/* backup-svc: keeps copies of the services' stores, and brings them back. */
#include <stddef.h>

#include "backup-svc/service.h"
#include "common/process/program.h"

static const struct config_field fields[] = {
    PROGRAM_FIELDS,
    {"backup.endpoint", "FORGE_BACKUP_ENDPOINT", "--endpoint", CONFIG_TEXT,
        "ipc://${data_dir}/run/backup.sock", 0, 0, NULL, 0, "where this service answers"},
    {"backup.folder", "FORGE_BACKUP_DIR", "--folder", CONFIG_TEXT, "${data_dir}/backups", 0, 0,
        NULL, 0, "folder of the backups; best on another disk"},
    {"backup.min_free_mb", "FORGE_BACKUP_MIN_FREE_MB", "--min-free-mb", CONFIG_INTEGER, "128", 0,
        1 << 20, NULL, 0, "MiB that a backup must leave free on its disk"},
    {"backup.context_endpoint", "FORGE_CONTEXT_ENDPOINT", "--context-endpoint", CONFIG_TEXT,
        "ipc://${data_dir}/run/context.sock", 0, 0, NULL, 0, "where context-svc answers"},
    {"backup.metrics_endpoint", "FORGE_METRICS_ENDPOINT", "--metrics-endpoint", CONFIG_TEXT,
        "ipc://${data_dir}/run/metrics.sock", 0, 0, NULL, 0, "where metrics-svc answers"},
};

static int
run(const struct config *config, int signal_fd)
{
    char instance[PROGRAM_NAME_SIZE];
    program_instance(config, backup_actor.name, instance);
    struct backup_service_options options = {
        .endpoint = config_text(config, "backup.endpoint"),
        .instance = instance,
        .folder = config_text(config, "backup.folder"),
        .context_endpoint = config_text(config, "backup.context_endpoint"),
        .metrics_endpoint = config_text(config, "backup.metrics_endpoint"),
        .min_free_bytes = (uint64_t)config_integer(config, "backup.min_free_mb") << 20,
    };
    return rpc_actor_run_here(&backup_actor, &options, signal_fd);
}

int
main(int argc, char **argv)
{
    const struct program program = {
        .name = "backup-svc",
        .purpose = "keeps backups of the stores, proves them, and brings them back",
        .fields = fields,
        .field_count = sizeof fields / sizeof *fields,
        .run = run,
    };
    return program_run(&program, argc, argv);
}
