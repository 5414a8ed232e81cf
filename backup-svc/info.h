/* info: a backup as the contract shows it. */
#pragma once

#include "backup.pb-c.h"

#include "backup-svc/archive.h"

/* A BackupInfo and what it points at. Filled in place: do not move it. */
struct info {
    Forge__BackupInfo message;
    Forge__StoreCopy copies[MANIFEST_COPIES_MAX];
    Forge__StoreCopy *pointers[MANIFEST_COPIES_MAX];
    char id[BACKUP_ID_SIZE];
};

/* Borrows the entry, which must stay as it is while the info is used. */
void info_fill(struct info *self, struct backup_entry *entry);
