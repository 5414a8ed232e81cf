#include "gateway/tools/backup_info.h"

#include "gateway/tools/entry.h"

static const char *
state_name(Forge__BackupState state)
{
    switch (state) {
    case FORGE__BACKUP_STATE__RUNNING: return "running";
    case FORGE__BACKUP_STATE__COMPLETE: return "complete";
    case FORGE__BACKUP_STATE__BROKEN: return "broken";
    default: return "unknown";
    }
}

static void
write_stores(struct json_writer *writer, const Forge__BackupInfo *backup)
{
    json_write_key(writer, "stores");
    json_write_array_begin(writer);
    for (size_t i = 0; i < backup->n_stores; i++) {
        const Forge__StoreCopy *store = backup->stores[i];
        json_write_object_begin(writer);
        entry_write_string(writer, "service", store->service);
        json_write_key(writer, "records");
        json_write_unsigned(writer, store->records);
        json_write_key(writer, "bytes");
        json_write_unsigned(writer, store->bytes);
        json_write_key(writer, "sequence");
        json_write_unsigned(writer, store->sequence);
        json_write_object_end(writer);
    }
    json_write_array_end(writer);
}

void
backup_info_write(struct json_writer *writer, const Forge__BackupInfo *backup)
{
    json_write_object_begin(writer);
    entry_write_string(writer, "id", backup->id);
    json_write_key(writer, "state");
    json_write_string(writer, state_name(backup->state));
    entry_write_time(writer, "started_at", backup->started_at_ms);
    entry_write_time(writer, "finished_at", backup->finished_at_ms);
    entry_write_time(writer, "verified_at", backup->verified_at_ms);
    json_write_key(writer, "bytes");
    json_write_unsigned(writer, backup->bytes);
    if (backup->n_stores)
        write_stores(writer, backup);
    entry_write_string(writer, "note", backup->note);
    entry_write_string(writer, "problem", backup->problem);
    json_write_object_end(writer);
}
