/* metrics-svc: time series of every program. */
#include "common/process/program.h"
#include "metrics-svc/settings.h"

static const struct config_field fields[] = {
    PROGRAM_FIELDS,
    {"metrics.endpoint", "FORGE_METRICS_ENDPOINT", "--endpoint", CONFIG_TEXT,
        "ipc://${data_dir}/run/metrics.sock", 0, 0, NULL, 0,
        "where calls are taken: ipc://PATH or tcp://ADDRESS:PORT"},
    METRICS_FIELDS,
    STORE_FIELDS("2"),
};

static int
run(const struct config *config, int signal_fd)
{
    char instance[PROGRAM_NAME_SIZE];
    program_instance(config, metrics_service_actor.name, instance);
    struct metrics *metrics = metrics_create();
    struct metrics_service_options options = metrics_settings_read(config);
    options.endpoint = config_text(config, "metrics.endpoint");
    options.instance = instance;
    options.metrics = metrics;
    int code = rpc_actor_run_here(&metrics_service_actor, &options, signal_fd);
    metrics_destroy(&metrics);
    return code;
}

int
main(int argc, char **argv)
{
    const struct program program = {.name = "metrics-svc",
        .purpose = "keeps every program's numbers as time series",
        .fields = fields,
        .field_count = sizeof fields / sizeof *fields,
        .run = run};
    return program_run(&program, argc, argv);
}
