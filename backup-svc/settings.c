#include "backup-svc/settings.h"

struct backup_service_options
backup_settings_read(const struct config *config)
{
    return (struct backup_service_options){
        .folder = config_text(config, "backup.folder"),
        .min_free_bytes = (uint64_t)config_integer(config, "backup.min_free_mb") << 20,
    };
}
