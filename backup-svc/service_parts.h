/* What service.c and handlers.c share. */
#pragma once

#include "backup.pb-c.h"
#include "health.pb-c.h"

#include "backup-svc/service.h"
#include "backup-svc/work.h"
#include "common/process/metrics.h"

/* The state of every worker: nothing here changes but through atomics. */
struct backup_workshop {
    struct work work;
    struct metrics *metrics;
    struct metrics_counter *runs_good, *runs_failed;
    struct metrics_counter *verifications_good, *verifications_failed;
    struct metrics_counter *restores_good, *restores_failed;
    struct metrics_gauge *last_success, *last_bytes, *last_seconds;
};

extern const Forge__Backup_Service backup_handlers;
extern const Forge__Health_Service backup_health_handlers;
