#include "context-svc/index/unreadable.h"

#include <inttypes.h>

enum status
index_unreadable(enum status cause, struct problem *problem, const char *what, uint64_t number)
{
    if (cause == STATUS_UNAVAILABLE) {
        problem_set(problem, "index: %s %" PRIu64 ": the disk could not be read", what, number);
        return STATUS_UNAVAILABLE;
    }
    problem_set(problem, "index: %s %" PRIu64 " is damaged; restore a backup", what, number);
    return STATUS_DATA_LOSS;
}
