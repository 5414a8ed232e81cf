/* store_settings: the settings of a service that owns a store, the same for each of them. */
#pragma once

#include "common/process/config.h"

/* Rows for the table of a program. */
#define STORE_FIELDS(cache_mb)                                                                     \
    {"store.require_existing", "FORGE_STORE_REQUIRE_EXISTING", "--require-existing",               \
        CONFIG_BOOLEAN, "false", 0, 0, NULL, 0,                                                    \
        "refuse to start with an empty store folder, which a missing mount looks like"},           \
        {"store.cache_mb", "FORGE_STORE_CACHE_MB", "--store-cache-mb", CONFIG_INTEGER, cache_mb,   \
            1, 4096, NULL, 0, "MiB of blocks that a store keeps in memory"},                       \
    {                                                                                              \
        "store.min_free_mb", "FORGE_STORE_MIN_FREE_MB", "--store-min-free-mb", CONFIG_INTEGER,     \
            "64", 1, 1048576, NULL, 0, "MiB of free disk below which writes are refused"           \
    }

/* Their values. */
#define STORE_SETTINGS(config)                                                                     \
    .engine = STORE_LEVELDB, .require_existing = config_boolean(config, "store.require_existing"), \
    .cache_bytes = (size_t)config_integer(config, "store.cache_mb") << 20,                         \
    .min_free_bytes = (uint64_t)config_integer(config, "store.min_free_mb") << 20
