#include "backup-svc/id.h"

#include <stdio.h>
#include <time.h>

#include "common/base/uuid.h"

struct backup_id
backup_id_create(int64_t wall_ms)
{
    struct backup_id self = {.seconds = (uint32_t)(wall_ms / 1000)};
    uuid_random(&self.random, sizeof self.random);
    return self;
}

void
backup_id_format(struct backup_id self, char out[BACKUP_ID_SIZE])
{
    time_t seconds = self.seconds;
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t length = strftime(out, BACKUP_ID_SIZE, "%Y%m%dT%H%M%SZ", &parts);
    snprintf(out + length, BACKUP_ID_SIZE - length, "-%08x", (unsigned)self.random);
}

/* Reads loosely, and then asks that writing gives the same text again. */
bool
backup_id_parse(struct text text, struct backup_id *self)
{
    char copy[BACKUP_ID_SIZE] = "", again[BACKUP_ID_SIZE] = "";
    if (text.length != BACKUP_ID_SIZE - 1)
        return false;
    memcpy(copy, text.data, text.length);
    struct tm parts = {0};
    const char *rest = strptime(copy, "%Y%m%dT%H%M%SZ-", &parts);
    unsigned random = 0;
    if (!rest)
        return false;
    for (; *rest; rest++) {
        unsigned digit = *rest >= '0' && *rest <= '9'   ? (unsigned)(*rest - '0')
                         : *rest >= 'a' && *rest <= 'f' ? (unsigned)(*rest - 'a') + 10
                                                        : 16;
        if (digit == 16)
            return false;
        random = random << 4 | digit;
    }
    struct backup_id read = {.seconds = (uint32_t)timegm(&parts), .random = random};
    backup_id_format(read, again);
    if (!text_is(text, again))
        return false;
    *self = read;
    return true;
}

int
backup_id_compare(struct backup_id a, struct backup_id b)
{
    if (a.seconds != b.seconds)
        return a.seconds < b.seconds ? -1 : 1;
    return (a.random > b.random) - (a.random < b.random);
}
