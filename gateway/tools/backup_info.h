/* backup_info: how the backup tools and forge_status show a backup. */
#pragma once

#include "backup.pb-c.h"

#include "common/json/writer.h"

/* Writes an object: id, state, times, sizes, note, problem. */
void backup_info_write(struct json_writer *writer, const Forge__BackupInfo *backup);
