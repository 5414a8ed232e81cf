#include "backup-svc/claim.h"

bool
claim_take(struct claim *self, enum work_kind kind, struct backup_id id, struct problem *problem)
{
    static const char *const words[] = {
        [WORK_NONE] = "",
        [WORK_RUN] = "being made",
        [WORK_VERIFICATION] = "being verified",
        [WORK_RESTORE] = "being restored",
    };
    uint32_t holder = WORK_NONE;
    if (atomic_compare_exchange_strong(&self->kind, &holder, kind)) {
        atomic_store(&self->id, (uint64_t)id.seconds << 32 | id.random);
        return true;
    }
    uint64_t packed = atomic_load(&self->id);
    char name[BACKUP_ID_SIZE];
    backup_id_format((struct backup_id){(uint32_t)(packed >> 32), (uint32_t)packed}, name);
    problem_set(
        problem, "backup %s is %s; wait for its end, which backup list shows", name, words[holder]);
    return false;
}

void
claim_release(struct claim *self)
{
    atomic_store(&self->kind, WORK_NONE);
}
