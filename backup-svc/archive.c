#include "backup-svc/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup-svc/archive_parts.h"
#include "common/base/memory.h"
#include "common/base/path.h"

enum { BROKEN_KEPT = 20 };

const char *
archive_folder(const struct archive *self)
{
    return self->folder;
}

/* Backups are flat folders of ours; a folder within one is not, and keeps it from being removed. */
static void
empty_folder(const char *path)
{
    DIR *stream = opendir(path);
    for (const struct dirent *entry; stream && (entry = readdir(stream)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(stream), entry->d_name, 0);
    if (stream)
        closedir(stream);
}

static void
drop_old_notes(struct archive *self)
{
    size_t count = 0, seen = 0;
    CLEANUP(memory_free) struct archive_found *list = archive_scan(self, &count);
    for (size_t i = 0; i < count; i++) {
        if (list[i].state != BACKUP_BROKEN || ++seen <= BROKEN_KEPT)
            continue;
        CLEANUP(memory_free) char *path = archive_path_of(self, list[i].id, BACKUP_BROKEN);
        empty_folder(path);
        rmdir(path);
    }
}

void
archive_break(struct archive *self, const struct manifest *manifest)
{
    CLEANUP(memory_free) char *partial = archive_path_of(self, manifest->id, BACKUP_RUNNING);
    CLEANUP(memory_free) char *broken = archive_path_of(self, manifest->id, BACKUP_BROKEN);
    empty_folder(partial);
    if (manifest_write(manifest, partial, "broken.json", NULL) != STATUS_OK)
        empty_folder(partial);
    if (rename(partial, broken))
        rmdir(partial);
    fsync(self->fd);
    drop_old_notes(self);
}

static unsigned
break_off_unfinished(struct archive *self)
{
    unsigned broken = 0;
    size_t count = 0;
    CLEANUP(memory_free) struct archive_found *list = archive_scan(self, &count);
    for (size_t i = 0; i < count; i++) {
        if (list[i].state != BACKUP_RUNNING)
            continue;
        struct manifest manifest = {
            .id = list[i].id,
            .started_at_ms = (int64_t)list[i].id.seconds * 1000,
            .problem = "the program ended during the run",
        };
        archive_break(self, &manifest);
        broken++;
    }
    return broken;
}

static enum status
refuse(const char *path, struct problem *problem)
{
    enum status status =
        errno == ENOSPC || errno == EDQUOT ? STATUS_RESOURCE_EXHAUSTED : STATUS_UNAVAILABLE;
    problem_set(problem, "%s: %s", path, strerror(errno));
    return status;
}

enum status
archive_open(
    const char *folder, struct archive **self_p, unsigned *broken_off, struct problem *problem)
{
    CLEANUP(archive_close) struct archive *self = memory_new(sizeof *self);
    self->folder = text_copy(text_of(folder));
    self->fd = path_make_folder(folder) ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (self->fd < 0) {
        problem_set(problem, "the backup folder %s cannot be had: %s", folder, strerror(errno));
        return STATUS_FAILED_PRECONDITION;
    }
    if (flock(self->fd, LOCK_EX | LOCK_NB)) {
        problem_set(problem, "the backup folder %s is in use by another process", folder);
        return STATUS_FAILED_PRECONDITION;
    }
    *broken_off = break_off_unfinished(self);
    *self_p = TAKE(self);
    return STATUS_OK;
}

void
archive_close(struct archive **self_p)
{
    struct archive *self = TAKE(*self_p);
    if (!self)
        return;
    if (self->fd >= 0)
        close(self->fd);
    free(self->folder);
    free(self);
}

enum status
archive_begin(struct archive *self, struct backup_id id, char **path, struct problem *problem)
{
    CLEANUP(memory_free) char *partial = archive_path_of(self, id, BACKUP_RUNNING);
    if (mkdir(partial, 0700))
        return refuse(partial, problem);
    *path = TAKE(partial);
    return STATUS_OK;
}

enum status
archive_complete(struct archive *self, const struct manifest *manifest, struct problem *problem)
{
    CLEANUP(memory_free) char *partial = archive_path_of(self, manifest->id, BACKUP_RUNNING);
    CLEANUP(memory_free) char *complete = archive_path_of(self, manifest->id, BACKUP_COMPLETE);
    enum status status = manifest_write(manifest, partial, "manifest.json", problem);
    if (status == STATUS_OK && (rename(partial, complete) || fsync(self->fd)))
        status = refuse(complete, problem);
    return status;
}
