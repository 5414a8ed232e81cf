#include "metrics-svc/settings.h"

struct metrics_service_options
metrics_settings_read(const struct config *config)
{
    return (struct metrics_service_options){
        STORE_SETTINGS(config),
        .store_path = config_text(config, "metrics.store"),
        .retention_hours = (uint32_t)config_integer(config, "metrics.retention_hours"),
    };
}
