/* metrics-svc: time series of every program. */
#include "common/base/memory.h"
#include "common/process/program.h"
#include "metrics-svc/service.h"

static const struct config_field fields[] = {
    PROGRAM_FIELDS,
    {"metrics.endpoint", "FORGE_METRICS_ENDPOINT", "--metrics-endpoint", CONFIG_TEXT,
        "ipc://${data_dir}/run/metrics.sock", 0, 0, NULL, 0,
        "where metrics-svc answers: ipc://PATH, tcp://HOST:PORT"},
    {"metrics.store", "FORGE_METRICS_STORE", "--metrics-store", CONFIG_TEXT, "${data_dir}/metrics",
        0, 0, NULL, 0, "folder of the time series"},
    {"metrics.retention_hours", "FORGE_METRICS_RETENTION_HOURS", "--metrics-retention-hours",
        CONFIG_INTEGER, "48", 1, 8760, NULL, 0, "how long samples are kept, in hours"},
    {"store.require_existing", "FORGE_STORE_REQUIRE_EXISTING", "--store-require-existing",
        CONFIG_BOOLEAN, "false", 0, 0, NULL, 0, "refuse to begin with an empty store"},
    {"store.cache_mb", "FORGE_STORE_CACHE_MB", "--store-cache-mb", CONFIG_INTEGER, "2", 1, 1024,
        NULL, 0, "memory for the store's block cache, in MiB"},
    {"store.min_free_mb", "FORGE_STORE_MIN_FREE_MB", "--store-min-free-mb", CONFIG_INTEGER, "64", 1,
        1048576, NULL, 0, "disk space under which nothing is written any more, in MiB"},
};

static int
run(const struct config *config, int signal_fd)
{
    char instance[PROGRAM_NAME_SIZE];
    program_instance(config, "metrics-svc", instance);
    struct metrics *metrics = metrics_create();
    const struct metrics_service_options options = {
        .endpoint = config_text(config, "metrics.endpoint"),
        .instance = instance,
        .engine = STORE_LEVELDB,
        .store_path = config_text(config, "metrics.store"),
        .require_existing = config_boolean(config, "store.require_existing"),
        .cache_bytes = (size_t)config_integer(config, "store.cache_mb") << 20,
        .min_free_bytes = (uint64_t)config_integer(config, "store.min_free_mb") << 20,
        .retention_hours = (uint32_t)config_integer(config, "metrics.retention_hours"),
        .metrics = metrics};
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
