/* backup-svc: keeps copies of the services' stores, and brings them back. */
#include "backup-svc/settings.h"
#include "common/process/program.h"

static const struct config_field fields[] = {
    PROGRAM_FIELDS,
    {"backup.endpoint", "FORGE_BACKUP_ENDPOINT", "--endpoint", CONFIG_TEXT,
        "ipc://${data_dir}/run/backup.sock", 0, 0, NULL, 0,
        "where calls are taken: ipc://PATH or tcp://ADDRESS:PORT"},
    {"context.endpoint", "FORGE_CONTEXT_ENDPOINT", "--context-endpoint", CONFIG_TEXT,
        "ipc://${data_dir}/run/context.sock", 0, 0, NULL, 0, "where context-svc answers"},
    {"metrics.endpoint", "FORGE_METRICS_ENDPOINT", "--metrics-endpoint", CONFIG_TEXT,
        "ipc://${data_dir}/run/metrics.sock", 0, 0, NULL, 0, "where metrics-svc answers"},
    BACKUP_FIELDS,
};

static int
run(const struct config *config, int signal_fd)
{
    char instance[PROGRAM_NAME_SIZE];
    program_instance(config, backup_actor.name, instance);
    struct backup_service_options options = backup_settings_read(config);
    options.endpoint = config_text(config, "backup.endpoint");
    options.instance = instance;
    options.context_endpoint = config_text(config, "context.endpoint");
    options.metrics_endpoint = config_text(config, "metrics.endpoint");
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
