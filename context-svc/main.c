/* context-svc: the program around one context_service. */
#include <stdio.h>
#include <unistd.h>

#include "common/process/log.h"
#include "common/process/program.h"
#include "context-svc/service.h"

enum { READERS_MAX = 4, MIB = 1024 * 1024 };

static const struct config_field fields[] = {
    PROGRAM_FIELDS,
    {"context.endpoint", "FORGE_CONTEXT_ENDPOINT", "--endpoint", CONFIG_TEXT,
        "ipc://${data_dir}/run/context.sock", 0, 0, NULL, 0,
        "where calls are taken: ipc://PATH or tcp://ADDRESS:PORT"},
    {"context.store", "FORGE_CONTEXT_STORE", "--store", CONFIG_TEXT, "${data_dir}/context", 0, 0,
        NULL, 0, "folder of the store"},
    {"context.readers", "THREAD_POOL_SIZE", "--readers", CONFIG_INTEGER, "0", 0, 1024, NULL, 0,
        "search threads, at most one a core and 4; 0: as many as that"},
    {"context.metrics_endpoint", "FORGE_METRICS_ENDPOINT", "--metrics-endpoint", CONFIG_TEXT,
        "ipc://${data_dir}/run/metrics.sock", 0, 0, NULL, 0,
        "where this program's numbers go; empty: nowhere"},
    {"store.require_existing", "FORGE_STORE_REQUIRE_EXISTING", "--require-existing", CONFIG_BOOLEAN,
        "false", 0, 0, NULL, 0,
        "refuse to start with an empty store folder, which a missing mount looks like"},
    {"store.cache_mb", "FORGE_STORE_CACHE_MB", "--store-cache-mb", CONFIG_INTEGER, "8", 1, 4096,
        NULL, 0, "MiB of blocks that the store keeps in memory"},
    {"store.min_free_mb", "FORGE_STORE_MIN_FREE_MB", "--store-min-free-mb", CONFIG_INTEGER, "64", 1,
        1048576, NULL, 0, "MiB of free disk below which writes are refused"},
};

static unsigned
readers_of(const struct config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int64_t most = cores < 1 ? 1 : cores > READERS_MAX ? READERS_MAX : cores;
    int64_t wanted = config_integer(config, "context.readers");
    if (wanted > most)
        log_warn(
            "Search threads limited wanted=%lld used=%lld", (long long)wanted, (long long)most);
    return (unsigned)(wanted && wanted < most ? wanted : most);
}

static int
run(const struct config *config, int signal_fd)
{
    char instance[PROGRAM_NAME_SIZE];
    program_instance(config, "context-svc", instance);
    const struct context_service_options options = {
        .endpoint = config_text(config, "context.endpoint"),
        .instance = instance,
        .engine = STORE_LEVELDB,
        .store_path = config_text(config, "context.store"),
        .require_existing = config_boolean(config, "store.require_existing"),
        .cache_bytes = (size_t)config_integer(config, "store.cache_mb") * MIB,
        .min_free_bytes = (uint64_t)config_integer(config, "store.min_free_mb") * MIB,
        .readers = readers_of(config),
        .metrics_endpoint = config_text(config, "context.metrics_endpoint")};
    return rpc_actor_run_here(&context_actor, &options, signal_fd);
}

int
main(int argc, char **argv)
{
    static const struct program program = {.name = "context-svc",
        .purpose = "keeps and finds what a team's assistants have learnt",
        .fields = fields,
        .field_count = sizeof fields / sizeof fields[0],
        .run = run};
    return program_run(&program, argc, argv);
}
