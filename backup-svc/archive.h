/* archive: the folder of backups, and which of them stand in which state.
 *
 *     <id>.partial/   being written; of an earlier life of the program: broken off
 *     <id>.broken/    came to nothing; broken.json says why, and nothing else is left of it
 *     <id>/           complete: manifest.json, one .records file per store, verified.json
 *
 * One process owns the folder (flock). Its threads may list and read at any time; one of them at a
 * time begins, completes and breaks.
 */
#pragma once

#include <stddef.h>

#include "backup-svc/id.h"
#include "backup-svc/manifest.h"
#include "common/base/attributes.h"
#include "common/base/problem.h"
#include "common/base/status.h"

struct archive;

enum backup_state { BACKUP_RUNNING, BACKUP_COMPLETE, BACKUP_BROKEN };

/* What a list shows of one backup. */
struct backup_entry {
    enum backup_state state;
    struct manifest manifest; /* id and started_at_ms always; the rest where it could be read */
    struct verification verification; /* at_ms 0: none */
    uint64_t bytes;                   /* on disk */
    char problem[256];                /* "" when all is well */
};

/* Makes the folder (0700), locks it, and turns what an earlier life left unfinished into broken
 * backups; *broken_off is their number. FAILED_PRECONDITION: the folder cannot be had. */
enum status archive_open(const char *folder, struct archive **self_p, unsigned *broken_off,
    struct problem *problem) MUST_CHECK;
void archive_close(struct archive **self_p);

const char *archive_folder(const struct archive *self);

/* Newest first; at most `max`. Returns how many. */
size_t archive_list(const struct archive *self, struct backup_entry *entries, size_t max);
/* NOT_FOUND: there is none of that id. */
enum status archive_find(const struct archive *self, struct backup_id id,
    struct backup_entry *entry, struct problem *problem) MUST_CHECK;
/* The newest complete one. NOT_FOUND: there is none. */
enum status archive_newest(
    const struct archive *self, struct backup_id *id, struct problem *problem) MUST_CHECK;

/* Path of a complete backup's folder; free with free(). */
char *archive_path(const struct archive *self, struct backup_id id);

/* Makes <id>.partial; *path is for free(). */
enum status archive_begin(
    struct archive *self, struct backup_id id, char **path, struct problem *problem) MUST_CHECK;
/* Writes the manifest, and gives the folder its name. */
enum status archive_complete(
    struct archive *self, const struct manifest *manifest, struct problem *problem) MUST_CHECK;
/* Removes what was written and leaves a note of manifest->problem; of the notes, the newest 20
 * stay. Best effort: on a disk that cannot be written it removes what it can. */
void archive_break(struct archive *self, const struct manifest *manifest);
