/* mcp_server: the gateway, alone or with the three services inside (--embedded). */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/buffer.h"
#include "common/process/log.h"
#include "common/process/program.h"
#include "gateway/embedded.h"
#include "gateway/gateway.h"

static const struct config_field fields[] = {
    PROGRAM_FIELDS,
    {"listen.address", "FORGE_ADDRESS", "--address", CONFIG_TEXT, "127.0.0.1", 0, 0, NULL, 0,
        "loopback address of both ports"},
    {"listen.port", "FORGE_PORT", "--port", CONFIG_INTEGER, "8051", 1, 65535, NULL, 0,
        "port of MCP and probes"},
    {"listen.admin_port", "ARCHON_SERVER_PORT", "--admin-port", CONFIG_INTEGER, "8181", 1, 65535,
        NULL, 0, "port of the operators' API"},
    {"listen.hosts", "FORGE_HOSTS", "--hosts", CONFIG_LIST, "", 0, 0, NULL, 0,
        "host names that requests may carry; default: localhost, 127.0.0.1, [::1]"},
    {"listen.origins", "FORGE_ORIGINS", "--origins", CONFIG_LIST, "", 0, 0, NULL, 0,
        "web origins that browsers may come from, beside loopback's"},
    {"listen.connections", "FORGE_CONNECTIONS", "--connections", CONFIG_INTEGER, "4096", 1, 100000,
        NULL, 0, "open connections per loop and port"},
    {"gateway.loops", "MAX_WORKERS", "--workers", CONFIG_INTEGER, "0", 0, GATEWAY_LOOPS_MAX, NULL,
        0, "event loops; 0: one per core; clamped to max(cores, 4)"},
    {"gateway.timeout_ms", "FORGE_TIMEOUT_MS", "--timeout-ms", CONFIG_INTEGER, "10000", 100, 60000,
        NULL, 0, "ms that a call may take when the client names no limit"},
    {"gateway.coalescing", "FORGE_COALESCING", "--coalescing", CONFIG_BOOLEAN, "true", 0, 0, NULL,
        0, "join the calls of one loop turn into one message"},
    {"gateway.keys", "FORGE_KEYS", "--keys", CONFIG_TEXT, "${data_dir}/keys/sessions", 0, 0, NULL,
        0, "key ring that signs session ids; made when absent"},
    {"gateway.access_log", "FORGE_ACCESS_LOG", "--access-log", CONFIG_TEXT, "", 0, 0, NULL, 0,
        "access log file; default: none"},
    {"gateway.access_log_per_second", "FORGE_ACCESS_LOG_PER_SECOND", "--access-log-per-second",
        CONFIG_INTEGER, "100", 0, 1000000, NULL, 0,
        "lines per second and loop for successful requests; 0: all"},
    {"context.endpoint", "FORGE_CONTEXT_ENDPOINT", "--context-endpoint", CONFIG_TEXT,
        "ipc://${data_dir}/run/context.sock", 0, 0, NULL, 0, "where context-svc answers"},
    {"metrics.endpoint", "FORGE_METRICS_ENDPOINT", "--metrics-endpoint", CONFIG_TEXT,
        "ipc://${data_dir}/run/metrics.sock", 0, 0, NULL, 0, "where metrics-svc answers"},
    {"backup.endpoint", "FORGE_BACKUP_ENDPOINT", "--backup-endpoint", CONFIG_TEXT,
        "ipc://${data_dir}/run/backup.sock", 0, 0, NULL, 0, "where backup-svc answers"},
    EMBEDDED_FIELDS,
};

/* Until a listener can ask for tokens, only this host may reach it. */
static bool
is_loopback(const char *address)
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, address, &four) == 1)
        return (ntohl(four.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, address, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static unsigned
loop_count(const struct config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int64_t most = cores > 4 ? cores : 4;
    int64_t asked = config_integer(config, "gateway.loops");
    if (!asked)
        return (unsigned)(cores > GATEWAY_LOOPS_MAX ? GATEWAY_LOOPS_MAX : cores);
    if (asked > most)
        log_info("MAX_WORKERS is clamped asked=%lld used=%lld", (long long)asked, (long long)most);
    return (unsigned)(asked > most ? most : asked);
}

static const char *
none_if_empty(const char *text)
{
    return *text ? text : NULL;
}

static void
read_options(const struct config *config, struct gateway_options *options)
{
    *options = (struct gateway_options){
        .address = config_text(config, "listen.address"),
        .port = (uint16_t)config_integer(config, "listen.port"),
        .admin_address = config_text(config, "listen.address"),
        .admin_port = (uint16_t)config_integer(config, "listen.admin_port"),
        .loops = loop_count(config),
        .endpoints = {config_text(config, "context.endpoint"),
            config_text(config, "metrics.endpoint"), config_text(config, "backup.endpoint")},
        .key_file = config_text(config, "gateway.keys"),
        .access_log = none_if_empty(config_text(config, "gateway.access_log")),
        .access_log_per_second = (unsigned)config_integer(config, "gateway.access_log_per_second"),
        .connections_max = (unsigned)config_integer(config, "listen.connections"),
        .call_timeout_ms = (unsigned)config_integer(config, "gateway.timeout_ms"),
        .version = program_version(),
        .embedded = config_boolean(config, "embedded"),
        .coalescing = config_boolean(config, "gateway.coalescing"),
    };
    options->origin_count = config_list(config, "listen.origins", &options->origins);
    options->host_count = config_list(config, "listen.hosts", &options->hosts);
}

static int
serve(const struct config *config, struct gateway_options *options, int signal_fd)
{
    struct problem problem = {""};
    struct embedded *services = NULL;
    struct gateway *gateway = NULL;
    enum status status = STATUS_OK;
    if (options->embedded)
        status = embedded_start(config, options->endpoints, &services, &problem);
    if (status == STATUS_OK)
        status = gateway_create(options, &gateway, &problem);
    if (status == STATUS_OK)
        gateway_run(gateway, signal_fd);
    else
        log_error("Gateway cannot start: %s", problem.text);
    gateway_destroy(&gateway);
    embedded_stop(&services);
    return status == STATUS_OK ? EXIT_OK : EXIT_UNAVAILABLE;
}

static int
run(const struct config *config, int signal_fd)
{
    struct gateway_options options;
    read_options(config, &options);
    char instance[PROGRAM_NAME_SIZE];
    program_instance(config, "mcp_server", instance);
    options.instance = instance;
    if (!is_loopback(options.address)) {
        log_error("Address %s is not loopback: this gateway has no tokens, so it serves this host "
                  "alone; set listen.address to 127.0.0.1 or ::1",
            options.address);
        return EXIT_CONFIG;
    }
    return serve(config, &options, signal_fd);
}

int
main(int argc, char **argv)
{
    static const struct program program = {
        .name = "mcp_server",
        .purpose = "The HTTP and MCP gateway of context-forge.",
        .fields = fields,
        .field_count = sizeof fields / sizeof *fields,
        .run = run,
    };
    return program_run(&program, argc, argv);
}
