/* What archive.c and archive_list.c share. */
#pragma once

#include "backup-svc/archive.h"

struct archive {
    char *folder;
    int fd;
};

/* One folder of the archive, before its files are looked at. */
struct archive_found {
    struct backup_id id;
    enum backup_state state;
};

/* All of them, newest first; for free(). */
struct archive_found *archive_scan(const struct archive *self, size_t *count);
/* For free(). */
char *archive_path_of(const struct archive *self, struct backup_id id, enum backup_state state);
