/* context-svc: the program around one context_service. */
#include "common/process/program.h"
#include "context-svc/settings.h"

static const struct config_field fields[] = {
    PROGRAM_FIELDS,
    {"context.endpoint", "FORGE_CONTEXT_ENDPOINT", "--endpoint", CONFIG_TEXT,
        "ipc://${data_dir}/run/context.sock", 0, 0, NULL, 0,
        "where calls are taken: ipc://PATH or tcp://ADDRESS:PORT"},
    {"metrics.endpoint", "FORGE_METRICS_ENDPOINT", "--metrics-endpoint", CONFIG_TEXT,
        "ipc://${data_dir}/run/metrics.sock", 0, 0, NULL, 0,
        "where this program's numbers go; empty: nowhere"},
    CONTEXT_FIELDS,
    STORE_FIELDS("8"),
};

static int
run(const struct config *config, int signal_fd)
{
    char instance[PROGRAM_NAME_SIZE];
    program_instance(config, context_actor.name, instance);
    struct context_service_options options = context_settings_read(config);
    options.endpoint = config_text(config, "context.endpoint");
    options.instance = instance;
    options.metrics_endpoint = config_text(config, "metrics.endpoint");
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
