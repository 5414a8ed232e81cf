/* unreadable: the one way to say that a record of the index could not be read. */
#pragma once

#include <stdint.h>

#include "common/base/problem.h"
#include "common/base/status.h"

/* UNAVAILABLE when that was the cause (the disk), else DATA_LOSS. `what` names the record, `number`
 * which one. */
enum status index_unreadable(
    enum status cause, struct problem *problem, const char *what, uint64_t number);
