#include "backup-svc/info.h"

static Forge__BackupState
state_of(enum backup_state state)
{
    switch (state) {
    case BACKUP_RUNNING: return FORGE__BACKUP_STATE__RUNNING;
    case BACKUP_COMPLETE: return FORGE__BACKUP_STATE__COMPLETE;
    case BACKUP_BROKEN: return FORGE__BACKUP_STATE__BROKEN;
    }
    return FORGE__BACKUP_STATE__BACKUP_UNSET;
}

void
info_fill(struct info *self, struct backup_entry *entry)
{
    struct manifest *manifest = &entry->manifest;
    forge__backup_info__init(&self->message);
    backup_id_format(manifest->id, self->id);
    self->message.id = self->id;
    self->message.state = state_of(entry->state);
    self->message.started_at_ms = manifest->started_at_ms;
    self->message.finished_at_ms = manifest->finished_at_ms;
    self->message.bytes = entry->bytes;
    self->message.note = manifest->note;
    self->message.problem = entry->problem;
    if (entry->verification.good)
        self->message.verified_at_ms = entry->verification.at_ms;
    for (size_t i = 0; i < manifest->copy_count; i++) {
        struct manifest_copy *from = &manifest->copies[i];
        Forge__StoreCopy *copy = &self->copies[i];
        forge__store_copy__init(copy);
        copy->service = from->service;
        copy->sequence = from->summary.sequence;
        copy->records = from->summary.records;
        copy->bytes = from->summary.bytes;
        copy->format = from->summary.format;
        copy->sha256.data = from->summary.sha256;
        copy->sha256.len = sizeof from->summary.sha256;
        self->pointers[i] = copy;
    }
    self->message.stores = self->pointers;
    self->message.n_stores = manifest->copy_count;
}
