/* context_settings: the settings of a context service, for its program and for the embedded one. */
#pragma once

#include "common/store/settings.h"
#include "context-svc/service.h"

#define CONTEXT_FIELDS                                                                             \
    {"context.store", "FORGE_CONTEXT_STORE", "--context-store", CONFIG_TEXT,                       \
        "${data_dir}/context", 0, 0, NULL, 0, "folder of the contexts' store"},                    \
    {                                                                                              \
        "context.readers", "THREAD_POOL_SIZE", "--readers", CONFIG_INTEGER, "0", 0, 1024, NULL, 0, \
            "search threads, at most one a core and 4; 0: as many as that"                         \
    }

/* What the rows say; endpoints and instance are the caller's to fill in. */
struct context_service_options context_settings_read(const struct config *config);
