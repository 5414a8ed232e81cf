/* metrics_settings: the settings of a metrics service, for its program and for the embedded one. */
#pragma once

#include "common/store/settings.h"
#include "metrics-svc/service.h"

#define METRICS_FIELDS                                                                             \
    {"metrics.store", "FORGE_METRICS_STORE", "--metrics-store", CONFIG_TEXT,                       \
        "${data_dir}/metrics", 0, 0, NULL, 0, "folder of the time series"},                        \
    {                                                                                              \
        "metrics.retention_hours", "FORGE_METRICS_RETENTION_HOURS", "--metrics-retention-hours",   \
            CONFIG_INTEGER, "48", 1, 8760, NULL, 0, "how long samples are kept, in hours"          \
    }

/* What the rows say; endpoint, instance and registry are the caller's to fill in. */
struct metrics_service_options metrics_settings_read(const struct config *config);
