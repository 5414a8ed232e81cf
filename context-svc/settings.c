#include "context-svc/settings.h"

#include <unistd.h>

#include "common/process/log.h"

enum { READERS_MAX = 4 };

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

struct context_service_options
context_settings_read(const struct config *config)
{
    return (struct context_service_options){
        STORE_SETTINGS(config),
        .store_path = config_text(config, "context.store"),
        .readers = readers_of(config),
    };
}
