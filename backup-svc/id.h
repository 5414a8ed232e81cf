/* id: a backup's name, its start in UTC and then chance: "20261124T073215Z-1a2b3c4d".
 *
 * Names sort by age. Only this form is read, so no name that came from outside reaches a path.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/text.h"

enum { BACKUP_ID_SIZE = 26 /* with its NUL */ };

struct backup_id {
    uint32_t seconds; /* since 1970 */
    uint32_t random;
};

struct backup_id backup_id_create(int64_t wall_ms);
void backup_id_format(struct backup_id self, char out[BACKUP_ID_SIZE]);
bool backup_id_parse(struct text text, struct backup_id *self);
/* < 0, 0, > 0: older, the same, newer. */
int backup_id_compare(struct backup_id a, struct backup_id b);
