/* backup_settings: the settings of a backup service, for its program and for the embedded one. */
#pragma once

#include "backup-svc/service.h"
#include "common/process/config.h"

#define BACKUP_FIELDS                                                                              \
    {"backup.folder", "FORGE_BACKUP_DIR", "--backup-folder", CONFIG_TEXT, "${data_dir}/backups",   \
        0, 0, NULL, 0, "folder of the backups; best on another disk"},                             \
    {                                                                                              \
        "backup.min_free_mb", "FORGE_BACKUP_MIN_FREE_MB", "--backup-min-free-mb", CONFIG_INTEGER,  \
            "128", 0, 1 << 20, NULL, 0, "MiB that a backup must leave free on its disk"            \
    }

/* What the rows say; endpoints and instance are the caller's to fill in. */
struct backup_service_options backup_settings_read(const struct config *config);
